import { createWaker } from '@onhook/queue';
import { newCallId, type E164 } from '@onhook/contracts';
import { chooseShard, StoreUnavailable } from '@onhook/store';
import { createMemoryStore } from '@onhook/store/memory';
import type { NewCall } from '@onhook/call';
import { AGENTS, type Persona } from './agents.js';
import type { CalleeKind } from './carrier/callee.js';
import type { Draw } from './draw.js';
import type { HttpAnswer } from './http.js';
import { ACCOUNT, API_KEY } from './settings.js';
import type { World } from './world.js';

/** What somebody wants of us. */
export interface Wish {
  readonly key: string;
  readonly to: string;
  readonly callee: CalleeKind;
  readonly persona: Persona;
  readonly atMs: number;
  readonly via: 'api' | 'campaign';
  readonly ringTimeoutSec: number;
  readonly maxDurationSec: number;
  readonly earliestAt: number | null;
  readonly latestAt: number | null;
  readonly maxAttempts: number;
  /** An operator ends it so long after it was asked for. */
  readonly endAfterMs: number | null;
  readonly lastWords: string | null;
}

/** What came of it, as whoever asked can know. */
export interface WishLog {
  readonly wish: Wish;
  /** From a 201, or of a campaign's contact; null: nobody answered. */
  callId: string | null;
  /** Of each request that was sent. */
  readonly askedAt: number[];
  answeredAt: number | null;
  /** Answers to `POST /end`, with the state before and after. */
  readonly ends: { readonly at: number; readonly status: number; readonly state: string | null; readonly cause: string | null }[];
}

export interface Users {
  readonly logs: readonly WishLog[];
  /** Everybody has an answer, or has given up. */
  isDone(): boolean;
}

const TRIES = 8;
const PATIENCE_MS = 4_000;

export function startUsers(world: World, wishes: readonly Wish[], draw: Draw): Users {
  const { scheduler, network } = world;
  const logs: WishLog[] = wishes.map((wish) => ({ wish, callId: null, askedAt: [], answeredAt: null, ends: [] }));
  let busy = logs.length;

  const send = (path: string, body: unknown, key?: string): Promise<HttpAnswer> =>
    network.request(
      {
        method: 'POST',
        path,
        headers: {
          authorization: `Bearer ${API_KEY}`,
          'content-type': 'application/json',
          ...(key && { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
      },
      PATIENCE_MS,
    );

  async function create(log: WishLog): Promise<void> {
    const { wish } = log;
    const iso = (at: number): string => new Date(at).toISOString();
    const body = {
      to: wish.to,
      agentId: wish.persona,
      limits: { ringTimeoutSeconds: wish.ringTimeoutSec, maxDurationSeconds: wish.maxDurationSec },
      schedule: {
        ...(wish.earliestAt !== null && { earliestAt: iso(wish.earliestAt) }),
        ...(wish.latestAt !== null && { latestAt: iso(wish.latestAt) }),
      },
    };
    for (let tries = 0; tries < TRIES && log.callId === null; tries++) {
      log.askedAt.push(scheduler.now());
      const answer = await send('/v1/calls', body, wish.key);
      if (answer.outcome === 'answered' && answer.status === 201) {
        log.callId = (JSON.parse(answer.body) as { id: string }).id;
        log.answeredAt = scheduler.now();
      } else if (answer.outcome === 'answered' && answer.status === 422 && wish.latestAt !== null) {
        // By the clock of that machine its time is over: nobody is to be called any more.
        return;
      } else if (answer.outcome === 'answered' && answer.status < 500) {
        throw new Error(`the API refused a call of the simulation: ${answer.status} ${answer.body}`);
      } else await scheduler.delay(draw.between(500, 3_000));
    }
  }

  /** As the campaign's feeder does it: the record at once, with a redial policy, and a wake. */
  async function feed(log: WishLog): Promise<void> {
    const { wish } = log;
    const { around } = world;
    const agent = AGENTS.get(wish.persona)!;
    for (let tries = 0; tries < TRIES && log.callId === null; tries++) {
      const dialer = world.processes('dialer').find((process) => process.isServing());
      if (dialer) {
        const { calls } = createMemoryStore({
          database: around.database,
          chance: around.draw,
          faults: around.ports.storeFaults(dialer),
        });
        const call: NewCall = {
          callId: newCallId(chooseShard(ACCOUNT, wish.key, around.draw), around.draw.uuidv7()),
          account: ACCOUNT,
          to: wish.to as E164,
          from: null,
          agentId: wish.persona,
          variables: {},
          metadata: {},
          notBefore: wish.earliestAt,
          policy: {
            ringTimeoutSec: wish.ringTimeoutSec,
            maxDurationSec: wish.maxDurationSec,
            transferLimitSec: agent.tools.transfer?.limitSeconds ?? 0,
            latestAt: wish.latestAt,
            redial: {
              maxAttempts: wish.maxAttempts,
              on: ['busy', 'no-answer', 'failed', 'voicemail'],
              delaySec: 20,
              backoff: 'fixed',
              maxDelaySec: 60,
            },
            voicemail: agent.voicemail?.machine ?? 'continue',
            ...(agent.voicemail && { unknownAnswer: agent.voicemail.unknown, detectsMachines: true }),
          },
        };
        try {
          log.askedAt.push(scheduler.now());
          const idempotency = { account: ACCOUNT, key: wish.key, fingerprint: wish.key };
          const created = await calls.create(call, idempotency);
          if (created.outcome === 'conflict') throw new Error('one contact, two fingerprints');
          log.callId = created.call.callId;
          log.answeredAt = scheduler.now();
          if (created.outcome === 'created') {
            const waker = createWaker({ producer: around.producerFor(dialer), clock: dialer.clock });
            // A wake that is lost is repeated by the record's deadline.
            await waker(created.effects.filter((effect) => effect.type === 'wake-dialer')).catch(() => undefined);
          }
          return;
        } catch (error) {
          // Redis is away: the tick comes again.
          if (!(error instanceof StoreUnavailable)) throw error;
        }
      }
      await scheduler.delay(draw.between(500, 3_000));
    }
  }

  async function end(log: WishLog): Promise<void> {
    const { lastWords } = log.wish;
    for (let tries = 0; tries < TRIES; tries++) {
      if (log.callId === null) return;
      const answer = await send(`/v1/calls/${log.callId}/end`, lastWords === null ? {} : { message: lastWords });
      if (answer.outcome === 'answered') {
        const view = answer.status === 202 ? (JSON.parse(answer.body) as { state: string; cause: string | null }) : null;
        log.ends.push({ at: scheduler.now(), status: answer.status, state: view?.state ?? null, cause: view?.cause ?? null });
        if (answer.status < 500) return;
      }
      await scheduler.delay(draw.between(500, 3_000));
    }
  }

  for (const log of logs) {
    scheduler.after(log.wish.atMs, () => {
      const asked = log.wish.via === 'api' ? create(log) : feed(log);
      void asked.finally(() => busy--);
    });
    if (log.wish.endAfterMs !== null) scheduler.after(log.wish.atMs + log.wish.endAfterMs, () => void end(log));
  }
  return { logs, isDone: () => busy === 0 };
}
