import { readOrder, type GatewayId, type GatewayOrder, type OrderRead } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { Keys } from '../../keys.js';
import type { OrderReceiver, OrderSender } from '../../ports/directory.js';
import { ask } from './ask.js';
import { openReader, type RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

const BLOCK_MS = 2_000;
const AFTER_FAILURE_MS = 250;
const KEPT_ORDERS = 10_000;
/** Far longer than a gateway could be cut off and still hold a call worth closing. */
const LIFE_AFTER_LAST_ORDER_MS = 600_000;

export interface OrdersDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly timers: Timers;
  readonly logger: Logger;
}

type Entry = [id: string, fields: string[]];

export function createRedisOrders({ redis, keys, timers, logger }: OrdersDeps): OrderSender & OrderReceiver {
  return {
    async send(gatewayId, order) {
      await runScript(
        redis,
        scripts.sendOrder,
        [keys.gatewayOrders(gatewayId)],
        [JSON.stringify(order), KEPT_ORDERS, LIFE_AFTER_LAST_ORDER_MS],
      );
    },

    async receive(gatewayId, onOrder, signal) {
      if (signal.aborted) return;
      // A connection of its own: a blocking read would hold up everything behind it.
      const reader = openReader(redis, BLOCK_MS);
      reader.on('error', () => {}); // each failed read is logged below
      const stop = (): void => reader.disconnect();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await readUntil(
          signal,
          async (after) => {
            const answer = await ask(() =>
              reader.xread('COUNT', 100, 'BLOCK', BLOCK_MS, 'STREAMS', keys.gatewayOrders(gatewayId), after),
            );
            return (answer?.[0]?.[1] ?? []) as Entry[];
          },
          (entry) => handle(gatewayId, entry, onOrder),
        );
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    },
  };

  /** Remembers the last id that was handled, so that an outage delays orders and loses none. */
  async function readUntil(
    signal: AbortSignal,
    read: (after: string) => Promise<Entry[]>,
    each: (entry: Entry) => Promise<void>,
  ): Promise<void> {
    let after = '0-0';
    let isFailing = false;
    while (!signal.aborted) {
      try {
        const entries = await read(after);
        isFailing = false;
        for (const entry of entries) {
          if (signal.aborted) return;
          await each(entry);
          after = entry[0];
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isFailing) logger.warn({ error }, 'orders could not be read');
        isFailing = true;
        await timers.sleep(AFTER_FAILURE_MS, signal);
      }
    }
  }

  /** One bad order, or one that the gateway chokes on, does not keep the next from it. */
  async function handle(
    gatewayId: GatewayId,
    [entryId, fields]: Entry,
    onOrder: (order: GatewayOrder) => Promise<void> | void,
  ): Promise<void> {
    const read = parseOrder(fields);
    if (read.outcome === 'newer') return logger.warn({ gatewayId, entryId, schema: read.schema }, 'newer order was skipped');
    if (read.outcome === 'unknown') return logger.warn({ gatewayId, entryId }, 'unknown order was skipped');
    const { order } = read;
    try {
      await onOrder(order);
    } catch (error) {
      logger.error({ error, gatewayId, entryId, callId: order.callId, order: order.type }, 'order failed');
    }
  }
}

function parseOrder(fields: readonly string[]): OrderRead {
  const at = fields.indexOf('o');
  try {
    return readOrder(JSON.parse(fields[at + 1] ?? ''));
  } catch {
    return { outcome: 'unknown' }; // the caller logs it, without its content
  }
}
