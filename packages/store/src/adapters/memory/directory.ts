import { readOrder, type GatewayId } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { GatewayDirectory, OrderReceiver, OrderSender } from '../../ports/directory.js';
import type { WorkerBeats } from '../../ports/workers.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

interface Deps {
  readonly database: MemoryDatabase;
  readonly faults: MemoryFaults;
  readonly logger: Logger;
}

export function createMemoryDirectory({ database, faults }: Deps): GatewayDirectory {
  return {
    beat: (entry, ttlMs) =>
      step(faults, () => {
        database.gateways.set(entry.gatewayId, { entry: structuredClone(entry), expiresAt: database.clock.now() + ttlMs });
      }),
    leave: (gatewayId) => step(faults, () => void database.gateways.delete(gatewayId)),
    list: () =>
      step(faults, () => {
        const living = [...database.gateways.values()].filter(({ expiresAt }) => expiresAt > database.clock.now());
        return living.map(({ entry }) => structuredClone(entry));
      }),
    expectStream: (gatewayId, withinMs) =>
      step(faults, () => {
        const until = database.clock.now() + withinMs;
        database.streamsExpected.set(gatewayId, Math.max(until, database.streamsExpected.get(gatewayId) ?? 0));
      }),
    streamsExpectedForMs: (gatewayId) =>
      step(faults, () => Math.max(0, (database.streamsExpected.get(gatewayId) ?? 0) - database.clock.now())),
  };
}

export function createMemoryBeats({ database, faults }: Deps): WorkerBeats {
  return {
    beat: (kind, workerId, ttlMs) =>
      step(faults, () => void database.beats.set(`${kind}|${workerId}`, database.clock.now() + ttlMs)),
    leave: (kind, workerId) => step(faults, () => void database.beats.delete(`${kind}|${workerId}`)),
    alive: (kind) =>
      step(
        faults,
        () => [...database.beats].filter(([name, until]) => name.startsWith(`${kind}|`) && until > database.clock.now()).length,
      ),
  };
}

export function createMemoryOrders({ database, faults, logger }: Deps): OrderSender & OrderReceiver {
  const streamOf = (gatewayId: GatewayId) => {
    const stream = database.orders.get(gatewayId) ?? { kept: [], wake: new Set<() => void>() };
    database.orders.set(gatewayId, stream);
    return stream;
  };
  return {
    send: (gatewayId, order) =>
      step(faults, () => {
        const stream = streamOf(gatewayId);
        stream.kept.push(structuredClone(order));
        for (const wake of stream.wake) wake();
      }),
    async receive(gatewayId, onOrder, signal) {
      const stream = streamOf(gatewayId);
      for (let next = 0; !signal.aborted;) {
        const read = readOrder(stream.kept[next]);
        if (next >= stream.kept.length) {
          await newOrder(stream.wake, signal);
          continue;
        }
        next++;
        if (read.outcome !== 'order') {
          logger.warn({ gatewayId }, `${read.outcome} order was skipped`);
          continue;
        }
        const { order } = read;
        try {
          await onOrder(order);
        } catch (error) {
          logger.error({ error, gatewayId, callId: order.callId, order: order.type }, 'order failed');
        }
      }
    },
  };
}

function newOrder(wakers: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      wakers.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    wakers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
}
