import type { GatewayId, GatewayOrder } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { OrderReceiver } from '@onhook/store';
import type { LiveCalls } from './live-calls.js';

/** Carries out what this gateway is told. An order for a stream that it does not hold is done already. */
export function createOrderHandler({
  live,
  logger,
}: {
  live: Pick<LiveCalls, 'get'>;
  logger: Logger;
}): (order: GatewayOrder) => Promise<void> {
  return async function carryOut(order) {
    const bridge = live.get(order.streamSid);
    if (!bridge || bridge.callId !== order.callId) {
      logger.debug({ callId: order.callId, order: order.type }, 'order was for a call that is not here');
      return;
    }
    logger.info({ callId: order.callId, order: order.type }, 'order came');
    switch (order.type) {
      case 'close':
        return bridge.close('order');
      case 'answered-by':
        return bridge.answeredBy(order.who);
      case 'say-and-end':
        try {
          return await bridge.sayAndEnd();
        } catch (error) {
          // The words are in the record only; its deadline ends the call without them.
          logger.warn({ err: error, callId: order.callId }, 'last words could not be read');
        }
    }
  };
}

interface CloseOrdersDeps {
  readonly gatewayId: GatewayId;
  readonly orders: OrderReceiver;
  readonly carryOut: (order: GatewayOrder) => Promise<void>;
  readonly logger: Logger;
}

export function startCloseOrders({ gatewayId, orders, carryOut, logger }: CloseOrdersDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const receiving = orders
    // Not awaited: one call's order must not wait for another's.
    .receive(gatewayId, (order) => void carryOut(order), stopping.signal)
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) logger.error({ err: error }, 'orders are no longer received');
    });
  return {
    async stop() {
      stopping.abort();
      await receiving;
    },
  };
}
