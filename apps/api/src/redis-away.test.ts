import { newCallId, statusCallbackPath, type CallView } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer, createBullmqQueues } from '@onhook/queue/bullmq';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { connectRedis, createRedisKeptAnswers, createRedisNews, createRedisQuotas, createRedisStore } from '@onhook/store/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.js';
import { createQueuesPage } from './routes/queues.js';
import { KEY, SID, startTestApi, statusForm, TO, type Answer, type TestApi } from './testing/test-api.js';

const closers: (() => unknown)[] = [];
let redis: TestRedis;
let test: TestApi;
let known = '';

beforeAll(async () => {
  redis = await startRedis();
  closers.push(() => redis.stop());
  const client = await connectRedis(redis.url, 'producer', { logger: silentLogger });
  closers.push(() => client.disconnect());
  const store = createRedisStore({
    redis: client,
    prefix: 'onhook',
    chance: systemChance,
    timers: systemTimers,
    logger: silentLogger,
  });
  const producer = createBullmqProducer({ redis: client, prefix: 'onhook', logger: silentLogger });
  closers.push(() => producer.close());
  const queues = createBullmqQueues({ redis: client, prefix: 'onhook' });
  closers.push(() => queues.close());
  test = await startTestApi({
    ...store,
    answers: createRedisKeptAnswers({ redis: client, prefix: 'onhook' }),
    quotas: createRedisQuotas({ redis: client, prefix: 'onhook' }),
    news: {
      ...createRedisNews({ redis: client, prefix: 'onhook' }),
      producer,
      send: async () => ({ outcome: 'failed', reason: 'unreachable' }),
      isForbiddenUrl: () => false,
    },
    settings: { requestsPerMinute: 2_000 },
    waker: createWaker({ producer, clock: systemClock }),
    queuesPage: createQueuesPage({ queues: [queues.dial, queues.hangup], environment: 'simulator' }),
  });
  closers.push(() => test.stop());
  known = (await test.create()).body.id;
  await test.api.idle();
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const requests: [string, () => Promise<Answer<unknown>>][] = [
  ['POST /v1/calls', () => test.send('POST', '/v1/calls', { to: TO })],
  ['POST /v1/calls with a key', () => test.send('POST', '/v1/calls', { to: TO }, { 'idempotency-key': 'while-away' })],
  ['GET /v1/calls', () => test.send('GET', '/v1/calls')],
  ['GET /v1/calls/:id', () => test.send('GET', `/v1/calls/${known}`)],
  ['GET …/recording', () => test.send('GET', `/v1/calls/${known}/recording`)],
  ['POST …/end with a key', () => test.send('POST', `/v1/calls/${known}/end`, {}, { 'idempotency-key': 'end-while-away' })],
  ['POST …/end', () => test.send('POST', `/v1/calls/${known}/end`)],
  ['POST /v1/webhook-endpoints', () => test.send('POST', '/v1/webhook-endpoints', { url: 'https://example.com/' })],
  ['GET /v1/webhook-deliveries', () => test.send('GET', '/v1/webhook-deliveries')],
  ['GET /v1/events', () => test.send('GET', '/v1/events')],
  ['GET /readyz', () => test.send('GET', '/readyz')],
  ['a callback', () => test.callback(statusCallbackPath(known, 1), statusForm('ringing'))],
  [
    'a callback of a stray',
    () =>
      test.callback(statusCallbackPath(newCallId('a', '018bcfe5-6800-7000-8000-000000000000'), 1), statusForm('ringing', SID)),
  ],
  ['the queues', () => test.send('GET', '/queues/api/queues')],
];

/** What each road answered, and what was wrong with it. */
async function answersWhileAway(): Promise<[string, number, string, string[]][]> {
  const answers: [string, number, string, string[]][] = [];
  for (const [what, ask] of requests) {
    const startedAt = systemClock.monotonicMs();
    const answer = await ask();
    const wrong = [
      ...(systemClock.monotonicMs() - startedAt < 2_000 ? [] : ['too late']),
      ...(answer.headers.get('retry-after') === '1' ? [] : ['no Retry-After']),
      ...(/ECONN|127\.0\.0\.1|ioredis|Redis is not|at /.test(answer.text) ? ['tells of our inside'] : []),
    ];
    answers.push([what, answer.status, (answer.body as { code: string }).code, wrong]);
  }
  return answers;
}
const allRefused = requests.map(([what]) => [what, 503, 'redis-unavailable', []]);

async function statusesOnceBack(): Promise<number[]> {
  const until = systemClock.monotonicMs() + 10_000;
  while ((await test.send('GET', '/readyz')).status !== 200 && systemClock.monotonicMs() < until) await systemTimers.sleep(20);
  // Bull Board has a connection of its own, which may be back a moment later.
  let queues = await test.send('GET', '/queues/api/queues');
  while (queues.status === 503 && systemClock.monotonicMs() < until) {
    await systemTimers.sleep(20);
    queues = await test.send('GET', '/queues/api/queues');
  }
  const created = await test.create();
  const shown = await test.send<CallView>('GET', `/v1/calls/${known}`);
  await test.api.idle();
  return [created.status, shown.status, queues.status];
}

describe('Redis', () => {
  it('half-open: 503 within 2 s on every road, and back by itself', async () => {
    redis.pause();
    expect(await answersWhileAway()).toEqual(allRefused);
    redis.resume();
    expect(await statusesOnceBack()).toEqual([201, 200, 200]);
  }, 60_000);

  it('away: 503 within 2 s on every road, and back by itself', async () => {
    await redis.kill();
    expect(await answersWhileAway()).toEqual(allRefused);
    // What needs no Redis goes on, and bad input is still told from good.
    expect((await test.send('GET', '/healthz')).status).toBe(200);
    expect((await test.send('POST', '/v1/calls', { to: '911' })).status).toBe(422);
    await redis.restart();
    expect(await statusesOnceBack()).toEqual([201, 200, 200]);
  }, 60_000);
});

describe('Bull Board', () => {
  const page = (path: string, init: RequestInit = {}) =>
    fetch(`${test.url}/queues${path}`, {
      ...init,
      headers: { authorization: `Basic ${Buffer.from(`ops:${KEY}`).toString('base64')}`, 'content-type': 'application/json' },
    });

  it('shows the queues, without a number in any job', async () => {
    const home = await page('/');
    expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(home.headers.get('content-security-policy')).toContain("default-src 'self'");
    const script = /src="(static\/js\/main[^"]+)"/.exec(await home.text())?.[1];
    expect((await page(`/${script}`)).status).toBe(200);
    const board = await page('/api/queues?activeQueue=dial&status=waiting&jobsPerPage=50');
    const text = await board.text();
    expect(text).toContain(known);
    expect(text).toMatch(/"readOnlyMode":true/);
    expect(text).not.toContain(TO);
  });

  it('can change nothing: no retry of a dial job, no promotion, nothing added, paused or removed', async () => {
    const jobs = (await (await page('/api/queues?activeQueue=dial&status=waiting')).json()) as {
      queues: { name: string; jobs: { id: string }[] }[];
    };
    const id = jobs.queues.find(({ name }) => name === 'dial')?.jobs[0]?.id;
    expect(id).toBeDefined();
    for (const [method, path] of [
      ['PUT', `/api/queues/dial/${id}/retry`],
      ['PUT', `/api/queues/dial/${id}/promote`],
      ['PUT', `/api/queues/dial/${id}/clean`],
      ['PUT', '/api/queues/dial/retry/failed'],
      ['POST', '/api/queues/dial/add'],
      ['PATCH', `/api/queues/dial/${id}/update-data`],
      ['PUT', '/api/queues/dial/pause'],
      ['PUT', '/api/queues/pause'],
      ['PUT', '/api/queues/dial/empty'],
      ['PUT', '/api/queues/dial/obliterate'],
      ['DELETE', '/api/queues/dial'],
      ['OPTIONS', '/api/queues/dial/pause'],
    ] as const) {
      const answer = await page(path, { method, ...(method !== 'OPTIONS' && { body: '{}' }) });
      expect([method, path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        method,
        path,
        403,
        'read-only',
      ]);
    }
  });

  it('is closed without a key, on every method and path', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/'],
      ['GET', '/api/queues'],
      ['GET', '/static/js/main.js'],
      ['PUT', '/api/queues/dial/1/retry'],
      ['POST', '/api/queues/dial/add'],
    ] as const) {
      const answer = await fetch(`${test.url}/queues${path}`, { method });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
  });
});
