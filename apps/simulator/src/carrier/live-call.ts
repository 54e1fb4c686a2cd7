import type { Timer } from '@onhook/service';
import type { Behaviour } from '../scenarios.js';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import { afterAnswer, verdictParams } from './after-answer.js';
import {
  connectedMs,
  connectedSeconds,
  decideUpdate,
  isFinal,
  step,
  type CallEvent,
  type CarrierCall,
  type EndedBy,
  type FinalStatus,
  type UpdateDecision,
} from './call.js';
import { progressParams, voiceParams } from './callbacks.js';
import { prepareCallee } from './callee.js';
import type { CreateOrder } from './create-request.js';
import type { DocumentHost, Instructions, LegHooks } from './document.js';
import { createDocumentHost, type CarrierDeps, type OpenDocumentHost } from './document-host.js';
import type { DialQueue, QueuedCall } from './dial-queue.js';
import type { Webhook } from './form.js';
import type { Verdict } from './machine-detection.js';
import type { LiveRecording, Recordings } from './recordings.js';
import { runDocument } from './run-document.js';
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
  const { clock, timers, chance, callbacks, logger } = deps;
  let call: CarrierCall = {
    sid: newSid('CA', chance),
    ...(leg && { parentCallSid: leg.parentCallSid }),
    to: order.to,
    from: order.from,
    status: 'queued',
    createdAtMs: clock.now(),
    progress: 0,
  };
  let statusCallback = order.statusCallback;
  let timeLimitSec = order.timeLimitSec;
  let line: TelephoneLine | undefined;
  let host: OpenDocumentHost | undefined;
  let document = new AbortController();
  const pending = new Set<Timer>();
  let timeLimit: Timer | undefined;
  let recording: LiveRecording | undefined;
  let hasDocument = false;
  let turn: QueuedCall | undefined;
  const history: { fromMs: number; call: CarrierCall }[] = [{ fromMs: call.createdAtMs, call }];
  const ledger: LedgerWriter = {
    write: (kind, facts) => deps.ledger.write(kind, { callSid: call.sid, ...labels, ...facts }),
  };
  const callee = prepareCallee(behaviour, deps.speech);
  callee.catch((error: unknown) => {
    logger.error({ err: error, callSid: call.sid }, 'callee could not be given a voice');
    end('failed', 'carrier', 500);
  });

  function later(ms: number, run: () => void): void {
    const timer = timers.after(ms, () => {
      pending.delete(timer);
      run();
    });
    pending.add(timer);
  }

  /** The one door to the call's state: changes it, writes it down, tells the subscriber. */
  function move(event: CallEvent, recorded: Record<string, string> = {}): boolean {
    const was = call.status;
    const stepped = step(call, event);
    if (!stepped) return false;
    call = stepped.call;
    history.push({ fromMs: clock.now(), call });
    if (event.type === 'judged') return true;
    ledger.write('call-state', { status: call.status, was, ...(call.endedBy && { by: call.endedBy }) });
    if (event.type === 'rang') ledger.write('rang', { to: call.to });
    const { progress } = stepped;
    if (progress && statusCallback && order.events.has(progress.event)) {
      const params = { ...progressParams(call, progress, deps.accountSid, clock.now()), ...recorded };
      callbacks.send(statusCallback, params, ledger);
    }
    return true;
  }

  function dial(): void {
    if (!leg && !deps.hasRoom()) {
      ledger.write('warning', { code: 10004, message: 'Call concurrency limit exceeded' });
      return void end('failed', 'carrier', sip.unavailable);
    }
    if (!move({ type: 'dialled', atMs: clock.now() })) return;
    if (behaviour.outcome === 'fails') later(behaviour.postDialMs, () => end('failed', 'carrier', sip.notFound));
    else later(behaviour.postDialMs, ring);
  }

  function ring(): void {
    if (!move({ type: 'rang', atMs: clock.now() })) return;
    later(order.ringTimeoutSec * 1000, () => end('no-answer', 'ring-timeout', sip.timeout));
    if (behaviour.outcome === 'answers') later(behaviour.answerAfterMs, () => void pickUp());
    if (behaviour.outcome === 'busy') later(behaviour.answerAfterMs, () => end('busy', 'carrier', sip.busy));
    if (behaviour.outcome === 'declines') later(behaviour.answerAfterMs, () => decline());
  }

  async function pickUp(): Promise<void> {
    // A failure has ended the call already.
    const prepared = await callee.catch(() => undefined);
    if (!prepared || !move({ type: 'answered', atMs: clock.now() })) return;
    cancelTimers();
    limitTime();
    line = createTelephoneLine({ ...deps, callee: prepared, ledger, onHangUp: () => end('completed', 'callee', sip.ok) });
    host = createDocumentHost({
      deps,
      line,
      ledger,
      call: () => call,
      apiUrl: order.apiUrl,
      addLabels: (more) => Object.assign(labels, more),
    });
    if (leg) return leg.onAnswered(host);
    recording = order.recording && deps.recordings.start({ ...call, apiUrl: order.apiUrl }, order.recording, ledger);
    if (recording) line.tap(recording.hear);
    afterAnswer({ order, behaviour, line, later, onVerdict: judge, begin: beginDocument });
  }

  /** Unless REST has given the call another one meanwhile. */
  function beginDocument(more: Record<string, string> = {}): void {
    if (call.status !== 'in-progress' || hasDocument) return;
    const { instructions } = order;
    run('twiml' in instructions ? instructions : { ...instructions, params: { ...voiceParams(call, deps.accountSid), ...more } });
  }

  function judge(verdict: Verdict): void {
    if (!move({ type: 'judged', answeredBy: verdict.answeredBy })) return;
    ledger.write('amd-verdict', { answeredBy: verdict.answeredBy, afterMs: verdict.afterMs });
    const { machineDetection } = order;
    if (!machineDetection?.isAsync || !machineDetection.callback) return;
    const params = { CallSid: call.sid, AccountSid: deps.accountSid, ...verdictParams(verdict) };
    callbacks.send(machineDetection.callback, params, ledger);
  }

  function run(instructions: Instructions): void {
    if (!host) return;
    hasDocument = true;
    document.abort();
    leg?.onLeft();
    const mine = new AbortController();
    document = mine;
    runDocument(host, instructions, mine.signal).then(
      (why) => why !== 'aborted' && end('completed', why, sip.ok),
      (error: unknown) => {
        logger.error({ err: error, callSid: call.sid }, 'document could not be run');
        end('completed', 'application-error', sip.ok);
      },
    );
  }

  function limitTime(): void {
    timeLimit?.cancel();
    const limitMs = Math.max(timeLimitSec, deps.timeLimitFloorSec) * 1000;
    const leftMs = limitMs - (clock.now() - (call.answeredAtMs ?? clock.now()));
    timeLimit = timers.after(Math.max(0, leftMs), () => end('completed', 'time-limit', sip.ok));
  }

  function cancelTimers(): void {
    for (const timer of pending) timer.cancel();
    pending.clear();
  }

  function end(status: FinalStatus, by: EndedBy, sipCode: number): boolean {
    const recorded = call.status === 'in-progress' && status === 'completed' ? recording?.stop() : undefined;
    if (!move({ type: 'ended', atMs: clock.now(), status, by, sipCode }, recorded)) return false;
    turn?.leave();
    cancelTimers();
    timeLimit?.cancel();
    line?.end();
    document.abort();
    host?.close();
    ledger.write('carrier-ended', { status, by, sipCode, billedSeconds: connectedSeconds(call), connectedMs: connectedMs(call) });
    leg?.onLeft();
    return true;
  }

  const decline = (): boolean => call.status === 'ringing' && end('no-answer', 'callee', sip.declined);

  const onTurn = (): void => later(behaviour.queuedMs, dial);
  if (leg) onTurn();
  else turn = deps.dialQueue.enter(onTurn, () => end('canceled', 'queue-expired', sip.timeout));
  if (turn && turn.estimateMs > 0) {
    call = { ...call, queueEstimateMs: turn.estimateMs };
    history[0] = { fromMs: call.createdAtMs, call };
  }

  return {
    get call() {
      return call;
    },
    asOf: (atMs) => (history.findLast(({ fromMs }) => fromMs <= atMs) ?? history[0]!).call,
    answer() {
      if (call.status !== 'ringing') return false;
      void pickUp();
      return true;
    },
    decline,
    hangUp: () => call.status === 'in-progress' && end('completed', 'callee', sip.ok),
    press(digits) {
      if (call.status === 'in-progress') line?.press(digits);
      return call.status === 'in-progress';
    },
    streams: () => (call.status === 'in-progress' ? host : undefined),
    drop: (by) => void (call.status === 'in-progress' ? end('completed', by, sip.ok) : end('canceled', by, sip.timeout)),
    update(request) {
      const decision = decideUpdate(
        call,
        { status: request.status, redirects: request.instructions !== undefined },
        behaviour.lateHangup,
      );
      if (decision.type === 'refuse') return decision;
      if (request.timeLimitSec !== undefined && !isFinal(call.status)) {
        timeLimitSec = request.timeLimitSec;
        if (call.status === 'in-progress') limitTime();
      }
      if (decision.type === 'end') end(decision.status, 'rest', decision.status === 'completed' ? sip.ok : sip.timeout);
      if (decision.type === 'redirect' && request.instructions) {
        statusCallback = request.statusCallback ?? statusCallback;
        run(request.instructions);
      }
      return decision;
    },
    abandon() {
      cancelTimers();
      end(call.status === 'in-progress' ? 'completed' : 'canceled', 'simulator-stopped', sip.ok);
    },
  };
}
