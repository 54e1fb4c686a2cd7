import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hangupJob, newCallId, type CallId } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { startTcpProxy, type TcpProxy } from '../../../../../test/tcp-proxy.js';
import { createBullmqProducer } from './producer.js';
import { startBullmqWorker } from './worker.js';

const newCall = (): CallId => newCallId('d', systemChance.uuidv7());

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const begin = systemClock.monotonicMs();
  while (!(await condition())) {
    if (systemClock.monotonicMs() - begin > withinMs) throw new Error(`did not happen within ${withinMs} ms`);
    await systemTimers.sleep(20);
  }
  return systemClock.monotonicMs() - begin;
}

/** A firewall that has forgotten our connections: they stay open, and nothing comes through. Redis itself is well. */
describe('connections that are half-open', () => {
  let server: TestRedis;
  let proxy: TcpProxy;
  let redis: Redis;
  const closers: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    proxy = await startTcpProxy(server.port);
    redis = new Redis({ port: proxy.port, host: '127.0.0.1' });
    redis.on('error', () => undefined);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    redis.disconnect();
    await proxy.close();
  });
  afterAll(() => server.stop());

  it('are told to whoever adds a job within 2 s, and left for new ones', async () => {
    const producer = createBullmqProducer({ redis, prefix: 'p1', logger: silentLogger });
    closers.push(() => producer.close());
    await producer.add(hangupJob, { callId: newCall() });
    proxy.freeze();
    const begin = systemClock.monotonicMs();
    await expect(producer.add(hangupJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
    expect(systemClock.monotonicMs() - begin).toBeLessThan(2_000);
    const add = (): Promise<boolean> =>
      producer.add(hangupJob, { callId: newCall() }).then(
        () => true,
        () => false,
      );
    expect(await until(add, 10_000)).toBeLessThan(5_000);
  });

  it('do not leave a worker deaf: it takes jobs again by itself', { timeout: 60_000 }, async () => {
    const got = new Set<unknown>();
    const handle = async (payload: unknown): Promise<void> => void got.add((payload as { callId: CallId }).callId);
    const worker = startBullmqWorker({ redis, prefix: 'p2', job: hangupJob, handle, concurrency: 2, logger: silentLogger });
    closers.push(() => worker.close());
    // On a connection of its own, which nothing happens to.
    const direct = new Redis(server.url);
    closers.push(() => direct.disconnect());
    const producer = createBullmqProducer({ redis: direct, prefix: 'p2', logger: silentLogger });
    closers.push(() => producer.close());
    const [before, after] = [newCall(), newCall()];
    await producer.add(hangupJob, { callId: before });
    await until(() => got.has(before), 10_000);
    proxy.freeze();
    await producer.add(hangupJob, { callId: after });
    await until(() => got.has(after), 30_000);
  });
});

describe("a worker's progress", () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('counts what waits, what it has begun and what it has done', async () => {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const worker = startBullmqWorker({
      redis,
      prefix: 'p3',
      job: hangupJob,
      handle: () => held,
      concurrency: 1,
      logger: silentLogger,
    });
    const producer = createBullmqProducer({ redis, prefix: 'p3', logger: silentLogger });
    for (let i = 0; i < 3; i++) await producer.add(hangupJob, { callId: newCall() });
    const look = () => worker.progress().catch(() => null);
    await until(async () => (await look())?.begun === 1, 10_000);
    expect(await worker.progress()).toEqual({ waiting: 2, begun: 1, done: 0, concurrency: 1 });
    letGo();
    await until(async () => (await look())?.done === 3, 10_000);
    expect(await worker.progress()).toMatchObject({ waiting: 0, begun: 3 });
    await producer.close();
    await worker.close();
  });

  it('takes a queue that is held for one in which nothing waits', async () => {
    let runs = 0;
    const handle = async (): Promise<{ holdQueueMs: number }> => (runs++, { holdQueueMs: 60_000 });
    const worker = startBullmqWorker({ redis, prefix: 'p4', job: hangupJob, handle, concurrency: 1, logger: silentLogger });
    const producer = createBullmqProducer({ redis, prefix: 'p4', logger: silentLogger });
    await producer.add(hangupJob, { callId: newCall() });
    await until(() => runs === 1, 10_000);
    await producer.add(hangupJob, { callId: newCall() });
    await until(async () => (await worker.progress().catch(() => null))?.waiting === 0, 5_000);
    expect(await redis.llen('{p4:hangup}:hangup:wait')).toBeGreaterThan(0);
    await producer.close();
    await worker.close();
  });
});
