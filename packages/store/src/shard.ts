import { createHash } from 'node:crypto';
import { SHARDS, type Shard } from '@onhook/contracts';
import type { Chance } from '@onhook/service';

/**
 * The shard of a new call. With an idempotency key it follows from account and key, so that key and call share a slot and
 * one script can write both; without one it is random.
 */
export function chooseShard(account: string, key: string | null, chance: Chance): Shard {
  const choice =
    key === null
      ? Math.floor(chance.fraction() * SHARDS.length)
      : Number.parseInt(idempotencyHash(account, key).slice(0, 2), 16) % SHARDS.length;
  return SHARDS[choice]!;
}

/** Stands for the client's key, which may hold a phone number, in our key names. */
export function idempotencyHash(account: string, key: string): string {
  return createHash('sha256').update(`${account}\0${key}`).digest('hex').slice(0, 40);
}
