import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLogger, systemChance, systemTimers } from '@onhook/service';
import { createVault } from '@onhook/store';
import { createRedisStore, connectRedis } from '@onhook/store/redis';
import type { RecordLine, RedisFacts } from '../evidence.js';

type Redis = Awaited<ReturnType<typeof connectRedis>>;

const quiet = createLogger({ name: 'prove', level: 'silent' });
const PAGE = 200;
/** Where numbers and words have no business: jobs, streams of news, orders, timelines. */
const NO_SECRETS_IN = /:(feed|outbox|orders|timeline)\b|^bull:|:bull:|queue/;

/** Reads what lies in Redis when every process of ours has gone, and writes it beside the other witnesses. */
export async function collectRedis(
  dir: string,
  { url, prefix, dataKey }: { url: string; prefix: string; dataKey: string },
): Promise<void> {
  const redis = await connectRedis(url, 'producer', { logger: quiet });
  try {
    // What is sealed is opened with the key of the house, as its own processes do.
    const vault = createVault({ dataKeys: [Buffer.from(dataKey, 'hex')], chance: systemChance });
    const store = createRedisStore({ redis, prefix, vault, chance: systemChance, timers: systemTimers, logger: quiet });
    const file = path.join(dir, 'records.ndjson');
    writeFileSync(file, '');
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.calls.list>> = await store.calls.list({ limit: PAGE, cursor });
      for (const call of page.calls) {
        const [loaded, timeline] = await Promise.all([store.calls.load(call.callId), store.calls.timeline(call.callId)]);
        const line: RecordLine = {
          callId: call.callId,
          to: call.to,
          state: call.state,
          version: loaded?.version ?? 0,
          createdAt: call.createdAt,
          attempts: call.attempts.map(({ n, dialedAt, sid, carrierStatus, answeredAt, over }) => ({
            n,
            dialedAt,
            sid,
            carrierStatus,
            answeredAt,
            over,
          })),
          end: call.end,
          timeline,
        };
        appendFileSync(file, `${JSON.stringify(line)}\n`);
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
    writeFileSync(path.join(dir, 'redis.json'), JSON.stringify(await readRest(redis), null, 1));
  } finally {
    redis.disconnect();
  }
}

async function readRest(redis: Redis): Promise<RedisFacts> {
  const [seconds = '0', micros = '0'] = (await redis.call('TIME')) as string[];
  const keys = await allKeys(redis);
  const jobs: Record<string, number> = {};
  const due: { callId: string; at: number }[] = [];
  const leases: { what: string; until: number }[] = [];
  const places: { callId: string; attempt: number; until: number }[] = [];
  const text: { key: string; value: string }[] = [];
  let outbox = 0;
  for (const key of keys) {
    const type = (await redis.call('TYPE', key)) as string;
    if (/:(wait|active|delayed|prioritized|paused)$/.test(key)) {
      const count = type === 'zset' ? await redis.call('ZCARD', key) : type === 'list' ? await redis.call('LLEN', key) : 0;
      if (Number(count) > 0 && !/repeat|campaign|tick|retention/.test(key)) jobs[key] = Number(count);
    }
    if (key.endsWith(':outbox') && type === 'stream') outbox += Number(await redis.call('XLEN', key));
    if (key.endsWith(':due')) for (const [callId, at] of await scored(redis, key)) due.push({ callId, at });
    if (key.endsWith(':leases')) for (const [what, until] of await scored(redis, key)) leases.push({ what, until });
    if (key.endsWith(':in-flight'))
      for (const [place, until] of await scored(redis, key)) {
        const [callId = '', attempt = '0'] = String(place).split(':');
        places.push({ callId, attempt: Number(attempt), until });
      }
    if (NO_SECRETS_IN.test(key)) text.push({ key, value: await textOf(redis, key, type) });
  }
  const clients = ((await redis.call('CLIENT', 'LIST')) as string)
    .split('\n')
    .filter((line) => line !== '' && !line.includes('cmd=client'))
    .map((line) => line.slice(0, 160));
  return { now: Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000), clients, jobs, outbox, due, leases, places, text };
}

async function allKeys(redis: Redis): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, page] = (await redis.call('SCAN', cursor, 'COUNT', '1000')) as [string, string[]];
    keys.push(...page);
    cursor = next;
  } while (cursor !== '0');
  return keys;
}

async function scored(redis: Redis, key: string): Promise<[string, number][]> {
  // RESP 3 answers with pairs, RESP 2 with one flat list.
  const flat = ((await redis.call('ZRANGE', key, '0', '-1', 'WITHSCORES')) as unknown[]).flat() as string[];
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, Number(flat[2 * i + 1])]);
}

async function textOf(redis: Redis, key: string, type: string): Promise<string> {
  const read: Record<string, string[]> = {
    hash: ['HGETALL', key],
    stream: ['XRANGE', key, '-', '+'],
    list: ['LRANGE', key, '0', '-1'],
    zset: ['ZRANGE', key, '0', '-1'],
    set: ['SMEMBERS', key],
    string: ['GET', key],
  };
  const command = read[type];
  if (!command) return '';
  return JSON.stringify(await redis.call(command[0]!, ...command.slice(1)));
}
