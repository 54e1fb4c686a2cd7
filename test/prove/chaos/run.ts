import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, systemTimers } from '@onhook/service';
import type { AttackLine, ClientLine, FaultLine, LedgerLine, ProcessLine, RunFacts, WebhookLine } from '../evidence.js';
import { createAttacker } from './attacker.js';
import { createClient } from './client.js';
import { collectRedis } from './collect.js';
import { drawFaults, inflict } from './faults.js';
import { openProveHouse } from './house.js';
import { openReceiver } from './receiver.js';
import { createScribe } from './scribe.js';
import { seeded } from './seeded.js';

export interface RunOptions {
  readonly dir: string;
  readonly seed: number;
  readonly calls: number;
  readonly faults: number;
  readonly atOnce: number;
  /** After so long no new fault begins, and what has not ended by then gets `settleMs` more. */
  readonly minutes: number;
  readonly say: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

const LIMITS = { callsPerSecond: 20, maxConcurrent: 60 };
/** Nothing goes wrong before the first calls talk. */
const FIRST_FAULT_AFTER_MS = 6_000;
const ATTACK_EVERY_MS = 2_500;
/** The longest that a call may need once nothing goes wrong any more: a lost create is proven by looks up to 190 s later. */
const SETTLE_MS = 240_000;
/** A message whose first try met an error is tried again after 5 s; a process that died with it is noticed by another. */
const WEBHOOKS_WITHIN_MS = 60_000;

/** One chaos run. Its folder holds the evidence; nothing here judges it. */
export async function runChaos({ dir, seed, calls, faults, atOnce, minutes, say, env }: RunOptions): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const dice = seeded(seed);
  const file = (name: string): string => path.join(dir, name);
  const faultBook = createScribe<FaultLine>(file('faults.ndjson'));
  const clientBook = createScribe<ClientLine>(file('client.ndjson'));
  const processBook = createScribe<ProcessLine>(file('processes.ndjson'));
  const attackBook = createScribe<AttackLine>(file('attacks.ndjson'));
  const startedAt = systemClock.now();
  say(`opening the house (seed ${seed})`);
  const house = await openProveHouse(dir, { seed, limits: LIMITS, tell: processBook.write, ...(env && { env }) });
  const giveUp = new AbortController();
  const receiver = await openReceiver({
    ...house,
    dice: seeded(seed + 3),
    write: createScribe<WebhookLine>(file('webhooks.ndjson')).write,
  }).catch(async (error: unknown) => {
    await house.close();
    throw error;
  });
  try {
    const client = createClient({
      ...house,
      dice: seeded(seed + 1),
      calls,
      atOnce,
      write: clientBook.write,
      signal: giveUp.signal,
    });
    const attacker = createAttacker({
      ...house,
      dice: seeded(seed + 2),
      write: attackBook.write,
      ledger: async () => readLedger(file('ledger.ndjson')),
    });
    const over = new AbortController();
    const talking = client.run().finally(() => over.abort());
    talking.catch(() => {}); // awaited below
    const untilMs = minutes * 60_000;
    const chaos = wreck();
    const attacking = attackOnAndOff();
    const telling = systemTimers.every(10_000, () =>
      say(`${client.accepted} calls accepted, ${client.ended} ended, ${inflicted} faults`),
    );
    let inflicted = 0;

    async function wreck(): Promise<void> {
      await systemTimers.sleep(FIRST_FAULT_AFTER_MS);
      const drawn = drawFaults(dice, faults);
      const everyMs = Math.max(300, (untilMs - FIRST_FAULT_AFTER_MS) / faults);
      const running = new Set<Promise<unknown>>();
      const world = { posts: house.posts, redis: house.redis, simulatorUrl: house.simulatorUrl, dice };
      for (const fault of drawn) {
        if (over.signal.aborted || systemClock.now() - startedAt > untilMs) break;
        // Redis is one: two faults of it at once would be one.
        const one = inflict(fault, world, faultBook.write).then(
          (done) => done && inflicted++,
          (error: unknown) => say(`fault ${fault.kind} could not be done: ${String(error)}`),
        );
        const tracked = one.finally(() => running.delete(tracked));
        running.add(tracked);
        if (fault.class === 'redis') await tracked;
        else await systemTimers.sleep(everyMs);
      }
      await Promise.all(running);
    }
    async function attackOnAndOff(): Promise<void> {
      while (!over.signal.aborted) {
        await Promise.all([attacker.attack(), systemTimers.sleep(ATTACK_EVERY_MS)]);
      }
    }

    await chaos;
    say('nothing goes wrong any more; waiting for the calls');
    const patience = systemTimers.after(SETTLE_MS, () => giveUp.abort());
    await talking;
    patience.cancel();
    telling.cancel();
    await attacking;
    // What settles behind the last call: late callbacks, the reconciler's looks, the outbox.
    await systemTimers.sleep(6_000);
    for (const until = systemClock.now() + WEBHOOKS_WITHIN_MS; receiver.told.size < client.ended && systemClock.now() < until;)
      await systemTimers.sleep(500);
    await house.stopPosts();
    const facts: RunFacts = {
      seed,
      startedAt,
      endedAt: systemClock.now(),
      callsAsked: calls,
      faultsAsked: faults,
      limits: LIMITS,
      maxDurationSec: 30,
      gateways: house.mediaUrls.length,
      canaries: [
        '\\+1(415|212|312|206)555\\d{4}',
        house.authToken,
        house.apiKey,
        'Lakeside Dental',
        'how are you today',
        'I have to stop here',
      ],
    };
    writeFileSync(file('run.json'), JSON.stringify(facts, null, 1));
    await collectRedis(dir, { url: house.redis.url, prefix: house.prefix, dataKey: house.dataKey });
  } finally {
    giveUp.abort();
    await house.close();
    await receiver.close();
  }
}

function readLedger(file: string): LedgerLine[] {
  const text = readFileSync(file, 'utf8');
  // The last line may be half written.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes('"rang"'))
    .map((line) => JSON.parse(line) as LedgerLine);
}
