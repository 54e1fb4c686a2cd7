import { describe, expect, it } from 'vitest';
import { NothingSentError } from './fresh-connection.js';
import { NoAnswerError } from './http-exchange.js';
import { placeOutcome } from './place-outcome.js';

const NOW = Date.UTC(2026, 10, 15, 12, 0, 0);
const sid = `CA${'a1'.repeat(16)}`;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  placeOutcome({ answer: { status, headers, body } }, NOW);

describe('the outcome of a create', () => {
  it.each([
    [201, { sid }, { outcome: 'accepted', sid }],
    [200, { sid }, { outcome: 'accepted', sid }],
    [201, { sid: 'CA1' }, { outcome: 'unclear', reason: 'http-201-without-sid' }],
    [201, {}, { outcome: 'unclear', reason: 'http-201-without-sid' }],
    [201, null, { outcome: 'unclear', reason: 'http-201-without-sid' }],
    [201, '<html>', { outcome: 'unclear', reason: 'http-201-without-sid' }],
    [204, '', { outcome: 'unclear', reason: 'http-204-without-sid' }],
    [302, '', { outcome: 'unclear', reason: 'http-302' }],
    [400, { code: 21_211 }, { outcome: 'refused', code: 21_211, retryable: false }],
    [400, { code: 21_215 }, { outcome: 'refused', code: 21_215, retryable: false }],
    [400, { code: 10_004 }, { outcome: 'refused', code: 10_004, retryable: true }],
    [422, { type: 't', title: 't', status: 422, code: 21_217 }, { outcome: 'refused', code: 21_217, retryable: false }],
    [400, '<html>Bad Request</html>', { outcome: 'unclear', reason: 'http-400' }],
    [400, { code: 0 }, { outcome: 'unclear', reason: 'http-400' }],
    [401, { code: 20_003 }, { outcome: 'misconfigured', code: 20_003, reason: 'credentials-refused' }],
    [401, '', { outcome: 'misconfigured', code: 401, reason: 'credentials-refused' }],
    [403, { code: 20_008 }, { outcome: 'misconfigured', code: 20_008, reason: 'credentials-refused' }],
    [400, { code: 20_003 }, { outcome: 'misconfigured', code: 20_003, reason: 'credentials-refused' }],
    [404, { code: 20_404 }, { outcome: 'misconfigured', code: 20_404, reason: 'account-not-found' }],
    [404, 'nginx', { outcome: 'unclear', reason: 'http-404' }],
    [408, { code: 20_408 }, { outcome: 'unclear', reason: 'http-408' }],
    [429, { code: 20_429 }, { outcome: 'not-sent', retryInMs: 1_000, reason: 'too-many-requests' }],
    [429, '', { outcome: 'not-sent', retryInMs: 1_000, reason: 'too-many-requests' }],
    [500, { code: 20_500 }, { outcome: 'unclear', reason: 'http-500' }],
    [502, '<html>', { outcome: 'unclear', reason: 'http-502' }],
    [503, { code: 20_503 }, { outcome: 'unclear', reason: 'http-503' }],
  ])('%i %j → %j', (status, body, outcome) => {
    expect(answer(status, body)).toEqual(outcome);
  });

  it.each([
    ['3', 3_000],
    ['0', 500],
    ['86400', 60_000],
    [new Date(NOW + 5_000).toUTCString(), 5_000],
    [new Date(NOW - 5_000).toUTCString(), 500],
    ['soon', 1_000],
  ])('waits as a 429 with Retry-After %s asks, within reason', (header, retryInMs) => {
    expect(answer(429, '', { 'retry-after': header })).toMatchObject({ outcome: 'not-sent', retryInMs });
  });

  it('is not-sent only if it is proven that nothing was sent', () => {
    expect(placeOutcome({ error: new NothingSentError('ECONNREFUSED') }, NOW)).toEqual({
      outcome: 'not-sent',
      retryInMs: 1_000,
      reason: 'ECONNREFUSED',
    });
    expect(placeOutcome({ error: new NothingSentError('grant-expired') }, NOW)).toMatchObject({
      outcome: 'not-sent',
      retryInMs: 0,
    });
    expect(placeOutcome({ error: new NoAnswerError('timeout', false) }, NOW)).toEqual({ outcome: 'unclear', reason: 'timeout' });
    expect(placeOutcome({ error: new TypeError('a fault of ours') }, NOW)).toEqual({
      outcome: 'unclear',
      reason: 'internal-error',
    });
  });
});
