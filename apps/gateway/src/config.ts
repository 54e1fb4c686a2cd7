import { dataKeySettings, flag, logLevel, readBy, readConfig, redisUrl, requireDataKey, wholeNumber } from '@onhook/service';
import { readDurability } from '@onhook/store';
import type { Agent } from '@onhook/contracts';
import { readAllowedNetworks } from '@onhook/outbound';
import { z } from 'zod';
import { secretNames, transferringAgents } from './tools/prepare-tools.js';

const mustBeWebSocketUrl = ({ input }: { input?: unknown }): string =>
  input === undefined ? 'is required' : 'must be a ws:// or wss:// URL';

const configSchema = z.object({
  ...dataKeySettings,
  REDIS_URL: redisUrl,
  /** What this Redis may forget is said aloud: `strong`, or the names of the weaknesses that are accepted (docs/redis.md). */
  DURABILITY: readBy(readDurability).default([]),
  ONHOOK_PREFIX: z.string().min(1).default('onhook'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3_001),
  /** Where `/metrics` is served, at a door of its own; 0: any free port. Not set: nowhere. */
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  LOG_LEVEL: logLevel,
  /** The URL of our media path as the carrier sees it, and signs it. */
  MEDIA_PUBLIC_URL: z.url({ protocol: /^wss?$/, error: mustBeWebSocketUrl }),
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_API_BASE_URL: z.url().optional(),
  STREAM_TOKEN_SECRET: z.string().min(16, 'must have at least 16 characters'),
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_REALTIME_URL: z.url({ protocol: /^wss?$/, error: mustBeWebSocketUrl }).default('wss://api.openai.com/v1/realtime'),
  /** What the agent's socket carries: µ-law as the telephone has it, or linear PCM of 24 kHz for a provider that knows no µ-law. */
  OPENAI_AUDIO: z.enum(['pcmu', 'pcm'], { error: 'must be pcmu or pcm' }).default('pcmu'),
  AGENTS_DIR: z.string().min(1),
  RECORDINGS_DIR: z.string().min(1),
  /** How many calls the dialer may give to this process. */
  SEATS: wholeNumber(1, 10_000).default(200),
  /**
   * All of an orderly stop, live calls included. Of it the last fourteen seconds belong to the calls that are left: eight to say
   * goodbye, six to be cut off.
   */
  STOP_WITHIN_MS: wholeNumber(1_000, 3_600_000).default(90_000),
  /** How long a stopping gateway still takes streams of calls that ring; not set: for as long as one of them may ring, and ten seconds. */
  DRAIN_ACCEPT_MS: wholeNumber(0, 3_600_000).optional(),
  /** Above this share of its one thread the process takes no more calls; 100: always some. */
  MAX_LOOP_UTILISATION_PERCENT: wholeNumber(1, 100).default(85),
  /** Nor while its timers are so late. */
  MAX_LOOP_LAG_MS: wholeNumber(1, 60_000).default(150),
  STREAM_START_WITHIN_MS: wholeNumber(100, 60_000).default(5_000),
  AGENT_READY_WITHIN_MS: wholeNumber(100, 60_000).default(5_000),
  /** Nobody speaks: the agent asks whether somebody is there, so often at most; then the call ends. 0: it does not ask. */
  SILENCE_PROMPT_AFTER_MS: wholeNumber(0, 3_600_000).default(10_000),
  SILENCE_PROMPTS: wholeNumber(0, 10).default(2),
  SILENCE_ENDS_AFTER_MS: wholeNumber(1_000, 3_600_000).default(30_000),
  /** An agent that owes an answer and says nothing: its session is replaced. */
  AGENT_SILENT_AFTER_MS: wholeNumber(1_000, 3_600_000).default(15_000),
  /** So long before the longest duration the agent says that the time is nearly up; 0: it does not. */
  WARN_BEFORE_END_MS: wholeNumber(0, 3_600_000).default(60_000),
  MEDIA_LOST_AFTER_MS: wholeNumber(500, 60_000).default(8_000),
  /** From asking for the end to closing the sockets ourselves, whatever others do. */
  END_FUSE_MS: wholeNumber(100, 60_000).default(3_000),
  /** Between the moment at which the farewell's last mark should come back and giving up on it. */
  GOODBYE_SLACK_MS: wholeNumber(100, 60_000).default(2_000),
  /** From asking the agent for a farewell to its first audio. */
  GOODBYE_NO_AUDIO_MS: wholeNumber(100, 60_000).default(5_000),
  /** From the last news of the farewell's generation to going on without its end. */
  GOODBYE_QUIET_MS: wholeNumber(100, 60_000).default(7_000),
  /** How long a media lease lasts without being renewed; the hangup workers' setting of the same name must be the same. */
  OWNER_LEASE_MS: wholeNumber(1_000, 120_000).default(6_000),
  /** How much of the callee's audio goes to the agent in one message, in ms; adaptive: 20, and more as this process fills up. */
  AGENT_APPEND_MS: z
    .enum(['adaptive', '20', '60', '100'], { error: 'must be adaptive, 20, 60 or 100' })
    .transform((setting) => (setting === 'adaptive' ? setting : (Number(setting) as 20 | 60 | 100)))
    .default('adaptive'),
  /** Every call is recorded, both sides. */
  RECORD_CALLS: flag().default(true),
  /** The callee cannot speak into the greeting, which says that a machine is calling. */
  PROTECT_GREETING: flag().default(true),
  /** Where the carrier reaches the api: for transfers. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be the http(s) URL under which the carrier reaches the api' })
    .optional(),
  /** What the agents' HTTP tools may reach although it is not public: addresses and networks (10.1.0.0/16), commas between. */
  HTTP_TOOLS_ALLOWED_NETWORKS: z
    .string()
    .transform((list) => list.split(',').map((network) => network.trim()))
    .transform((networks, context) => {
      try {
        return readAllowedNetworks(networks);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be addresses or networks like 10.1.0.0/16, with commas between' });
        return z.NEVER;
      }
    })
    .default([]),
  /** What a callee hears when the agent is lost for good: a WAV file, µ-law, 8000 Hz, mono. English is built in. */
  APOLOGY_AUDIO: z.string().min(1).optional(),
});

export type GatewayConfig = z.output<typeof configSchema>;

/**
 * What the agents' files ask for besides: the secrets of their tools, and where the carrier reaches us if they transfer calls.
 *
 * @throws ConfigError that names every mistake at once
 */
export function readToolSecrets(env: NodeJS.ProcessEnv, agents: ReadonlyMap<string, Agent>): Readonly<Record<string, string>> {
  const secret = z
    .string('is named by the tool of an agent and is not set')
    .regex(/^[\x20-\x7e]+$/, 'must be printable, on one line');
  const shape = Object.fromEntries(secretNames(agents).map((name) => [name, secret]));
  const [transfers] = transferringAgents(agents);
  const PUBLIC_URL = z.string(`is needed: agent "${transfers}" transfers calls`);
  const { PUBLIC_URL: _, ...secrets } = readConfig(z.object({ ...shape, ...(transfers !== undefined && { PUBLIC_URL }) }), env);
  return secrets;
}

/** @throws ConfigError that names every mistake at once */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  return requireDataKey(readConfig(configSchema, env));
}
