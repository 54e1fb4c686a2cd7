import { limitSettings, requirePrices } from '@onhook/dial-rules';
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
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s) URL under which the carrier reaches the api' }),
  STREAM_TOKEN_SECRET: z.string().min(16, 'must have at least 16 characters'),
  FROM_NUMBERS: fromNumbers,
  /** As in the hangup worker. Only then is a leg that no record has taken for a dial that Redis has lost; else it holds the call back. */
  EXCLUSIVE_ACCOUNT: flag().default(false),
  /** The carrier account whose do-not-call list this process brings under its DATA_KEY; as in the api. */
  ACCOUNT: accountName,
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
  return requirePrices(requireDataKey(readConfig(schema, env)));
}
