import type { Timer } from '@onhook/service';
import type { Behaviour } from '../scenarios.js';
import type { LedgerWriter } from '../ledger.js';
import { afterAnswer, verdictParams } from './after-answer.js';
import {
  connectedMs,
  connectedSeconds,
  decideUpdate,
  isFinal,
  type CarrierCall,
  type EndedBy,
  type FinalStatus,
  type UpdateDecision,
} from './call.js';
import { createCallDocument } from './call-document.js';
import { createCallRecord } from './call-record.js';
import { voiceParams } from './callbacks.js';
import { prepareCallee } from './callee.js';
import type { CreateOrder } from './create-request.js';
import type { DocumentHost, Instructions, LegHooks } from './document.js';
import { createDocumentHost, type CarrierDeps, type OpenDocumentHost } from './document-host.js';
import type { DialQueue, QueuedCall } from './dial-queue.js';
import type { Webhook } from './form.js';
import type { Verdict } from './machine-detection.js';
import { createCallRecordings, type CallRecordings } from './call-recordings.js';
import type { Recordings } from './recordings.js';
import { createTelephoneLine, type TelephoneLine } from './telephone-line.js';

/** One call on the carrier: the pure call, and the timers, the line and the document that drive it. */
export interface LiveCall {
  readonly call: CarrierCall;
  /** The call as it was at a moment (wall time); as it was created, if that is later. */
  asOf(atMs: number): CarrierCall;
  /** What a hand at the callee's phone does. False: the call is in a state in which it cannot. */
  answer(): boolean;
  decline(): boolean;
  hangUp(): boolean;
  /** Presses keys of the phone, one after another. */
  press(digits: string): boolean;
  /** Its streams, while it is answered. */
  streams(): Pick<DocumentHost, 'startStream' | 'stopStream'> | undefined;
  /** What is recorded of it, while it is answered. */
  recordings(): CallRecordings | undefined;
  /** Ends the call for a reason of the carrier's own. */
  drop(by: EndedBy): void;
  /** Carries out what REST asks for, as the state allows. */
  update(request: UpdateRequest): UpdateDecision;
  /** The simulator stops. */
  abandon(): void;
}

export interface UpdateRequest {
  status?: 'completed' | 'canceled';
  instructions?: Instructions;
  /** Replaces the callback of the create; only together with a `Url`. */
  statusCallback?: Webhook;
  timeLimitSec?: number;
}

/** What the account adds to the carrier. */
export interface AccountDeps {
  dialQueue: DialQueue;
  recordings: Recordings;
  /** Whether the account may have one call more at the same time. */
  hasRoom(): boolean;
}

const sip = { ok: 200, notFound: 404, busy: 486, timeout: 487, unavailable: 503, declined: 603 } as const;

/** @param leg what a call is told to do that the `<Dial>` of another one makes: it runs no document of its own */
export function startCall(
  deps: CarrierDeps & AccountDeps,
  order: CreateOrder,
  behaviour: Behaviour,
  labels: Record<string, string>,
  leg?: LegHooks,
): LiveCall {
  const { clock, timers, logger } = deps;
  const ledgerOf = (callSid: string): LedgerWriter => ({
    write: (kind, facts) => deps.ledger.write(kind, { callSid, ...labels, ...facts }),
  });
  const record = createCallRecord(order, leg?.parentCallSid, { ...deps, ledgerOf });
  const { sid } = record.call;
  const ledger = ledgerOf(sid);
  const document = createCallDocument({ callSid: sid, logger, onEnd: (why) => end('completed', why, sip.ok) });
  let timeLimitSec = order.timeLimitSec;
  let line: TelephoneLine | undefined;
  let host: OpenDocumentHost | undefined;
  const pending = new Set<Timer>();
  let timeLimit: Timer | undefined;
  let recordings: CallRecordings | undefined;
  let turn: QueuedCall | undefined;
  const callee = prepareCallee(behaviour, deps.speech);
  callee.catch((error: unknown) => {
    logger.error({ err: error, callSid: sid }, 'callee could not be given a voice');
    end('failed', 'carrier', 500);
  });

  function later(ms: number, run: () => void): void {
    const timer = timers.after(ms, () => {
      pending.delete(timer);
      run();
    });
    pending.add(timer);
  }

  function dial(): void {
    if (!leg && !deps.hasRoom()) {
      ledger.write('warning', { code: 10004, message: 'Call concurrency limit exceeded' });
      return void end('failed', 'carrier', sip.unavailable);
    }
    if (!record.move({ type: 'dialled', atMs: clock.now() })) return;
    if (behaviour.outcome === 'fails') later(behaviour.postDialMs, () => end('failed', 'carrier', sip.notFound));
    else later(behaviour.postDialMs, ring);
  }

  function ring(): void {
    if (!record.move({ type: 'rang', atMs: clock.now() })) return;
    later(order.ringTimeoutSec * 1000, () => end('no-answer', 'ring-timeout', sip.timeout));
    if (behaviour.outcome === 'answers') later(behaviour.answerAfterMs, () => void pickUp());
    if (behaviour.outcome === 'busy') later(behaviour.answerAfterMs, () => end('busy', 'carrier', sip.busy));
    if (behaviour.outcome === 'declines') later(behaviour.answerAfterMs, () => decline());
  }

  async function pickUp(): Promise<void> {
    // A failure has ended the call already.
    const prepared = await callee.catch(() => undefined);
    if (!prepared || !record.move({ type: 'answered', atMs: clock.now() })) return;
    cancelTimers();
    limitTime();
    line = createTelephoneLine({ ...deps, callee: prepared, ledger, onHangUp: () => end('completed', 'callee', sip.ok) });
    host = createDocumentHost({
      deps,
      line,
      ledger,
      call: () => record.call,
      apiUrl: order.apiUrl,
      machineDetection: order.machineDetection,
      addLabels: (more) => Object.assign(labels, more),
    });
    recordings = createCallRecordings({ ...deps, line, call: { sid, apiUrl: order.apiUrl }, ledger });
    if (leg) return leg.onAnswered(host);
    if (order.recording) recordings.start(order.recording, 'OutboundAPI');
    afterAnswer({ order, behaviour, line, later, onVerdict: judge, begin: beginDocument });
  }

  /** Unless REST has given the call another one meanwhile. */
  function beginDocument(more: Record<string, string> = {}): void {
    if (record.call.status !== 'in-progress' || document.hasBegun) return;
    const { instructions } = order;
    run(
      'twiml' in instructions
        ? instructions
        : { ...instructions, params: { ...voiceParams(record.call, deps.accountSid), ...more } },
      deps.callHabits.trialMessage,
    );
  }

  function judge(verdict: Verdict): void {
    if (!record.move({ type: 'judged', answeredBy: verdict.answeredBy })) return;
    ledger.write('amd-verdict', { answeredBy: verdict.answeredBy, afterMs: verdict.afterMs });
    const { machineDetection } = order;
    if (!machineDetection?.isAsync || !machineDetection.callback) return;
    const params = { CallSid: sid, AccountSid: deps.accountSid, ...verdictParams(verdict) };
    deps.callbacks.send(machineDetection.callback, params, ledger);
  }

  function run(instructions: Instructions, foreword?: string): void {
    if (!host) return;
    leg?.onLeft();
    document.run(host, instructions, foreword);
  }

  function limitTime(): void {
    timeLimit?.cancel();
    const { maxCallSec = Number.POSITIVE_INFINITY } = deps.callHabits;
    const limitMs = Math.min(Math.max(timeLimitSec, deps.timeLimitFloorSec), maxCallSec) * 1000;
    const leftMs = limitMs - (clock.now() - (record.call.answeredAtMs ?? clock.now()));
    timeLimit = timers.after(Math.max(0, leftMs), () => end('completed', 'time-limit', sip.ok));
  }

  function cancelTimers(): void {
    for (const timer of pending) timer.cancel();
    pending.clear();
  }

  function end(status: FinalStatus, by: EndedBy, sipCode: number): boolean {
    const recorded = isUp() && status === 'completed' ? recordings?.stop() : undefined;
    if (!record.move({ type: 'ended', atMs: clock.now(), status, by, sipCode }, recorded)) return false;
    turn?.leave();
    cancelTimers();
    timeLimit?.cancel();
    line?.end();
    document.stop();
    host?.close();
    const { call } = record;
    ledger.write('carrier-ended', { status, by, sipCode, billedSeconds: connectedSeconds(call), connectedMs: connectedMs(call) });
    leg?.onLeft();
    return true;
  }

  const isUp = (): boolean => record.call.status === 'in-progress';
  const isRinging = (): boolean => record.call.status === 'ringing';
  const decline = (): boolean => isRinging() && end('no-answer', 'callee', sip.declined);

  const onTurn = (): void => later(behaviour.queuedMs, dial);
  if (leg) onTurn();
  else turn = deps.dialQueue.enter(onTurn, () => end('canceled', 'queue-expired', sip.timeout));
  if (turn && turn.estimateMs > 0) record.estimateQueue(turn.estimateMs);

  return {
    get call() {
      return record.call;
    },
    asOf: record.asOf,
    answer() {
      if (isRinging()) void pickUp();
      return isRinging();
    },
    decline,
    hangUp: () => isUp() && end('completed', 'callee', sip.ok),
    press(digits) {
      if (isUp()) line?.press(digits);
      return isUp();
    },
    streams: () => (isUp() ? host : undefined),
    recordings: () => (isUp() ? recordings : undefined),
    drop: (by) => void (isUp() ? end('completed', by, sip.ok) : end('canceled', by, sip.timeout)),
    update(request) {
      const asked = { status: request.status, redirects: request.instructions !== undefined };
      const decision = decideUpdate(record.call, asked, behaviour);
      if (decision.type === 'refuse') return decision;
      if (request.timeLimitSec !== undefined && !isFinal(record.call.status)) {
        timeLimitSec = request.timeLimitSec;
        if (isUp()) limitTime();
      }
      if (decision.type === 'end') end(decision.status, 'rest', isUp() ? sip.ok : sip.timeout);
      if (decision.type === 'redirect' && request.instructions) {
        if (request.statusCallback) record.subscribe(request.statusCallback);
        run(request.instructions);
      }
      return decision;
    },
    abandon() {
      cancelTimers();
      end(isUp() ? 'completed' : 'canceled', 'simulator-stopped', sip.ok);
    },
  };
}
