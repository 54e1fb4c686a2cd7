import { z } from 'zod';
import { flag, wholeNumber } from '@onhook/service';
import type { AccountPolicy, ApiKey } from './account.js';
import { dayMs } from './dial-queue.js';
import type { NumberPolicy } from './number-policy.js';

const numbers = z.string().regex(/^\+\d{1,15}(,\+\d{1,15})*$/, 'must be numbers in E.164, apart by commas');

/** The settings of the account, each with its line of `--help`. */
export const accountSettings = z.object({
  API_KEYS: z
    .string()
    .regex(/^SK[0-9a-fA-F]{32}:[^,]+(,SK[0-9a-fA-F]{32}:[^,]+)*$/, 'must be SK…:secret, apart by commas')
    .optional()
    .describe('API keys that open the REST API too: SK…:secret,SK…:secret'),
  TEST_CREDENTIALS: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}:.+$/, 'must be AC…:token')
    .optional()
    .describe('a second account, AC…:token, that creates calls which nobody makes'),
  OWNED_NUMBERS: numbers.optional().describe('numbers that may be called from; else any'),
  VERIFIED_NUMBERS: numbers.optional().describe('numbers that a trial account may call; else any'),
  PERMITTED_PREFIXES: numbers.optional().describe('beginnings of numbers that may be called: +1,+49; else any'),
  CALLS_PER_SECOND: z.coerce
    .number()
    .min(0.001)
    .max(10_000)
    .optional()
    .describe('dialled per second, the rest waits (Twilio: 1); else any'),
  MAX_CONCURRENT_CALLS: wholeNumber(1, 1_000_000).optional().describe('calls at the same time (error 10004); else any'),
  MAX_CONCURRENT_REQUESTS: wholeNumber(1, 1_000_000)
    .optional()
    .describe('REST requests at the same time (error 20429); else any'),
  READ_LAG_MS: wholeNumber(0, 3_600_000).default(0).describe('fetches and lists show calls as they were this long ago'),
  QUEUE_EXPIRY_MS: wholeNumber(1, dayMs).optional().describe('a call that has waited so long is canceled; else 24 hours'),
  OVER_CONCURRENCY: z
    .enum(['fail', 'refuse'])
    .optional()
    .describe('a call too many: fail (accepted, then failed) or refuse (400); else fail'),
  RETRY_AFTER_SEC: wholeNumber(0, 3_600).optional().describe('Retry-After of a 429; else no such header'),
  DELETES_LIVE_CALLS: flag().optional().describe('true: DELETE of a call that lives ends it; else 409'),
  ANSWERED_BY_DETAIL: z
    .enum(['documented', 'granular'])
    .optional()
    .describe('answered_by of the resource: documented (human, machine) or granular; else documented'),
  REQUESTS_INTERRUPTED_CONNECT_ACTION: flag()
    .optional()
    .describe('true: an update that interrupts <Connect> has its action requested'),
  TRAILING_SLASH: z
    .enum(['as-written', 'always'])
    .optional()
    .describe('stream upgrades are signed over the URL as-written, or always with a slash at its end; else as-written'),
  STREAM_CLOSE_CODE: z
    .enum(['1000', '1005', '1006'])
    .transform((code) => Number(code) as 1000 | 1005 | 1006)
    .optional()
    .describe('how a stream is closed after stop: 1000, 1005 (no code), 1006 (no close); else 1000'),
});

/** How media streams behave where Twilio's own behaviour is not known. */
interface StreamHabits {
  trailingSlash?: 'as-written' | 'always' | undefined;
  streamCloseCode?: 1000 | 1005 | 1006 | undefined;
}

export function accountPolicyOf(settings: z.output<typeof accountSettings>): AccountPolicy & NumberPolicy & StreamHabits {
  const listOf = (given: string | undefined): string[] | undefined => given?.split(',');
  const setOf = (given: string | undefined): Set<string> | undefined =>
    given === undefined ? undefined : new Set(given.split(','));
  const test = settings.TEST_CREDENTIALS;
  return {
    apiKeys: listOf(settings.API_KEYS)?.map((key): ApiKey => ({ sid: key.slice(0, 34), secret: key.slice(35) })),
    testCredentials: test === undefined ? undefined : { accountSid: test.slice(0, 34), authToken: test.slice(35) },
    ownedNumbers: setOf(settings.OWNED_NUMBERS),
    verifiedNumbers: setOf(settings.VERIFIED_NUMBERS),
    permittedPrefixes: listOf(settings.PERMITTED_PREFIXES),
    callsPerSecond: settings.CALLS_PER_SECOND,
    maxConcurrentCalls: settings.MAX_CONCURRENT_CALLS,
    maxConcurrentRequests: settings.MAX_CONCURRENT_REQUESTS,
    readLagMs: settings.READ_LAG_MS,
    queueExpiryMs: settings.QUEUE_EXPIRY_MS,
    overConcurrency: settings.OVER_CONCURRENCY,
    retryAfterSec: settings.RETRY_AFTER_SEC,
    deletesLiveCalls: settings.DELETES_LIVE_CALLS,
    answeredByDetail: settings.ANSWERED_BY_DETAIL,
    requestsInterruptedConnectAction: settings.REQUESTS_INTERRUPTED_CONNECT_ACTION,
    trailingSlash: settings.TRAILING_SLASH,
    streamCloseCode: settings.STREAM_CLOSE_CODE,
  };
}
