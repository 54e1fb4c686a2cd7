import { isTerminal, type CarrierStatus } from '@onhook/contracts';
import type { PlaceCall, Redirect } from '@onhook/carrier';
import type { Timer } from '@onhook/service';
import type { Draw } from '../draw.js';
import type { Scheduler } from '../scheduler.js';
import type { Weather } from '../weather.js';
import type { Callbacks } from './callbacks.js';
import type { Callee } from './callee.js';
import type { Ender, Ledger } from './ledger.js';
import { openMediaStream, type MediaHost, type MediaStream } from './media-stream.js';
import { runTransfer, type RunningTransfer } from './transfer.js';

/** One channel of the carrier. */
export interface Leg {
  readonly sid: string;
  readonly request: PlaceCall;
  readonly createdAt: number;
  readonly callee: Callee;
  status: CarrierStatus;
  /** What a resource that lags still shows. */
  readonly history: { readonly at: number; readonly status: CarrierStatus }[];
  answeredAt: number | null;
  endedAt: number | null;
  sequence: number;
  stream: MediaStream | null;
  transfer: RunningTransfer | null;
  timeLimit: Timer | null;
}

/** The legs, from the request to their last word. What it does is written down; what it says of it is another matter. */
export interface Switchboard {
  readonly legs: ReadonlyMap<string, Leg>;
  create(request: PlaceCall): Leg;
  /** `Status=completed`. */
  complete(leg: Leg): void;
  redirect(leg: Leg, request: Redirect): void;
}

export interface SwitchboardDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly ledger: Ledger;
  readonly callbacks: Callbacks;
  readonly accountSid: string;
  readonly calleeOf: (to: string) => Callee;
  /** The host behind a stream URL; null: connection refused. */
  readonly mediaHost: (streamUrl: string) => MediaHost | null;
}

const UPGRADE_WITHIN_MS = 5_000;
const REPLAYED_WITHIN_MS = 15_000;

export function createSwitchboard(deps: SwitchboardDeps): Switchboard {
  const { scheduler, draw, weather, ledger, callbacks, accountSid, calleeOf, mediaHost } = deps;
  const legs = new Map<string, Leg>();

  function setStatus(leg: Leg, status: CarrierStatus, by: Ender | null = null): void {
    leg.status = status;
    leg.history.push({ at: scheduler.now(), status });
    ledger.write({ type: 'status', sid: leg.sid, status, by });
  }

  function tell(leg: Leg): void {
    const { sid, request, status, answeredAt, endedAt, callee } = leg;
    const seconds = endedAt === null || answeredAt === null ? 0 : Math.round((endedAt - answeredAt) / 1_000);
    const form = {
      AccountSid: accountSid,
      CallSid: sid,
      CallStatus: status,
      To: request.to,
      From: request.from,
      Direction: 'outbound-api',
      SequenceNumber: String(leg.sequence++),
      ...(isTerminal(status) && {
        CallDuration: String(seconds),
        SipResponseCode: String(status === 'completed' ? 200 : callee.sipCode),
      }),
    };
    callbacks.send(request.statusCallbackUrl, form, sid);
  }

  function end(leg: Leg, status: CarrierStatus, by: Ender): void {
    if (isTerminal(leg.status)) return;
    const wasQueued = leg.status === 'queued';
    leg.endedAt = scheduler.now();
    leg.timeLimit?.cancel();
    setStatus(leg, status, by);
    leg.stream?.stop();
    leg.transfer?.stop();
    // What is withdrawn from the carrier's own queue is not spoken of.
    if (!(wasQueued && status === 'canceled')) tell(leg);
  }

  function create(request: PlaceCall): Leg {
    const sid = `CA${draw.hex(16)}`;
    const leg: Leg = {
      sid,
      request,
      createdAt: scheduler.now(),
      callee: calleeOf(request.to),
      status: 'queued',
      history: [],
      answeredAt: null,
      endedAt: null,
      sequence: 0,
      stream: null,
      transfer: null,
      timeLimit: null,
    };
    legs.set(sid, leg);
    setStatus(leg, 'queued');
    const waitsMs = weather.strikes('carrier-queue-stuck', { callId: request.callId, sid })
      ? draw.between(10_000, 60_000)
      : draw.between(20, 400);
    scheduler.after(waitsMs, () => initiate(leg));
    return leg;
  }

  function initiate(leg: Leg): void {
    if (isTerminal(leg.status)) return;
    setStatus(leg, 'initiated');
    tell(leg);
    const { callee } = leg;
    const early = callee.line === 'busy' || callee.line === 'failed';
    scheduler.after(draw.between(100, 1_500), () => {
      if (isTerminal(leg.status)) return;
      if (early) return end(leg, callee.line as 'busy' | 'failed', 'line');
      ring(leg);
    });
  }

  function ring(leg: Leg): void {
    setStatus(leg, 'ringing');
    tell(leg);
    const { callee, request } = leg;
    const timeoutMs = request.ringTimeoutSec * 1_000 + draw.between(0, 4_000);
    const isAnswered = callee.line === 'answers' && callee.ringsForMs < timeoutMs;
    scheduler.after(Math.min(callee.ringsForMs, timeoutMs), () => {
      if (isTerminal(leg.status)) return;
      if (isAnswered) answer(leg);
      else end(leg, 'no-answer', callee.ringsForMs < timeoutMs ? 'line' : 'ring-timeout');
    });
  }

  function answer(leg: Leg): void {
    const { callee, request } = leg;
    leg.answeredAt = scheduler.now();
    setStatus(leg, 'in-progress');
    tell(leg);
    limit(leg, request.timeLimitSec);
    if (callee.hangsUpAfterMs !== null) scheduler.after(callee.hangsUpAfterMs, () => end(leg, 'completed', 'callee'));
    const detection = request.machineDetection;
    if (detection) {
      scheduler.after(callee.verdictAfterMs, () => {
        if (isTerminal(leg.status)) return;
        const { verdict } = callee;
        callbacks.send(detection.callbackUrl, { AccountSid: accountSid, CallSid: leg.sid, AnsweredBy: verdict }, leg.sid);
      });
    }
    const opensMs = weather.strikes('stream-late', { callId: request.callId, sid: leg.sid })
      ? draw.between(2_000, 14_000)
      : draw.between(40, 400);
    scheduler.after(opensMs, () => connect(leg));
  }

  function limit(leg: Leg, timeLimitSec: number): void {
    leg.timeLimit?.cancel();
    const leftMs = leg.answeredAt! + Math.max(60, timeLimitSec) * 1_000 - scheduler.now();
    leg.timeLimit = scheduler.after(leftMs, () => end(leg, 'completed', 'time-limit'));
  }

  /** `<Connect><Stream>`. */
  function connect(leg: Leg): void {
    if (leg.status !== 'in-progress' || leg.transfer) return;
    const { sid, request } = leg;
    const fails = (why: string): void => {
      ledger.write({ type: 'stream-failed', sid, why });
      hangUpSoon(leg);
    };
    if (weather.strikes('stream-not-opened', { callId: request.callId, sid })) return fails('the network');
    const host = mediaHost(request.streamUrl);
    if (!host) return fails('connection refused');
    const patience = scheduler.after(UPGRADE_WITHIN_MS, () => {
      isLate = true;
      fails('no answer to the upgrade');
    });
    let isLate = false;
    host.process.onDeath(() => {
      if (leg.stream || isLate) return;
      isLate = true;
      patience.cancel();
      fails('connection reset');
    });
    host.process.deliver(() => {
      if (isLate || leg.status !== 'in-progress') return patience.cancel();
      patience.cancel();
      const claim = { accountSid, sid, callId: request.callId, attempt: request.attempt, token: request.streamToken };
      const own = { scheduler, draw, weather, ledger, host, claim, callee: leg.callee };
      const stream = openMediaStream({ ...own, onOver: () => streamIsOver(leg) });
      if (!stream) {
        isLate = true;
        return fails('upgrade refused');
      }
      leg.stream = stream;
      ledger.write({ type: 'stream-opened', sid, streamSid: stream.streamSid, process: host.process.name });
      if (weather.strikes('stream-token-replayed', { callId: request.callId, sid })) replay(leg);
    });
  }

  /** Somebody who has seen a genuine start shows its token once more, to whichever gateway. */
  function replay(leg: Leg): void {
    const { sid, request } = leg;
    scheduler.after(draw.between(0, REPLAYED_WITHIN_MS), () => {
      const host = mediaHost(request.streamUrl);
      if (!host) return;
      host.process.deliver(() => {
        const claim = { accountSid, sid, callId: request.callId, attempt: request.attempt, token: request.streamToken };
        const stream = openMediaStream({ scheduler, draw, weather, ledger, host, claim, callee: leg.callee, onOver: null });
        ledger.write({ type: 'intruder', sid });
        if (stream) scheduler.after(60_000, () => stream.stop());
      });
    });
  }

  /** The document goes on behind `<Connect>`, to `<Hangup/>`. */
  function streamIsOver(leg: Leg): void {
    leg.stream = null;
    if (!leg.transfer) hangUpSoon(leg);
  }

  function hangUpSoon(leg: Leg): void {
    scheduler.after(draw.between(20, 150), () => {
      if (!leg.transfer) end(leg, 'completed', 'document');
    });
  }

  return {
    legs,
    create,
    complete(leg) {
      scheduler.after(draw.between(20, 250), () => {
        if (isTerminal(leg.status)) return;
        end(leg, leg.status === 'in-progress' ? 'completed' : 'canceled', 'rest');
      });
    },
    redirect(leg, request) {
      limit(leg, request.timeLimitSec);
      leg.transfer = runTransfer({
        scheduler,
        draw,
        ledger,
        callbacks,
        accountSid,
        sid: leg.sid,
        request,
        onOver: () => end(leg, 'completed', 'document'),
      });
      leg.stream?.stop();
      leg.stream = null;
    },
  };
}
