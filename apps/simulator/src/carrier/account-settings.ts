import { z } from 'zod';
import { flag, wholeNumber } from '@onhook/service';
import type { AccountPolicy, ApiKey } from './account.js';
import { dayMs } from './dial-queue.js';
import type { NumberPolicy } from './number-policy.js';
import type { StreamHabits } from './stream-habits.js';

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
  STREAM_PING_EVERY_MS: wholeNumber(10, 3_600_000).optional().describe('streams ping their server so often; else never'),
  MARKS_AT_END: z
    .enum(['dropped', 'echoed'])
    .optional()
    .describe('marks that wait when the carrier ends a stream: dropped or echoed; else dropped'),
  PLAYOUT_CAP_MS: wholeNumber(20, 86_400_000)
    .optional()
    .describe('unplayed audio that a stream keeps, the rest is dropped (warning 31930); else all'),
  CHUNK_COUNTER: z
    .enum(['per-track', 'shared'])
    .optional()
    .describe('chunks of a stream with both_tracks are counted per-track or shared; else per-track'),
  EXTRA_FIELDS: z
    .enum(['tolerated', 'warned'])
    .optional()
    .describe('stream messages with unknown fields are tolerated, or warned of (31951) and ignored; else tolerated'),
  CONNECT_ACTION_PARAMETERS: z
    .enum(['voice', 'stream'])
    .optional()
    .describe('the action of <Connect> is told the voice parameters, or of the stream too; else voice'),
  REFUSED_STREAM: z
    .enum(['goes-on', 'ends-call'])
    .optional()
    .describe('a <Connect> whose stream cannot be opened goes-on with the document, or ends-call; else goes-on'),
  SAY_LOOP_ZERO: z.enum(['forever', 'once']).optional().describe('<Say loop="0"> is said forever or once; else forever'),
  DETECTION_TAKES_TRACK: flag().optional().describe('true: asynchronous machine detection takes one of the four tracks'),
  TRIAL_MESSAGE: z.string().min(1).optional().describe('said before the first document, as to a trial account; else nothing'),
  MAX_CALL_SEC: wholeNumber(1, 86_400)
    .optional()
    .describe('no call is connected for longer (a trial account: 600); else TimeLimit'),
  SENDS_ERROR_CODES: flag().optional().describe('true: status callbacks carry StirStatus, ErrorCode and ErrorMessage'),
  REFUSES_MAGIC_NUMBERS: flag().optional().describe('false: +15005550001 to 4 are numbers like others; else refused'),
});

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
    streamPingEveryMs: settings.STREAM_PING_EVERY_MS,
    marksAtEnd: settings.MARKS_AT_END,
    playoutCapMs: settings.PLAYOUT_CAP_MS,
    chunkCounter: settings.CHUNK_COUNTER,
    extraFields: settings.EXTRA_FIELDS,
    connectActionParameters: settings.CONNECT_ACTION_PARAMETERS,
    refusedStream: settings.REFUSED_STREAM,
    sayLoopZero: settings.SAY_LOOP_ZERO,
    detectionTakesTrack: settings.DETECTION_TAKES_TRACK,
    trialMessage: settings.TRIAL_MESSAGE,
    maxCallSec: settings.MAX_CALL_SEC,
    sendsErrorCodes: settings.SENDS_ERROR_CODES,
    refusesMagicNumbers: settings.REFUSES_MAGIC_NUMBERS,
  };
}
