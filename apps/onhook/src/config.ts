import { ConfigError, logLevel, readConfig, wholeNumber } from '@onhook/service';
import { z } from 'zod';

const port = wholeNumber(1, 65_535);

/** A real account must be asked for by name: one that merely stands in the environment places no call. */
const carrierSchema = z.object({
  CARRIER: z.enum(['simulator', 'twilio'], 'must be simulator or twilio').default('simulator'),
});

const schema = z.object({
  ONHOOK_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('onhook'),
  REDIS_URL: z.string().optional(),
  LOG_LEVEL: logLevel,
  API_PORT: port.optional(),
  GATEWAY_PORT: port.optional(),
  SIMULATOR_PORT: port.optional(),
  AGENT_PORT: port.optional(),
  REDIS_PORT: port.optional(),
  API_KEYS: z.string().optional(),
  STREAM_TOKEN_SECRET: z.string().optional(),
  DATA_KEY: z.string().optional(),
  AGENTS_DIR: z.string().optional(),
  RECORDINGS_DIR: z.string().optional(),
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

export interface LauncherConfig extends z.output<typeof schema> {
  /** The user's own account; with the simulator there is none. */
  readonly real: RealCarrier | undefined;
}

/** @throws ConfigError that names every mistake at once */
export function readLauncherConfig(env: NodeJS.ProcessEnv): LauncherConfig {
  const problems: string[] = [];
  const read = <S extends z.ZodObject>(part: S): z.output<S> | undefined => {
    try {
      return readConfig(part, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const carrier = read(carrierSchema);
  const config = read(schema);
  const real = carrier?.CARRIER === 'twilio' ? read(realSchema) : undefined;
  if (!config || problems.length > 0) throw new ConfigError(problems);
  return { ...config, real };
}
