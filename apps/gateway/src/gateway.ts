import type { Carrier } from '@onhook/carrier';
import type { Agent, CallId, GatewayId } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls, GatewayDirectory, OrderReceiver, OrderSender } from '@onhook/store';
import type { VoiceAgent } from '@onhook/voice-agent';
import { createOrderHandler, startCloseOrders } from './close-orders.js';
import { startDirectoryBeat } from './directory-beat.js';
import { createPerform } from './effects.js';
import { startLeases } from './leases.js';
import { GATEWAY_LIMITS, type GatewayLimits } from './limits.js';
import { createLiveCalls } from './live-calls.js';
import { bridgeMedia } from './media-bridge.js';
import type { MediaSocket } from './media-socket.js';
import type { RecordingStore } from './recording-store.js';
import { createReport } from './reports.js';
import { createStreamIntake } from './stream-intake.js';

export interface GatewayDeps {
  readonly gatewayId: GatewayId;
  readonly mediaUrl: string;
  readonly seats: number;
  readonly accountSid: string;
  readonly isGenuineToken: (callId: CallId, attempt: number, token: unknown) => boolean;
  readonly calls: Pick<Calls, 'apply' | 'load' | 'renewLeases'>;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly waker: Waker;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  readonly voiceAgent: VoiceAgent;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly recordings: RecordingStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits?: GatewayLimits;
  readonly protectGreeting?: boolean;
}

export interface Gateway {
  /** Takes a socket whose upgrade was signed. Resolves when it is known whose it is. */
  admit(socket: MediaSocket): Promise<void>;
  live(): number;
  draining(): boolean;
  /** Takes no new call, lets the live ones finish, then ends them. Resolves when all is closed. */
  stop(options: { finishWithinMs: number }): Promise<void>;
}

/** What one gateway process is made of, apart from its server and its connections. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { gatewayId, calls, timers, clock, logger, limits = GATEWAY_LIMITS, protectGreeting = true } = deps;
  const live = createLiveCalls();
  let isDraining = false;

  const carryOut = createOrderHandler({ live, logger });
  const perform = createPerform({
    gatewayId,
    waker: deps.waker,
    orders: deps.orders,
    onOwnOrder: (order) => void carryOut(order),
    logger,
  });
  const report = createReport({ calls, perform, clock, timers, logger, withinMs: limits.reportWithinMs });
  const intake = createStreamIntake({
    ...deps,
    draining: () => isDraining,
    perform,
    report,
    limits,
    onAccepted: (stream) => live.add(bridgeMedia(stream, { ...deps, perform, report, limits, protectGreeting })),
  });
  // Orders before the directory: whoever can see us can reach us.
  const orders = startCloseOrders({ gatewayId, orders: deps.orders, carryOut, logger });
  const leases = startLeases({ gatewayId, calls, live, timers, logger, leaseMs: limits.leaseMs });
  const directory = await startDirectoryBeat({ ...deps, live: live.count, draining: () => isDraining });

  return {
    admit: intake.admit,
    live: live.count,
    draining: () => isDraining,
    async stop({ finishWithinMs }) {
      isDraining = true;
      await directory.beat();
      const patience = new AbortController();
      const idle = Promise.all([intake.idle(), live.idle()]).then(() => patience.abort());
      await timers.sleep(finishWithinMs, patience.signal);
      if (live.count() > 0) {
        logger.warn({ live: live.count() }, 'live calls are ended: the process stops');
        live.endAll('worker-shutdown', 'platform');
      }
      await idle;
      await directory.stop();
      leases.stop();
      await orders.stop();
    },
  };
}
