import { describe, expect, it } from 'vitest';
import { accountPolicyOf, accountSettings } from './account-settings.js';

const key = `SK${'0'.repeat(32)}`;
const policyOf = (given: Record<string, string>) => accountPolicyOf(accountSettings.parse(given));

describe('the settings of the account', () => {
  it('limit nothing unless they are given', () => {
    const { readLagMs, ...limits } = policyOf({});
    expect(readLagMs).toBe(0);
    expect(new Set(Object.values(limits))).toEqual(new Set([undefined]));
  });

  it('name keys, numbers and limits', () => {
    expect(
      policyOf({
        API_KEYS: `${key}:one:1,${key}:two`,
        TEST_CREDENTIALS: `AC${'f'.repeat(32)}:token`,
        OWNED_NUMBERS: '+14155550100,+14155550101',
        PERMITTED_PREFIXES: '+1,+49',
        CALLS_PER_SECOND: '0.5',
      }),
    ).toMatchObject({
      apiKeys: [
        { sid: key, secret: 'one:1' },
        { sid: key, secret: 'two' },
      ],
      testCredentials: { accountSid: `AC${'f'.repeat(32)}`, authToken: 'token' },
      ownedNumbers: new Set(['+14155550100', '+14155550101']),
      permittedPrefixes: ['+1', '+49'],
      callsPerSecond: 0.5,
    });
  });

  it('turn every switch, so that the program alone can do what a test can', () => {
    const given = {
      QUEUE_EXPIRY_MS: '1000',
      OVER_CONCURRENCY: 'refuse',
      RETRY_AFTER_SEC: '2',
      DELETES_LIVE_CALLS: 'true',
      ANSWERED_BY_DETAIL: 'granular',
      REQUESTS_INTERRUPTED_CONNECT_ACTION: '1',
      TRAILING_SLASH: 'always',
      STREAM_CLOSE_CODE: '1005',
      STREAM_PING_EVERY_MS: '20000',
      MARKS_AT_END: 'echoed',
      PLAYOUT_CAP_MS: '60000',
      CHUNK_COUNTER: 'shared',
      EXTRA_FIELDS: 'warned',
      CONNECT_ACTION_PARAMETERS: 'stream',
      REFUSED_STREAM: 'ends-call',
      SAY_LOOP_ZERO: 'once',
      DETECTION_TAKES_TRACK: 'true',
      TRIAL_MESSAGE: 'This is a trial.',
      MAX_CALL_SEC: '600',
      SENDS_ERROR_CODES: 'true',
      REFUSES_MAGIC_NUMBERS: 'false',
    };
    expect(policyOf(given)).toMatchObject({
      queueExpiryMs: 1_000,
      overConcurrency: 'refuse',
      retryAfterSec: 2,
      deletesLiveCalls: true,
      answeredByDetail: 'granular',
      requestsInterruptedConnectAction: true,
      trailingSlash: 'always',
      streamCloseCode: 1005,
      streamPingEveryMs: 20_000,
      marksAtEnd: 'echoed',
      playoutCapMs: 60_000,
      chunkCounter: 'shared',
      extraFields: 'warned',
      connectActionParameters: 'stream',
      refusedStream: 'ends-call',
      sayLoopZero: 'once',
      detectionTakesTrack: true,
      trialMessage: 'This is a trial.',
      maxCallSec: 600,
      sendsErrorCodes: true,
      refusesMagicNumbers: false,
    });
  });

  it.each([
    { API_KEYS: 'SK1:x' },
    { OWNED_NUMBERS: '911' },
    { CALLS_PER_SECOND: '0' },
    { READ_LAG_MS: '-1' },
    { STREAM_CLOSE_CODE: '1001' },
  ])('refuse %j', (given) => {
    expect(accountSettings.safeParse(given).success).toBe(false);
  });
});
