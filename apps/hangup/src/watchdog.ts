import type { NewCallEvent } from '@onhook/call';
import type { CallId } from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import { isNewerSchema, type Calls } from '@onhook/store';
import type { Perform } from './perform.js';
import type { Tend } from './tend.js';

export interface WatchdogDeps {
  readonly calls: Pick<Calls, 'due' | 'expiredLeases' | 'apply'>;
  readonly tend: Tend;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly everyMs: number;
  /** How long a media lease lasts. Leases are judged only after scans have succeeded without a gap for as long. */
  readonly leaseTtlMs: number;
}

/** Calls tended at once by one watchdog: all those of a gateway that froze. Requests to the carrier are bounded by its adapter. */
const AT_ONCE = 200;
const LOOKED_AT = 200;
/** A call that made trouble is tried again after this, doubling: it must not take the place of those that can be helped. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * The layer behind the queue: applies every deadline that has passed and then tends the call itself, so that a lost job, a
 * lost effect or a dead worker costs time and nothing else. Never judges by age alone.
 */
export async function runWatchdog(deps: WatchdogDeps, signal: AbortSignal): Promise<void> {
  const { calls, timers, clock, logger, everyMs, leaseTtlMs } = deps;
  const rounds = createRounds(deps);
  let goodSince: number | null = null;
  let lastScanAt = clock.monotonicMs();
  while (!signal.aborted) {
    const now = clock.monotonicMs();
    // A Redis outage or a freeze of this process kept owners from being seen renewing: wait one TTL before judging them.
    if (now - lastScanAt > leaseTtlMs / 2) goodSince = null;
    lastScanAt = now;
    try {
      for (const { callId, deadline } of await calls.due(LOOKED_AT + rounds.paused())) {
        rounds.begin(callId, { type: 'deadline-passed', deadline, source: 'watchdog' });
      }
      goodSince ??= now;
      if (now - goodSince >= leaseTtlMs) {
        for (const { callId, streamSid } of await calls.expiredLeases(LOOKED_AT + rounds.paused())) {
          rounds.begin(callId, { type: 'owner-lost', streamSid, source: 'watchdog' });
        }
      }
    } catch (error) {
      goodSince = null;
      logger.warn({ err: error }, 'watchdog scan failed');
    }
    await timers.sleep(everyMs, signal);
  }
  await rounds.settled();
}

interface Rounds {
  /** Does nothing if this call is being tended, made trouble a moment ago, or too many are tended: the next scan finds it again. */
  begin(callId: CallId, event: NewCallEvent): void;
  paused(): number;
  settled(): Promise<void>;
}

/** One round a call at a time. The scan never waits for them: a slow carrier must not blind the watchdog. */
function createRounds({ calls, tend, perform, clock, logger }: WatchdogDeps): Rounds {
  const running = new Map<CallId, Promise<void>>();
  const troubles = new Map<CallId, { until: number; pauseMs: number }>();

  async function round(callId: CallId, event: NewCallEvent): Promise<void> {
    const applied = await calls.apply(callId, event);
    if (!applied) throw new Error('there is no such record');
    if (applied.verdict === 'no-news') return;
    logger.info({ callId, event: event.type, state: applied.call.state }, 'watchdog acted');
    await perform(
      callId,
      applied.effects.filter((effect) => effect.type !== 'wake-hangup'),
    );
    if (applied.effects.some((effect) => effect.type === 'wake-hangup')) await tend(callId, 'watchdog');
  }

  function pause(callId: CallId, error: unknown): void {
    // A watchdog of the newer release tends it; that it was left alone the store has said.
    if (isNewerSchema(error)) {
      troubles.set(callId, { until: clock.monotonicMs() + LONGEST_PAUSE_MS, pauseMs: LONGEST_PAUSE_MS });
      return;
    }
    const pauseMs = Math.min((troubles.get(callId)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
    troubles.set(callId, { until: clock.monotonicMs() + pauseMs, pauseMs });
    logger.error({ err: error, callId, pauseMs }, 'watchdog could not tend a call');
  }

  return {
    begin(callId, event) {
      if (running.has(callId) || running.size >= AT_ONCE) return;
      if ((troubles.get(callId)?.until ?? 0) > clock.monotonicMs()) return;
      const done = round(callId, event)
        .then(() => void troubles.delete(callId))
        .catch((error: unknown) => pause(callId, error))
        .finally(() => running.delete(callId));
      running.set(callId, done);
    },
    paused() {
      // Long since helped by somebody else: it does not come up any more.
      const longAgo = clock.monotonicMs() - LONGEST_PAUSE_MS;
      for (const [callId, { until }] of troubles) if (until < longAgo) troubles.delete(callId);
      return troubles.size + running.size;
    },
    settled: async () => void (await Promise.all(running.values())),
  };
}
