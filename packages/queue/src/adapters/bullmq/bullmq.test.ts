import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dialJob, hangupJob, newCallId, type CallId, type DialPayload } from '@onhook/contracts';
import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { describeQueue } from '../../conformance/index.js';
import type { Producer, Worker } from '../../port.js';
import type { RedisClient } from './connections.js';
import { createBullmqProducer } from './producer.js';
import { createBullmqQueues } from './queues.js';
import { startBullmqWorker } from './worker.js';

const newCall = (): CallId => newCallId('d', systemChance.uuidv7());
let prefixes = 0;
const newPrefix = (): string => `t${++prefixes}`;

async function until(condition: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<number> {
  const begin = performance.now();
  while (!(await condition())) {
    if (performance.now() - begin > withinMs) throw new Error(`did not happen within ${withinMs} ms`);
    await systemTimers.sleep(20);
  }
  return performance.now() - begin;
}

for (const mode of ['one server', 'a cluster'] as const) {
  describe(`on ${mode}`, () => {
    let server: TestRedis;
    let redis: RedisClient;
    beforeAll(async () => {
      server = await startRedis({ cluster: mode === 'a cluster' });
    });
    beforeEach(() => {
      redis = mode === 'a cluster' ? new Cluster([server.url]) : new Redis(server.url);
      redis.on('error', () => undefined);
    });
    afterEach(() => redis.disconnect());
    afterAll(() => server.stop());

    describeQueue('BullMQ', async () => {
      const prefix = newPrefix();
      const producer = createBullmqProducer({ redis, prefix, logger: silentLogger, answerWithinMs: 15_000 });
      const queues = createBullmqQueues({ redis, prefix });
      return {
        producer,
        startWorker: (options) => startBullmqWorker({ redis, prefix, logger: silentLogger, ...options }),
        addUnchecked: async (queue, data) => {
          const unchecked = queue === 'dial' ? queues.dial : queues.hangup;
          await until(() =>
            unchecked.getJobCounts().then(
              () => true,
              () => false,
            ),
          );
          await unchecked.add(queue, data);
        },
        pass: (ms) => systemTimers.sleep(ms),
        stop: async () => {
          await producer.close();
          await queues.close();
        },
      };
    });
  });
}

describe('BullMQ when Redis or a worker fails', () => {
  let server: TestRedis;
  let redis: Redis;
  let prefix: string;
  const open: (Producer | Worker)[] = [];
  const kept = <T extends Producer | Worker>(closable: T): T => (open.push(closable), closable);
  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    redis.on('error', () => undefined);
    prefix = newPrefix();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    redis.disconnect();
    await server.stop();
  });

  it('keeps all keys of a queue in one slot, and no number, error text or stack in a failed job', async () => {
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    let runs = 0;
    kept(
      startBullmqWorker({
        redis,
        prefix,
        job: dialJob,
        concurrency: 1,
        logger: silentLogger,
        handle: async () => {
          runs++;
          throw new Error('could not dial +14155550123');
        },
      }),
    );
    await producer.add(dialJob, { callId: newCall() }, { dedupeId: 'x' });
    await until(() => runs === 1);
    const queues = createBullmqQueues({ redis, prefix });
    await until(async () => (await queues.dial.getFailedCount().catch(() => 0)) === 1);
    const [job] = await queues.dial.getFailed();
    expect(job?.failedReason).toBe('handler failed: Error');
    expect(JSON.stringify(job?.toJSON())).not.toContain('4155550123');
    await queues.close();
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter((key) => !key.startsWith(`{${prefix}:dial}:dial:`))).toEqual([]);
  });

  it('says within 2 s that Redis is dead, and adds again by itself when it is back', async () => {
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    await producer.add(dialJob, { callId: newCall() });
    await server.kill();
    const begin = performance.now();
    await expect(producer.add(dialJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
    expect(performance.now() - begin).toBeLessThan(2_000);
    await server.restart();
    const tookMs = await until(() =>
      producer.add(dialJob, { callId: newCall() }).then(
        () => true,
        () => false,
      ),
    );
    expect(tookMs).toBeLessThan(5_000);
  });

  it('says within 2 s that Redis is half-open, and adds again by itself when it answers', async () => {
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    await producer.add(dialJob, { callId: newCall() });
    server.pause();
    try {
      const begin = performance.now();
      await expect(producer.add(dialJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
      expect(performance.now() - begin).toBeLessThan(2_000);
    } finally {
      server.resume();
    }
    await until(
      () =>
        producer.add(dialJob, { callId: newCall() }).then(
          () => true,
          () => false,
        ),
      5_000,
    );
  });

  it('says within 2 s that Redis is not there when the process starts, and works once it is', async () => {
    await server.kill();
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    const begin = performance.now();
    await expect(producer.add(dialJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
    expect(performance.now() - begin).toBeLessThan(2_000);
    const seen: string[] = [];
    kept(
      startBullmqWorker({
        redis,
        prefix,
        job: dialJob,
        concurrency: 1,
        logger: silentLogger,
        handle: async (p) => void seen.push(p.callId),
      }),
    );
    await server.restart();
    await until(
      () =>
        producer.add(dialJob, { callId: newCall() }).then(
          () => true,
          () => false,
        ),
      5_000,
    );
    await until(() => seen.length > 0);
  });

  it('still gets jobs after it was idle for longer than the connection that it was made after would wait for an answer', async () => {
    const failFast = new Redis(server.url, { commandTimeout: 200, socketTimeout: 200, maxRetriesPerRequest: 1 });
    failFast.on('error', () => undefined);
    const producer = kept(createBullmqProducer({ redis: failFast, prefix, logger: silentLogger }));
    const got: string[] = [];
    kept(
      startBullmqWorker({
        redis: failFast,
        prefix,
        job: dialJob,
        concurrency: 1,
        logger: silentLogger,
        handle: async ({ callId }) => void got.push(callId),
      }),
    );
    for (const callId of [newCall(), newCall(), newCall()]) {
      await producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => got.includes(callId), 2_000);
      await systemTimers.sleep(1_000);
    }
    failFast.disconnect();
  });

  it('goes on working after Redis was killed and restarted', async () => {
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    const seen: string[] = [];
    kept(
      startBullmqWorker({
        redis,
        prefix,
        job: hangupJob,
        concurrency: 1,
        logger: silentLogger,
        handle: async (p) => void seen.push('callId' in p ? p.callId : p.sid),
      }),
    );
    const first = newCall();
    await producer.add(hangupJob, { callId: first });
    await until(() => seen.length === 1);
    await server.kill();
    await systemTimers.sleep(500);
    await server.restart();
    const second = newCall();
    await until(
      () =>
        producer.add(hangupJob, { callId: second }).then(
          () => true,
          () => false,
        ),
      5_000,
    );
    const tookMs = await until(() => seen.includes(second));
    expect(tookMs).toBeLessThan(8_000);
  });

  it('gives the job of a killed worker process to another after lock and stall check', async () => {
    const producer = kept(createBullmqProducer({ redis, prefix, logger: silentLogger }));
    const callId = newCall();
    // Takes the job as our worker does, and never finishes it.
    const script = `
      const { Worker } = require('bullmq');
      const { Redis } = require('ioredis');
      const connection = new Redis(${JSON.stringify(server.url)}, { maxRetriesPerRequest: null });
      new Worker('dial', () => new Promise(() => process.stdout.write('began')), {
        connection, prefix: ${JSON.stringify(`{${prefix}:dial}`)}, lockDuration: 600, stalledInterval: 300,
      });`;
    const victim = spawn(process.execPath, ['-e', script], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await producer.add(dialJob, { callId }, { dedupeId: callId });
      await once(victim.stdout, 'data');
    } finally {
      victim.kill('SIGKILL');
    }
    const seen: string[] = [];
    const lock = { lockMs: 600, stalledCheckMs: 300 };
    const handle = async (payload: DialPayload): Promise<void> => void seen.push(payload.callId);
    kept(startBullmqWorker({ redis, prefix, job: dialJob, concurrency: 1, logger: silentLogger, ...lock, handle }));
    await until(() => seen.length === 1);
    expect(seen).toEqual([callId]);
  });

  it('closes within its bound while Redis is half-open', async () => {
    const worker = startBullmqWorker({
      redis,
      prefix,
      job: dialJob,
      concurrency: 1,
      logger: silentLogger,
      handle: async () => undefined,
    });
    const producer = createBullmqProducer({ redis, prefix, logger: silentLogger });
    await producer.add(dialJob, { callId: newCall() });
    server.pause();
    try {
      const begin = performance.now();
      await worker.close();
      await producer.close();
      expect(performance.now() - begin).toBeLessThan(4_000);
    } finally {
      server.resume();
    }
  });
});
