import { readAllowedNetworks } from '@onhook/outbound';
import { dataKeySettings, flag, logLevel, readBy, readConfig, redisUrl, requireDataKey, wholeNumber } from '@onhook/service';
import { readDurability } from '@onhook/store';
import { limitSettings, requirePrices } from '@onhook/dial-rules';
import { z } from 'zod';

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const schema = z.object({
  ...dataKeySettings,
  ...limitSettings,
  REDIS_URL: redisUrl,
  /** What this Redis may forget is said aloud: `strong`, or the names of the weaknesses that are accepted (docs/redis.md). */
  DURABILITY: readBy(readDurability).default([]),
  ONHOOK_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('onhook'),
  LOG_LEVEL: logLevel,
  HOST: z.string().default('127.0.0.1'),
  /** 0: any free port. */
  PORT: wholeNumber(0, 65_535).default(3_000),
  /** What the carrier's signatures are checked against; never taken from headers. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be the http(s) URL under which the carrier reaches the api' }),
  /** There is no way to run without a key: a call costs money and rings somebody's phone. */
  API_KEYS: z
    .string('must be a comma-separated list of at least one secret')
    .transform(list)
    .pipe(
      z
        .array(z.string().regex(/^[\x21-\x7e]{16,256}$/, 'each key must have 16 to 256 printable characters'))
        .min(1, 'must be a comma-separated list of at least one secret'),
    ),
  FROM_NUMBERS: z
    .string('must be a comma-separated list of numbers like +14155550100')
    .transform(list)
    .pipe(z.array(z.e164('must be a comma-separated list of numbers like +14155550100')).min(1)),
  AGENTS_DIR: z.string(),
  /** Replicas that must have a new call's record before it is acknowledged; 0 for a single server with `appendfsync always`. */
  WAIT_REPLICAS: wholeNumber(0, 5).default(0),
  RECORDINGS_DIR: z.string(),
  /** Where hangup processes put finished calls, so that erasing a call reaches them at once; `off`: they do it within a minute. */
  ARCHIVE_DIR: z.string().min(1).default('off'),
  TWILIO_ACCOUNT_SID: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'must be AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  /** The carrier account whose limits count; one a deployment until part 4. */
  ACCOUNT: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or hyphens')
    .default('default'),
  /** Of each API key, over all processes of the api; 0: no limit. */
  REQUESTS_PER_MINUTE: wholeNumber(0, 100_000_000).default(60_000),
  /** Webhooks may also go to this machine and to private networks, by plain HTTP too. Unless it is said, only with the simulator as carrier. */
  WEBHOOK_ALLOW_PRIVATE: flag().optional(),
  /** Where webhooks may go although it is not public: addresses and networks (10.1.0.0/16), commas between. */
  WEBHOOK_ALLOWED_NETWORKS: readBy((text) => readAllowedNetworks(list(text))).default([]),
  /** Webhooks that this process sends at once, at most half of them to one endpoint. */
  WEBHOOK_CONCURRENCY: wholeNumber(1, 1_000).default(64),
  STOP_WITHIN_MS: wholeNumber(1_000, 300_000).default(10_000),
});

export type ApiConfig = z.output<typeof schema>;

export function readApiConfig(env: NodeJS.ProcessEnv): ApiConfig {
  return requirePrices(requireDataKey(readConfig(schema, env)));
}
