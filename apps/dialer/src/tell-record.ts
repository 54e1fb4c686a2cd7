import type { NewCallEvent } from '@onhook/call';
import { wakesOf, type CallId } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Clock, Logger, Timers } from '@onhook/service';
import { isNewerSchema, type Applied, type Calls } from '@onhook/store';

/** Tells the record what has already happened, and performs what follows. Null: there is no such record. */
export type TellRecord = (callId: CallId, event: NewCallEvent) => Promise<Applied | null>;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * What the carrier answered is known to this process only: a Redis that blinks must not turn a definite answer into an unclear one.
 * So it is told again for as long as the watchdog has not given this dialer up.
 *
 * @throws what the store threw last, once `withinMs` has passed; NewerSchema at once
 */
export function createTellRecord({
  calls,
  waker,
  clock,
  timers,
  logger,
  withinMs,
}: {
  calls: Pick<Calls, 'apply'>;
  waker: Waker;
  clock: Clock;
  timers: Pick<Timers, 'sleep'>;
  logger: Logger;
  withinMs: number;
}): TellRecord {
  return async function tellRecord(callId, event) {
    const giveUpAt = clock.monotonicMs() + withinMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await perform(callId, await calls.apply(callId, event));
      } catch (error) {
        if (isNewerSchema(error) || clock.monotonicMs() + pauseMs > giveUpAt) throw error;
        if (pauseMs === FIRST_PAUSE_MS) logger.warn({ err: error, callId, event: event.type }, 'record is told later');
        await timers.sleep(pauseMs);
      }
    }
  };

  async function perform(callId: CallId, applied: Applied | null): Promise<Applied | null> {
    for (const effect of applied?.effects ?? []) {
      if (effect.type === 'alarm') logger.error({ callId, what: effect.what }, 'alarm');
    }
    if (applied) await waker(wakesOf(applied.effects));
    return applied;
  }
}
