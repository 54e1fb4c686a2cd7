import { z } from 'zod';
import { logLevel, readConfig, wholeNumber } from '@onhook/service';
import { accountSettings } from './carrier/account-settings.js';
import { voiceDetections } from './voice-agent/voice-activity.js';

/** Each description is a line of `onhook-simulator --help`. */
export const simulatorSettings = z.object({
  HOST: z.string().default('127.0.0.1').describe('address to listen at; the control API has no key: keep others out'),
  PORT: wholeNumber(0, 65_535).default(4010).describe('REST API, control API, ledger and page; 0: any free port'),
  AGENT_PORT: wholeNumber(0, 65_535).default(4011).describe('voice agent (OpenAI Realtime)'),
  TLS_PORT: wholeNumber(0, 65_535).optional().describe('HTTPS, as api.twilio.com and api.openai.com; 443 for a hosts entry'),
  PROXY_PORT: wholeNumber(0, 65_535).optional().describe('HTTP proxy that leads to those two names only, for HTTPS_PROXY'),
  CA_DIR: z.string().default('.onhook-simulator').describe('where the CA for those is kept: ca.pem'),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hex digits')
    .default('AC00000000000000000000000000000001')
    .describe('the one account'),
  TWILIO_AUTH_TOKEN: z.string().min(1).default('simulator-auth-token').describe('its password, and the key of all signatures'),
  ...accountSettings.shape,
  LEDGER_DIR: z.string().optional().describe('where ledger.ndjson grows; else in memory only'),
  SPEECH_CACHE_DIR: z.string().optional().describe('where rendered speech is kept, for a quicker start'),
  SCENARIOS_FILE: z.string().optional().describe('JSON or YAML array of scenarios: who answers, and how'),
  AGENT_SCRIPTS_FILE: z
    .string()
    .optional()
    .describe('JSON or YAML array of scripts: what the voice agent says, and what goes wrong'),
  AGENT_SCRIPT: z.string().default('demo').describe('the script that a session plays which names none'),
  AGENT_VAD: z.enum(voiceDetections).default('fvad').describe('how the voice agent finds voice: fvad or energy'),
  SEED: wholeNumber(0, 2 ** 32 - 1)
    .optional()
    .describe('of callees and faults that are left to chance; else a new one each time'),
  TIME_LIMIT_FLOOR_SEC: wholeNumber(1, 60).default(60).describe('a shorter TimeLimit counts as this; 60 as on the real carrier'),
  STOP_WITHIN_MS: wholeNumber(100, 60_000).default(5_000).describe('time for an orderly stop'),
  LOG_LEVEL: logLevel.describe('fatal, error, warn, info, debug, trace or silent'),
});

export type SimulatorConfig = z.output<typeof simulatorSettings>;

/** @throws ConfigError that names every mistake at once */
export function readSimulatorConfig(env: NodeJS.ProcessEnv): SimulatorConfig {
  return readConfig(simulatorSettings, env);
}
