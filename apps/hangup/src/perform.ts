import type { Effect } from '@onhook/call';
import { wakesOf, type CallId } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Logger } from '@onhook/service';
import type { OrderSender } from '@onhook/store';

export type Perform = (callId: CallId, effects: readonly Effect[]) => Promise<void>;

/** The effects that this process performs: wakes, orders, alarms. `place-call` and `redirect` belong to other committers. */
export function createPerform({ waker, orders, logger }: { waker: Waker; orders: OrderSender; logger: Logger }): Perform {
  return async function perform(callId, effects) {
    for (const effect of effects) {
      if (effect.type === 'alarm') logger.error({ callId, what: effect.what }, 'alarm');
      if (effect.type === 'order') await orders.send(effect.gatewayId, effect.order);
    }
    await waker(wakesOf(effects));
  };
}
