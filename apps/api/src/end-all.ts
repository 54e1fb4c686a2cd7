import { ownerOf, type Call } from '@onhook/call';
import type { CallId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { Calls, OrderSender } from '@onhook/store';
import type { Effects } from './effects.js';

export interface EndAll {
  /**
   * Asks for the end of every call that has, or may have, a leg. Each is committed on its own; one that cannot be is left to the
   * caller, who may simply repeat the whole.
   */
  now(): Promise<{ readonly asked: number; readonly failed: number }>;
  /** Once more in a moment: a dial that was granted just before the kill switch was set may have begun since. */
  againSoon(): void;
  /** Resolves when nothing of this is under way. */
  idle(): Promise<void>;
}

/** So many commits at a time of each shard that is read: quick, and Redis still answers everybody else. */
const AT_ONCE = 5;
/** A grant of admission is good for 3 s. */
const AGAIN_AFTER_MS = 4_000;

export function createEndAll({
  calls,
  orders,
  effects,
  timers,
  logger,
}: {
  calls: Pick<Calls, 'underWay' | 'apply'>;
  orders: OrderSender;
  effects: Pick<Effects, 'begin'>;
  timers: Pick<Timers, 'sleep'>;
  logger: Logger;
}): EndAll {
  const stopping = new AbortController();
  const later = new Set<Promise<void>>();

  async function now(): Promise<{ asked: number; failed: number }> {
    let asked = 0;
    let failed = 0;
    // Page by page as they are found: with many calls that wait, looking at all of them takes longer than ending those that are up.
    await calls.underWay(async (page) => {
      for (let from = 0; from < page.length; from += AT_ONCE) {
        const results = await Promise.allSettled(page.slice(from, from + AT_ONCE).map(end));
        for (const result of results) {
          if (result.status === 'fulfilled') {
            asked++;
            continue;
          }
          failed++;
          logger.warn({ err: result.reason as unknown }, 'end of a call could not be asked for');
        }
      }
    });
    return { asked, failed };
  }

  async function end(callId: CallId): Promise<void> {
    const applied = await calls.apply(callId, {
      type: 'end-asked',
      source: 'api',
      by: 'operator',
      cause: 'operator-ended-call',
    });
    if (!applied) return;
    effects.begin(callId, applied.effects);
    // Not left to the hangup worker: a thousand calls may wait for their turn at the carrier, their gateways need not.
    await orderClose(applied.call).catch((error: unknown) => logger.warn({ callId, err: error }, 'close order was lost'));
  }

  async function orderClose(call: Call): Promise<void> {
    const owner = ownerOf(call);
    if (owner) await orders.send(owner.gatewayId, { type: 'close', callId: call.callId, streamSid: owner.streamSid });
  }

  async function again(): Promise<void> {
    await timers.sleep(AGAIN_AFTER_MS, stopping.signal);
    try {
      logger.info(await now(), 'all calls were ended once more');
    } catch (error) {
      logger.warn({ err: error }, 'all calls could not be ended once more');
    }
  }

  return {
    now,
    againSoon() {
      const work = again();
      later.add(work);
      void work.finally(() => later.delete(work));
    },
    async idle() {
      // What was to come later comes now.
      stopping.abort();
      await Promise.all(later);
    },
  };
}
