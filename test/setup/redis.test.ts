import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { askRedis } from '../../apps/onhook/setup/resp.mjs';
import { startRedis, type TestRedis } from '../redis.js';

let redis: TestRedis | undefined;
afterEach(async () => {
  await redis?.stop();
  redis = undefined;
});

const ask = (...command: string[]): Promise<unknown> => askRedis({ host: '127.0.0.1', port: redis?.port ?? 0 }, [command], 3000);

describe('a Redis of our own', () => {
  it('writes every answer to disk first and evicts nothing', async () => {
    redis = await startRedis();
    expect(await ask('CONFIG', 'GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
    expect(await ask('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await ask('CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await ask('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  });

  it('keeps its data and its port over a SIGKILL', async () => {
    redis = await startRedis();
    const before = redis.pid;
    await ask('SET', 'kept', 'yes');
    await redis.kill();
    await expect(ask('PING')).rejects.toThrow();
    await redis.restart();
    expect(await ask('GET', 'kept')).toBe('yes');
    expect(redis.pid).not.toBe(before);
  });

  it('does not begin while another one still writes to the same folder', async () => {
    redis = await startRedis();
    await ask('SET', 'kept', 'yes');
    const second = startRedis({ dir: redis.dir });
    const first = await Promise.race([second.then(() => 'began'), setTimeout(1_500, 'waits')]);
    expect(first).toBe('waits');
    await redis.kill();
    redis = await second;
    expect(await ask('GET', 'kept')).toBe('yes');
  });

  it('is silent while it is paused and answers afterwards', async () => {
    redis = await startRedis();
    redis.pause();
    await expect(askRedis({ host: '127.0.0.1', port: redis.port }, [['PING']], 200)).rejects.toThrow('did not answer');
    redis.resume();
    expect(await ask('PING')).toBe('PONG');
  });

  it('serves all slots as one node of a cluster, also after a restart', async () => {
    redis = await startRedis({ cluster: true });
    expect(redis.port).toBeLessThanOrEqual(55_535);
    expect(await ask('CLUSTER', 'INFO')).toContain('cluster_slots_ok:16384');
    await ask('SET', '{a}:x', '1');
    await redis.kill();
    await redis.restart();
    expect(await ask('GET', '{a}:x')).toBe('1');
  });

  it('leaves no data folder behind', async () => {
    redis = await startRedis();
    const { dir } = redis;
    redis.pause(); // even a frozen one is ended
    await redis.stop();
    expect(existsSync(dir)).toBe(false);
  });
});
