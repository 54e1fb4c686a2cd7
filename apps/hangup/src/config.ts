import { flag, logLevel, readConfig, redisUrl, wholeNumber } from '@onhook/service';
import { z } from 'zod';

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
  FROM_NUMBERS: z
    .string()
    .transform((list) => list.split(',').map((number) => number.trim()))
    .pipe(z.array(z.e164('must be a comma-separated list of numbers like +14155550100')).min(1)),
  /** Nobody else places calls from these numbers on this account: only then may a leg that no record has be hung up. */
  EXCLUSIVE_ACCOUNT: flag().default(false),
  /** How often the carrier's list of live legs is compared with the records. */
  RECONCILE_EVERY_MS: wholeNumber(1_000, 600_000).default(15_000),
  /** The carrier account whose places are compared with the records; as in the api. */
  ACCOUNT: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('default'),
  /** Calls tended at once. Far more than the 20 requests that the carrier gets at once, so that no close order waits for those. */
  HANGUP_CONCURRENCY: wholeNumber(1, 500).default(200),
  /** How long a media lease lasts without being renewed; the gateways' setting of the same name must be the same. */
  OWNER_LEASE_MS: wholeNumber(1_000, 120_000).default(6_000),
  /** How often the watchdog looks for deadlines that passed. */
  WATCHDOG_EVERY_MS: wholeNumber(50, 5_000).default(250),
  STOP_WITHIN_MS: wholeNumber(1_000, 300_000).default(20_000),
});

export type HangupConfig = z.output<typeof schema>;

export function readHangupConfig(env: NodeJS.ProcessEnv): HangupConfig {
  return readConfig(schema, env);
}
