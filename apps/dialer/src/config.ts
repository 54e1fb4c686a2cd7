import { ConfigError, flag, logLevel, readConfig, redisUrl, wholeNumber } from '@onhook/service';
import { z } from 'zod';
import { limitSettings } from './limits-config.js';

const schema = z.object({
  REDIS_URL: redisUrl,
  ONHOOK_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('onhook'),
  LOG_LEVEL: logLevel,
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_API_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s) URL under which the carrier reaches the api' }),
  STREAM_TOKEN_SECRET: z.string().min(16, 'must have at least 16 characters'),
  FROM_NUMBERS: z
    .string()
    .transform((list) => list.split(',').map((number) => number.trim()))
    .pipe(z.array(z.e164('must be a comma-separated list of numbers like +14155550100')).min(1)),
  /** As in the hangup worker. Only then is a leg that no record has taken for a dial that Redis has lost; else it holds the call back. */
  EXCLUSIVE_ACCOUNT: flag().default(false),
  ...limitSettings,
  /** Dial jobs at once in this process. */
  DIAL_CONCURRENCY: wholeNumber(1, 500).default(50),
  /** How long one create may take. Twilio's own side may take ~26 s; a shorter time makes more outcomes unclear. */
  CREATE_TIMEOUT_MS: wholeNumber(1_000, 18_000).default(15_000),
  STOP_WITHIN_MS: wholeNumber(1_000, 300_000).default(20_000),
  /** Replicas that must have a dial's record before the request goes out; 0 for a single server with `appendfsync always`. */
  WAIT_REPLICAS: wholeNumber(0, 5).default(0),
});

export type DialerConfig = z.output<typeof schema>;

export function readDialerConfig(env: NodeJS.ProcessEnv): DialerConfig {
  const config = readConfig(schema, env);
  if (config.MONEY_PER_DAY !== undefined && config.PRICE_PER_MINUTE === undefined) {
    throw new ConfigError(['PRICE_PER_MINUTE: is required with MONEY_PER_DAY']);
  }
  return config;
}
