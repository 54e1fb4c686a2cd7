import { flag, logLevel, readConfig, wholeNumber } from '@onhook/service';
import { z } from 'zod';

const mustBeWebSocketUrl = ({ input }: { input?: unknown }): string =>
  input === undefined ? 'is required' : 'must be a ws:// or wss:// URL';

const configSchema = z.object({
  REDIS_URL: z.string().min(1),
  ONHOOK_PREFIX: z.string().min(1).default('onhook'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3_001),
  LOG_LEVEL: logLevel,
  /** The URL of our media path as the carrier sees it, and signs it. */
  MEDIA_PUBLIC_URL: z.url({ protocol: /^wss?$/, error: mustBeWebSocketUrl }),
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_API_BASE_URL: z.url().optional(),
  STREAM_TOKEN_SECRET: z.string().min(16, 'must have at least 16 characters'),
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_REALTIME_URL: z.url({ protocol: /^wss?$/, error: mustBeWebSocketUrl }).default('wss://api.openai.com/v1/realtime'),
  AGENTS_DIR: z.string().min(1),
  RECORDINGS_DIR: z.string().min(1),
  /** How many calls the dialer may give to this process. */
  SEATS: wholeNumber(1, 10_000).default(200),
  /** All of an orderly stop, live calls included. The last six seconds belong to ending those that are left. */
  STOP_WITHIN_MS: wholeNumber(1_000, 3_600_000).default(10_000),
  STREAM_START_WITHIN_MS: wholeNumber(100, 60_000).default(5_000),
  AGENT_READY_WITHIN_MS: wholeNumber(100, 60_000).default(5_000),
  SILENCE_ENDS_AFTER_MS: wholeNumber(1_000, 3_600_000).default(30_000),
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
  /** The callee cannot speak into the greeting, which says that a machine is calling. */
  PROTECT_GREETING: flag().default(true),
});

export type GatewayConfig = z.output<typeof configSchema>;

/** @throws ConfigError that names every mistake at once */
export function readGatewayConfig(env: NodeJS.ProcessEnv): GatewayConfig {
  return readConfig(configSchema, env);
}
