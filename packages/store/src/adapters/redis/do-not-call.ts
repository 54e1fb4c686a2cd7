import { BadCursor } from '../../errors.js';
import { createKeys } from '../../keys.js';
import type { DoNotCallEntry, DoNotCallList } from '../../ports/do-not-call.js';
import { readEntry, writeEntry, type StoredEntry } from '../../record/do-not-call-entry.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

/** Commands on their way at a time: others have work for this connection too. */
const ADDED_AT_ONCE = 100;
/** Entries looked at by one command when the list is brought under another key. */
const ADOPTED_AT_ONCE = 200;
const OLD_NAMES_STAY_MS = 24 * 3_600_000;

export interface RedisDoNotCallDeps {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly vault?: Vault;
}

export function createRedisDoNotCall({ redis, prefix, vault = OPEN_VAULT }: RedisDoNotCallDeps): DoNotCallList {
  const keys = createKeys(prefix);
  const key = (account: string): string => keys.account(account)('do-not-call');

  return {
    async add(account, entries) {
      const since = await nowMs();
      let added = 0;
      for (let from = 0; from < entries.length; from += ADDED_AT_ONCE) {
        const answers = await Promise.all(
          entries.slice(from, from + ADDED_AT_ONCE).map(({ number, note = null }) => {
            const name = vault.nameOf(number);
            const sealed = writeEntry(vault, name, { number, since, note, renamedAt: null });
            return ask(() => redis.hsetnx(key(account), name, sealed));
          }),
        );
        added += answers.reduce((sum, one) => sum + one, 0);
      }
      return added;
    },

    async remove(account, numbers) {
      if (numbers.length === 0) return 0;
      return ask(() => redis.hdel(key(account), ...numbers.map((number) => vault.nameOf(number))));
    },

    async find(account, number) {
      const name = vault.nameOf(number);
      const stored = await ask(() => redis.hgetBuffer(key(account), name));
      return stored && shown(readEntry(vault, name, stored));
    },

    async page(account, { limit, cursor }) {
      if (cursor !== null && !/^\d{1,20}$/.test(cursor)) throw new BadCursor();
      const entries = [];
      let next = cursor ?? '0';
      do {
        const [after, flat] = await ask(() => redis.hscanBuffer(key(account), next, 'COUNT', limit));
        for (const [name, stored] of inPairs(flat)) {
          const entry = shown(readEntry(vault, name.toString(), stored));
          if (entry) entries.push(entry);
        }
        next = after.toString();
      } while (entries.length < limit && next !== '0');
      return { entries, nextCursor: next === '0' ? null : next };
    },

    async adopt(account) {
      const now = await nowMs();
      let changed = 0;
      let next = '0';
      do {
        const [after, flat] = await ask(() => redis.hscanBuffer(key(account), next, 'COUNT', ADOPTED_AT_ONCE));
        const done = await Promise.all(inPairs(flat).map(([field, stored]) => adoptOne(account, field.toString(), stored, now)));
        changed += done.filter(Boolean).length;
        next = after.toString();
      } while (next !== '0');
      return changed;
    },
  };

  /** The old name stays for a day: admission must find the number whichever DATA_KEY its process has. */
  async function adoptOne(account: string, field: string, stored: Buffer, now: number): Promise<boolean> {
    const entry = readEntry(vault, field, stored);
    if (!entry) return false;
    const put = (name: string, as: StoredEntry): Promise<number> =>
      ask(() => redis.hset(key(account), name, writeEntry(vault, name, as)));
    if (entry.renamedAt !== null) {
      if (now - entry.renamedAt > OLD_NAMES_STAY_MS) await ask(() => redis.hdel(key(account), field));
      return false;
    }
    const name = vault.nameOf(entry.number);
    if (name === field && !vault.isStale(stored)) return false;
    await put(name, entry);
    if (name !== field) await put(field, { ...entry, renamedAt: now });
    return true;
  }

  async function nowMs(): Promise<number> {
    const [seconds, microseconds] = await ask(() => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }
}

function shown(entry: StoredEntry | null): DoNotCallEntry | null {
  return entry && entry.renamedAt === null ? { number: entry.number, since: entry.since, note: entry.note } : null;
}

function inPairs(flat: readonly Buffer[]): [Buffer, Buffer][] {
  return flat.flatMap((item, i): [Buffer, Buffer][] => (i % 2 === 0 ? [[item, flat[i + 1]!]] : []));
}
