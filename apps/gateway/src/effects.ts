import type { Effect } from '@onhook/call';
import type { GatewayId, GatewayOrder, Wake } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Logger } from '@onhook/service';
import type { OrderSender } from '@onhook/store';

/** Performs what a transition asked for. Never rejects: the record's deadline repeats what was lost. */
export type Perform = (effects: readonly Effect[]) => Promise<void>;

interface EffectsDeps {
  readonly gatewayId: GatewayId;
  readonly waker: Waker;
  readonly orders: OrderSender;
  /** An order for this very gateway needs no Redis. */
  readonly onOwnOrder: (order: GatewayOrder) => void;
  readonly logger: Logger;
}

export function createPerform({ gatewayId, waker, orders, onOwnOrder, logger }: EffectsDeps): Perform {
  return async function perform(effects) {
    const wakes = effects.filter(isWake);
    const sends = effects.filter((effect) => !isWake(effect)).map(performOne);
    if (wakes.length > 0) sends.push(tried('wakes were not sent', () => waker(wakes)));
    await Promise.all(sends);
  };

  async function performOne(effect: Exclude<Effect, Wake>): Promise<void> {
    switch (effect.type) {
      case 'order':
        if (effect.gatewayId === gatewayId) return tried('order failed', async () => onOwnOrder(effect.order));
        return tried('order was not sent', () => orders.send(effect.gatewayId, effect.order));
      case 'alarm':
        return logger.error({ callId: effect.callId, what: effect.what }, 'alarm');
      case 'place-call':
      case 'redirect':
        // Only the process whose commit made them may perform these; a redirect is the business of its transfer alone.
        return logger.error({ callId: effect.callId, effect: effect.type }, 'effect did not belong here');
    }
  }

  async function tried(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      logger.warn({ err: error }, what);
    }
  }
}

function isWake(effect: Effect): effect is Wake {
  return effect.type === 'wake-dialer' || effect.type === 'wake-hangup' || effect.type === 'stray';
}
