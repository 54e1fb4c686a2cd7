import { readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { systemTimers } from '@onhook/service';
import type { TestRedis } from './redis.js';

const CUT_MS = 1_000;

/** The part of the append-only file that Redis writes to. */
function tailFile({ dir }: TestRedis): string {
  const folder = path.join(dir, 'appendonlydir');
  return path.join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!,
  );
}

/**
 * After `afterMs` the power is cut: Redis is killed, and what it wrote in its last second has never reached the disk. It stays down.
 *
 * @returns how many bytes were lost
 */
export async function cutPower(redis: TestRedis, afterMs: number): Promise<number> {
  const sizes: { at: number; bytes: number }[] = [];
  const file = tailFile(redis);
  for (const until = Date.now() + Math.max(afterMs, CUT_MS + 100); Date.now() < until;) {
    sizes.push({ at: Date.now(), bytes: statSync(file).size });
    await systemTimers.sleep(25);
  }
  const killedAt = Date.now();
  await redis.kill();
  const kept = sizes.filter(({ at }) => at <= killedAt - CUT_MS).at(-1)!;
  const written = statSync(file).size;
  truncateSync(file, kept.bytes);
  return written - kept.bytes;
}
