import type { Effect } from '@onhook/call';
import { wakesOf, type CallId } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Logger } from '@onhook/service';
import type { OrderSender } from '@onhook/store';

export interface Effects {
  /** Begins them and does not wait: an answer follows the commit alone. One that is lost is logged; the record's deadline repeats it. */
  begin(callId: CallId, effects: readonly Effect[]): void;
  /** No deadline stands behind a stray leg: rejects if its wake is not taken, so that whoever told us can tell us again. */
  wakeStrays(effects: readonly Effect[]): Promise<void>;
  /** Resolves when all that was begun is done. */
  idle(): Promise<void>;
}

/** What this process performs: wakes, orders, alarms. `place-call` and `redirect` belong to other committers. */
export function createEffects({ waker, orders, logger }: { waker: Waker; orders: OrderSender; logger: Logger }): Effects {
  const running = new Set<Promise<void>>();

  async function perform(callId: CallId, effects: readonly Effect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.type === 'alarm') logger.error({ callId, what: effect.what }, 'alarm');
    }
    const orderings = effects.flatMap((effect) => (effect.type === 'order' ? [orders.send(effect.gatewayId, effect.order)] : []));
    const wakes = wakesOf(effects).filter((wake) => wake.type !== 'stray');
    const done = await Promise.allSettled([...orderings, ...(wakes.length > 0 ? [waker(wakes)] : [])]);
    for (const one of done) {
      if (one.status === 'rejected')
        logger.warn({ callId, err: one.reason as unknown }, 'a wake or order was lost; the deadline repeats it');
    }
  }

  return {
    begin(callId, effects) {
      const work = perform(callId, effects).catch((error: unknown) => logger.error({ callId, err: error }, 'effects failed'));
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    async wakeStrays(effects) {
      const strays = wakesOf(effects).filter((wake) => wake.type === 'stray');
      if (strays.length > 0) await waker(strays);
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
