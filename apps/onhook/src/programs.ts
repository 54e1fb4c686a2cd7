import path from 'node:path';
import type { LauncherConfig } from './config.js';
import type { Credentials } from './credentials.js';
import type { ProgramName } from './house.js';

export interface ProgramSpec<Name extends string = string> {
  readonly name: Name;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** What an orderly stop may take before the launcher kills it. */
  readonly stopWithinMs: number;
}

export interface Ports {
  readonly api: number;
  readonly gateway: number;
  readonly simulator: number;
  readonly agent: number;
}

export interface Plan {
  readonly simulator: ProgramSpec<ProgramName> | undefined;
  readonly apps: readonly ProgramSpec<ProgramName>[];
  readonly fromNumbers: readonly string[];
  readonly apiKey: string;
  readonly recordingsDir: string;
  readonly ledgerDir: string;
  readonly logsDir: string;
}

/** Twilio's own test number: it can never be a person's. */
const SIMULATED_FROM = '+15005550006';
/** Apps, then the simulator, then Redis (3 s): below the 15 s that a whole stop may take. */
const APPS_STOP_WITHIN_MS = 8_000;
const SIMULATOR_STOPS_WITHIN_MS = 3_000;
/** What each is told is a little less, so that it can say itself why it took too long. */
const MARGIN_MS = 800;
/** The usual deadlines times this, so that a busy machine does not fail a demonstration. What the user sets wins. */
const demoDeadlines = (patience: number): NodeJS.ProcessEnv => ({
  STREAM_START_WITHIN_MS: String(5_000 * patience),
  AGENT_READY_WITHIN_MS: String(5_000 * patience),
  MEDIA_LOST_AFTER_MS: String(8_000 * patience),
  SILENCE_PROMPT_AFTER_MS: String(10_000 * patience),
  SILENCE_ENDS_AFTER_MS: String(30_000 * patience),
  AGENT_SILENT_AFTER_MS: String(15_000 * patience),
  MAX_LOOP_LAG_MS: String(150 * patience),
  END_FUSE_MS: String(3_000 * patience),
  GOODBYE_SLACK_MS: String(2_000 * patience),
  GOODBYE_NO_AUDIO_MS: String(5_000 * patience),
  GOODBYE_QUIET_MS: String(7_000 * patience),
  OWNER_LEASE_MS: String(6_000 * patience),
});
/** A user's real keys are no business of a simulated provider. */
const FOR_REAL_ACCOUNTS = [
  'OPENAI_API_KEY',
  'REDIS_URL',
  'API_KEYS',
  'STREAM_TOKEN_SECRET',
  'DATA_KEY',
  'PUBLIC_URL',
  'MEDIA_PUBLIC_URL',
];

export interface PlanInput {
  readonly root: string;
  readonly dir: string;
  readonly node: string;
  readonly ports: Ports;
  readonly config: LauncherConfig;
  readonly credentials: Credentials;
  readonly redisUrl: string;
  readonly redisPrefix: string;
  /** The user's environment: PATH, proxies, and settings of the apps that the launcher does not know. */
  readonly env: NodeJS.ProcessEnv;
  /** Stretches the deadlines of a simulated house; 1 = as in production. */
  readonly patience: number;
}

/** Which processes there are and what each is told. Pure: nothing is started. */
export function planPrograms({
  root,
  dir,
  node,
  ports,
  config,
  credentials,
  redisUrl,
  redisPrefix,
  env,
  patience,
}: PlanInput): Plan {
  const { real } = config;
  const local = (port: number, scheme = 'http'): string => `${scheme}://127.0.0.1:${port}`;
  const logsDir = path.join(dir, 'logs');
  const ledgerDir = path.join(dir, 'ledger');
  const recordingsDir = path.resolve(root, config.RECORDINGS_DIR ?? path.join(dir, 'recordings'));
  const apiKeys = config.API_KEYS ?? credentials.apiKey;
  const fromNumbers = real ? real.FROM_NUMBERS.split(',').map((number) => number.trim()) : [SIMULATED_FROM];

  const common = { ...env, HOST: '127.0.0.1', LOG_LEVEL: config.LOG_LEVEL };
  const account = real
    ? { TWILIO_ACCOUNT_SID: real.TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: real.TWILIO_AUTH_TOKEN }
    : { TWILIO_ACCOUNT_SID: credentials.accountSid, TWILIO_AUTH_TOKEN: credentials.authToken };
  const carrier = real
    ? {
        CARRIER: 'twilio',
        OPENAI_API_KEY: real.OPENAI_API_KEY,
        PUBLIC_URL: real.PUBLIC_URL,
        MEDIA_PUBLIC_URL: real.MEDIA_PUBLIC_URL,
      }
    : {
        CARRIER: 'simulator',
        TWILIO_API_BASE_URL: local(ports.simulator),
        // The simulator's account is nobody else's.
        EXCLUSIVE_ACCOUNT: 'true',
        OPENAI_API_KEY: 'simulated',
        OPENAI_REALTIME_URL: `${local(ports.agent, 'ws')}/v1/realtime`,
        PUBLIC_URL: local(ports.api),
        MEDIA_PUBLIC_URL: `${local(ports.gateway, 'ws')}/carrier/twilio/media`,
      };
  const forApps = {
    // A simulated carrier takes whatever comes.
    ...(!real && { ...demoDeadlines(patience), CALLS_PER_SECOND: '100' }),
    ...common,
    ...account,
    ...carrier,
    REDIS_URL: redisUrl,
    ONHOOK_PREFIX: redisPrefix,
    STREAM_TOKEN_SECRET: config.STREAM_TOKEN_SECRET ?? credentials.streamTokenSecret,
    DATA_KEY: config.DATA_KEY ?? credentials.dataKey,
    FROM_NUMBERS: fromNumbers.join(','),
    AGENTS_DIR: path.resolve(root, config.AGENTS_DIR ?? 'agents'),
    RECORDINGS_DIR: recordingsDir,
    ARCHIVE_DIR: env['ARCHIVE_DIR'] ?? path.join(dir, 'archive'),
    API_KEYS: apiKeys,
  };
  const program = (
    name: ProgramName,
    programEnv: NodeJS.ProcessEnv,
    stopWithinMs = APPS_STOP_WITHIN_MS,
  ): ProgramSpec<ProgramName> => ({
    name,
    command: [node, path.join(root, 'apps', name, 'dist', 'main.js')],
    cwd: root,
    env: { ...programEnv, STOP_WITHIN_MS: String(stopWithinMs - MARGIN_MS) },
    logFile: path.join(logsDir, `${name}.log`),
    stopWithinMs,
  });

  return {
    simulator: real
      ? undefined
      : program(
          'simulator',
          {
            ...without(common, ...FOR_REAL_ACCOUNTS, ...secretsOfTools(common)),
            ...account,
            PORT: String(ports.simulator),
            AGENT_PORT: String(ports.agent),
            LEDGER_DIR: ledgerDir,
            SPEECH_CACHE_DIR: path.join(root, '.onhook', 'speech'),
          },
          SIMULATOR_STOPS_WITHIN_MS,
        ),
    apps: [
      program('api', { ...forApps, PORT: String(ports.api) }),
      program('gateway', { METRICS_PORT: '0', ...forApps, PORT: String(ports.gateway) }),
      program('dialer', without(forApps, 'PORT')),
      program('hangup', without(forApps, 'PORT')),
    ],
    fromNumbers,
    apiKey: apiKeys.split(',')[0] ?? apiKeys,
    recordingsDir,
    ledgerDir,
    logsDir,
  };
}

/** What agents send to services of the user's. */
function secretsOfTools(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter((name) => name.startsWith('TOOL_'));
}

function without(env: NodeJS.ProcessEnv, ...names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !names.includes(key)));
}
