import { z } from 'zod';
import { logLevel, readConfig, wholeNumber } from '@onhook/service';

const schema = z.object({
  /** The control API has no key: listen where nobody else is. */
  HOST: z.string().default('127.0.0.1'),
  /** 0: any free port. */
  PORT: wholeNumber(0, 65_535).default(4010),
  AGENT_PORT: wholeNumber(0, 65_535).default(4011),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hex digits')
    .default('AC00000000000000000000000000000001'),
  TWILIO_AUTH_TOKEN: z.string().min(1).default('simulator-auth-token'),
  /** Where `ledger.ndjson` grows; without it the ledger lives in memory only. */
  LEDGER_DIR: z.string().optional(),
  SPEECH_CACHE_DIR: z.string().optional(),
  /** A JSON file with an array of scenarios. */
  SCENARIOS_FILE: z.string().optional(),
  /** A shorter `TimeLimit` counts as this. 60 as on the real carrier; tests take less. */
  TIME_LIMIT_FLOOR_SEC: wholeNumber(1, 60).default(60),
  STOP_WITHIN_MS: wholeNumber(100, 60_000).default(5_000),
  LOG_LEVEL: logLevel,
});

export type SimulatorConfig = z.output<typeof schema>;

/** @throws ConfigError that names every mistake at once */
export function readSimulatorConfig(env: NodeJS.ProcessEnv): SimulatorConfig {
  return readConfig(schema, env);
}
