import {
  accountName,
  dataKeySettings,
  flag,
  fromNumbers,
  keyPrefix,
  logLevel,
  readBy,
  readConfig,
  redisUrl,
  requireDataKey,
  twilioAccountSid,
  wholeNumber,
} from '@onhook/service';
import { readDurability } from '@onhook/store';
import { z } from 'zod';

const DAY_MS = 24 * 3_600_000;

const schema = z.object({
  ...dataKeySettings,
  REDIS_URL: redisUrl,
  /** What this Redis may forget is said aloud: `strong`, or the names of the weaknesses that are accepted (docs/redis.md). */
  DURABILITY: readBy(readDurability).default([]),
  ONHOOK_PREFIX: keyPrefix,
  LOG_LEVEL: logLevel,
  TWILIO_ACCOUNT_SID: twilioAccountSid,
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_API_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  FROM_NUMBERS: fromNumbers,
  /** Nobody else places calls from these numbers on this account: only then may a leg that no record has be hung up. */
  EXCLUSIVE_ACCOUNT: flag().default(false),
  /** How often the carrier's list of live legs is compared with the records. */
  RECONCILE_EVERY_MS: wholeNumber(1_000, 600_000).default(15_000),
  /** The carrier account whose places are compared with the records; as in the api. */
  ACCOUNT: accountName,
  /** Calls tended at once. Far more than the 20 requests that the carrier gets at once, so that no close order waits for those. */
  HANGUP_CONCURRENCY: wholeNumber(1, 500).default(200),
  /** How long a media lease lasts without being renewed; the gateways' setting of the same name must be the same. */
  OWNER_LEASE_MS: wholeNumber(1_000, 120_000).default(6_000),
  /** How often the watchdog looks for deadlines that passed. */
  WATCHDOG_EVERY_MS: wholeNumber(50, 5_000).default(250),
  /** Where gateways put recordings: they go from there with their calls. */
  RECORDINGS_DIR: z.string().min(1),
  /** A folder for finished calls, the same for all processes; `off`: they are gone when they expire. */
  ARCHIVE_DIR: z.string('must be a folder, or off').min(1),
  /** How long a call is kept after its end. A day at least: for so long a repeated Idempotency-Key has to find its call. */
  RETENTION: z
    .string()
    .regex(/^[1-9]\d{0,3}d$/, 'must be a number of days from 1d to 9999d')
    .default('30d')
    .transform((days) => Number.parseInt(days, 10) * DAY_MS),
  /** How often ended calls are looked after. */
  KEEP_EVERY_MS: wholeNumber(100, 600_000).default(5_000),
  STOP_WITHIN_MS: wholeNumber(1_000, 300_000).default(20_000),
});

export type HangupConfig = z.output<typeof schema>;

export function readHangupConfig(env: NodeJS.ProcessEnv): HangupConfig {
  return requireDataKey(readConfig(schema, env));
}
