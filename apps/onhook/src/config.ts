import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { readConfig, wholeNumber } from '@onhook/service';
import { z } from 'zod';

const port = wholeNumber(1, 65_535);

const schema = z.object({
  CARRIER: z.enum(['simulator', 'twilio'], 'must be simulator or twilio').optional(),
  ONHOOK_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('onhook'),
  REDIS_URL: z.string().optional(),
  LOG_LEVEL: z.string().default('info'),
  API_PORT: port.optional(),
  GATEWAY_PORT: port.optional(),
  SIMULATOR_PORT: port.optional(),
  AGENT_PORT: port.optional(),
  REDIS_PORT: port.optional(),
  API_KEYS: z.string().optional(),
  STREAM_TOKEN_SECRET: z.string().optional(),
  AGENTS_DIR: z.string().optional(),
  RECORDINGS_DIR: z.string().optional(),
  TWILIO_ACCOUNT_SID: z.string().optional(),
});

/** What only a real carrier needs. With the simulator the launcher makes these itself, and a real key stays unused. */
const realSchema = z.object({
  TWILIO_ACCOUNT_SID: z.string('is needed with CARRIER=twilio').regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string('is needed with CARRIER=twilio'),
  OPENAI_API_KEY: z.string('is needed with CARRIER=twilio'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'is needed with CARRIER=twilio: where the carrier reaches the api' }),
  MEDIA_PUBLIC_URL: z.url({
    protocol: /^wss?$/,
    error: 'is needed with CARRIER=twilio: where the carrier reaches the gateway (wss://…)',
  }),
  FROM_NUMBERS: z
    .string('is needed with CARRIER=twilio')
    .regex(/^\+[1-9]\d{6,14}(\s*,\s*\+[1-9]\d{6,14})*$/, 'must be numbers as +14155550123, with commas between'),
});

export type RealCarrier = z.output<typeof realSchema>;

export interface LauncherConfig extends Omit<z.output<typeof schema>, 'CARRIER' | 'TWILIO_ACCOUNT_SID'> {
  /** The user's own account; with the simulator there is none. */
  readonly real: RealCarrier | undefined;
}

/** @throws ConfigError that names every mistake at once */
export function readLauncherConfig(env: NodeJS.ProcessEnv): LauncherConfig {
  const { CARRIER, TWILIO_ACCOUNT_SID, ...rest } = readConfig(schema, env);
  const carrier = CARRIER ?? (TWILIO_ACCOUNT_SID ? 'twilio' : 'simulator');
  return { ...rest, real: carrier === 'twilio' ? readConfig(realSchema, env) : undefined };
}

/** The environment, with what stands in `.env` below it: what is typed at the prompt wins. */
export function withDotEnv(root: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = path.join(root, '.env');
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...env } : env;
}
