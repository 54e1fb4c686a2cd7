import type { Quotas } from '@onhook/store';
import { afterEach, describe, expect, it } from 'vitest';
import { OTHER_KEY, startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;

/** One minute that does not end while a busy machine is testing. */
function oneMinute(): Quotas {
  const used = new Map<string, number>();
  return {
    async take(keyId, want, limit) {
      const before = used.get(keyId) ?? 0;
      const taken = Math.min(want, limit - before);
      used.set(keyId, before + taken);
      return { taken, left: limit - before - taken, resetsInMs: 60_000 };
    },
  };
}
const limited = (requestsPerMinute: number, quotas = oneMinute()): Promise<TestApi> =>
  startTestApi({ settings: { requestsPerMinute }, quotas });
afterEach(() => test.stop());

describe('the rate limit', () => {
  it('tells how many requests are left, and refuses those beyond with the time to wait', async () => {
    test = await limited(3);
    const left = [];
    for (let i = 0; i < 3; i++) {
      const answer = await test.send('GET', '/v1/calls');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60');
      left.push(/^"requests";r=(\d+);t=\d+$/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
    }
    expect(left).toEqual(['2', '1', '0']);
    const refused = await test.send('POST', '/v1/calls', { to: TO });
    expect(refused.status).toBe(429);
    expect(refused.body.code).toBe('rate-limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(test.database.records.size).toBe(0);
  });

  it('counts each API key for itself, and no request without one', async () => {
    test = await limited(1);
    expect((await test.send('GET', '/v1/dialing')).status).toBe(200);
    expect((await test.send('GET', '/v1/dialing')).status).toBe(429);
    expect((await test.send('GET', '/v1/dialing', undefined, { authorization: `Bearer ${OTHER_KEY}` })).status).toBe(200);
    expect((await test.send('GET', '/healthz')).status).toBe(200);
    expect((await test.send('GET', '/v1/dialing', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('fifty at once are counted, not guessed', async () => {
    test = await limited(20);
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.send('GET', '/v1/dialing')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  it('two processes share it', async () => {
    const quotas = oneMinute();
    test = await limited(40, quotas);
    const other = await limited(40, quotas);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => (i % 2 ? test : other).send('GET', '/v1/dialing')));
    await other.stop();
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
  });
});
