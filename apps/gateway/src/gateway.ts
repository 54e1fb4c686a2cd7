import type { Carrier } from '@onhook/carrier';
import type { Agent, CallId, GatewayId } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { RecordingStore } from '@onhook/recordings';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls, GatewayDirectory, OrderReceiver, OrderSender, Transcripts } from '@onhook/store';
import type { VoiceAgent } from '@onhook/voice-agent';
import type { ToolSurroundings } from './call-tools.js';
import { createOrderHandler, startCloseOrders } from './close-orders.js';
import { startDirectoryBeat } from './directory-beat.js';
import { createPerform } from './effects.js';
import { startLeases } from './leases.js';
import { GATEWAY_LIMITS, type GatewayLimits } from './limits.js';
import { createLiveCalls } from './live-calls.js';
import { bridgeMedia } from './media-bridge.js';
import type { MediaSocket } from './media-socket.js';
import { createKeepTranscript, createReport } from './reports.js';
import { createStreamIntake } from './stream-intake.js';
import { createTraffic, type Traffic } from './traffic.js';

export interface GatewayDeps {
  readonly gatewayId: GatewayId;
  readonly mediaUrl: string;
  readonly seats: number;
  readonly accountSid: string;
  readonly isGenuineToken: (callId: CallId, attempt: number, token: unknown) => boolean;
  readonly calls: Pick<Calls, 'apply' | 'load' | 'renewLeases'>;
  readonly transcripts: Transcripts;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly waker: Waker;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall' | 'redirect'>;
  readonly voiceAgent: VoiceAgent;
  readonly agents: ReadonlyMap<string, Agent>;
  /** What tools need that no call brings along; without it no tool reaches beyond the call. */
  readonly tools?: ToolSurroundings;
  /** First words as audio (µ-law, 8 kHz), of the agents that have them. */
  readonly greetings?: ReadonlyMap<string, Uint8Array>;
  /** Null: calls are not recorded. */
  readonly recordings: RecordingStore | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits?: GatewayLimits;
  readonly protectGreeting?: boolean;
  /** Played when there is no agent any more (µ-law, 8 kHz). */
  readonly apology?: Uint8Array | null;
  /** What passes through is counted here. */
  readonly traffic?: Traffic;
  /** Another call would harm the ones that are here. */
  readonly isOverloaded?: () => boolean;
}

/** `draining`: it takes no new dials, and the streams of those that were made. `closed`: no stream at all. */
export type GatewayStage = 'open' | 'draining' | 'closed';

/** Of an orderly stop, each counted from its beginning. */
export interface StopPlan {
  /** For so long streams of calls that were dialed before are still taken; null: for as long as any of those may still come. */
  readonly acceptMs: number | null;
  /** Who still speaks then says goodbye … */
  readonly goodbyeAfterMs: number;
  /** … and who has not done so by then is cut off. */
  readonly endAfterMs: number;
}

export interface Gateway {
  /** Takes a socket whose upgrade was signed. Resolves when it is known whose it is. */
  admit(socket: MediaSocket): Promise<void>;
  live(): number;
  stage(): GatewayStage;
  /** Takes no new call, lets the live ones finish, then ends them with a word. Resolves when all is closed. */
  stop(plan: StopPlan): Promise<void>;
  /** An error that nobody caught: takes nothing any more and ends every call, first by its sockets, then at the carrier. */
  abandon(): Promise<void>;
}

/** A dialer may have found us open just before: its grant is good for 3 s. */
const DIALS_UNDER_WAY_MS = 4_000;
/** If Redis does not say who rings: the usual ring timeout, and ten seconds. */
const PERHAPS_EXPECTED_MS = 40_000;
const LOOK_EVERY_MS = 1_000;

/** What one gateway process is made of, apart from its server and its connections. */
export async function startGateway(deps: GatewayDeps): Promise<Gateway> {
  const { gatewayId, calls, timers, clock, logger, limits = GATEWAY_LIMITS } = deps;
  const { protectGreeting = true, apology = null, isOverloaded = () => false, traffic = createTraffic() } = deps;
  const live = createLiveCalls();
  let stage: GatewayStage = 'open';

  const carryOut = createOrderHandler({ live, logger });
  const perform = createPerform({
    gatewayId,
    waker: deps.waker,
    orders: deps.orders,
    onOwnOrder: (order) => void carryOut(order),
    logger,
  });
  const persistence = { clock, timers, logger, withinMs: limits.reportWithinMs };
  const report = createReport({ calls, perform, ...persistence });
  const keepTranscript = createKeepTranscript({ transcripts: deps.transcripts, ...persistence });
  const intake = createStreamIntake({
    ...deps,
    isClosed: () => stage === 'closed',
    perform,
    report,
    limits,
    onAccepted(stream) {
      traffic.streamsAccepted++;
      live.add(bridgeMedia(stream, { ...deps, perform, report, keepTranscript, limits, protectGreeting, apology, traffic }));
    },
  });
  // Orders before the directory: whoever can see us can reach us.
  const orders = startCloseOrders({ gatewayId, orders: deps.orders, carryOut, logger });
  const leases = startLeases({ gatewayId, calls, live, timers, logger, leaseMs: limits.leaseMs });
  const directory = await startDirectoryBeat({ ...deps, live: live.count, draining: () => stage !== 'open', isOverloaded });

  /** Waits until no stream of a call that was dialed for this gateway can come any more, at most until `limitMs` of the stop. */
  async function acceptExpected(beganAt: number, limitMs: number): Promise<void> {
    const passed = (): number => clock.monotonicMs() - beganAt;
    for (let isTold = false; passed() < limitMs;) {
      const expectedMs = await deps.directory
        .streamsExpectedForMs(gatewayId)
        .catch((error: unknown) => (logger.warn({ err: error }, 'nobody says who rings'), PERHAPS_EXPECTED_MS - passed()));
      const waitMs = Math.max(expectedMs, DIALS_UNDER_WAY_MS - passed());
      if (waitMs <= 0) return;
      if (!isTold && passed() + expectedMs > limitMs) {
        isTold = true;
        logger.warn({ expectedMs, limitMs }, 'calls may ring for longer than this stop may take (STOP_WITHIN_MS)');
      }
      await timers.sleep(Math.min(waitMs, LOOK_EVERY_MS, limitMs - passed()));
    }
  }

  return {
    admit: intake.admit,
    live: live.count,
    stage: () => stage,
    async abandon() {
      stage = 'closed';
      logger.fatal({ live: live.count() }, 'live calls are ended: the process is lost');
      await live.abandonAll();
    },
    async stop({ acceptMs, goodbyeAfterMs, endAfterMs }) {
      const beganAt = clock.monotonicMs();
      const until = (ms: number, signal?: AbortSignal): Promise<void> =>
        timers.sleep(Math.max(0, beganAt + ms - clock.monotonicMs()), signal);
      const patience = new AbortController();
      const isLost = stage === 'closed';
      if (!isLost) stage = 'draining';
      await directory.beat();
      logger.info({ live: live.count(), acceptMs, goodbyeAfterMs, endAfterMs }, 'drain began');
      if (!isLost && acceptMs !== null) await until(Math.min(acceptMs, goodbyeAfterMs));
      if (!isLost && acceptMs === null) await acceptExpected(beganAt, goodbyeAfterMs);
      stage = 'closed';
      const idle = Promise.all([intake.idle(), live.idle()]).then(() => patience.abort());
      await until(goodbyeAfterMs, patience.signal);
      if (live.count() > 0) {
        logger.warn({ live: live.count() }, 'live calls say goodbye: the process stops');
        live.sayGoodbyeToAll();
        await until(endAfterMs, patience.signal);
      }
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
