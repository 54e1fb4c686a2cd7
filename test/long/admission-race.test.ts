import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../redis.js';

const bench = path.resolve(import.meta.dirname, '../../packages/store/dist/bench/main.js');
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis({ appendfsync: 'no' });
});
afterAll(() => redis.stop());

it('admission never grants more than there is, in 100 000 races of 50 connections', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, '--json'], {
    env: { PATH: process.env['PATH'], REDIS_URL: redis.url },
  });
  const report = JSON.parse(stdout) as { races: number; grants: number; above: object };
  expect(report).toMatchObject({ races: 100_000, grantsAboveLimit: 0, above: {} });
  expect(report.grants).toBeGreaterThan(5_000);
});
