import type { Timer } from '@onhook/service';
import type { Behaviour } from '../scenarios.js';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
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
import type { CreateOrder, Webhook } from './create-request.js';
import { createDocumentHost, type CarrierDeps } from './document-host.js';
import { runDocument, type Instructions } from './run-document.js';
import { createTelephoneLine, type TelephoneLine } from './telephone-line.js';

/** One call on the carrier: the pure call, and the timers, the line and the document that drive it. */
export interface LiveCall {
  readonly call: CarrierCall;
  /** What a hand at the callee's phone does. False: the call is in a state in which it cannot. */
  answer(): boolean;
  decline(): boolean;
  hangUp(): boolean;
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

const sip = { ok: 200, notFound: 404, busy: 486, timeout: 487, declined: 603 } as const;

export function startCall(deps: CarrierDeps, order: CreateOrder, behaviour: Behaviour, labels: Record<string, string>): LiveCall {
  const { clock, timers, chance, callbacks, logger } = deps;
  let call: CarrierCall = {
    sid: newSid('CA', chance),
    to: order.to,
    from: order.from,
    status: 'queued',
    createdAtMs: clock.now(),
    progress: 0,
  };
  let statusCallback = order.statusCallback;
  let timeLimitSec = order.timeLimitSec;
  let line: TelephoneLine | undefined;
  let document = new AbortController();
  const pending = new Set<Timer>();
  let timeLimit: Timer | undefined;
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
  function move(event: CallEvent): boolean {
    const was = call.status;
    const stepped = step(call, event);
    if (!stepped) return false;
    call = stepped.call;
    ledger.write('call-state', { status: call.status, was, ...(call.endedBy && { by: call.endedBy }) });
    if (event.type === 'rang') ledger.write('rang', { to: call.to });
    const { progress } = stepped;
    if (progress && statusCallback && order.events.has(progress.event)) {
      callbacks.send(statusCallback, progressParams(call, progress, deps.accountSid, clock.now()), ledger);
    }
    return true;
  }

  function dial(): void {
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
    run(
      'twiml' in order.instructions ? order.instructions : { ...order.instructions, params: voiceParams(call, deps.accountSid) },
    );
  }

  function run(instructions: Instructions): void {
    if (!line) return;
    document.abort();
    const mine = new AbortController();
    document = mine;
    const host = createDocumentHost({ deps, line, ledger, call: () => call, addLabels: (more) => Object.assign(labels, more) });
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
    if (!move({ type: 'ended', atMs: clock.now(), status, by, sipCode })) return false;
    cancelTimers();
    timeLimit?.cancel();
    line?.end();
    document.abort();
    ledger.write('carrier-ended', { status, by, sipCode, billedSeconds: connectedSeconds(call), connectedMs: connectedMs(call) });
    return true;
  }

  const decline = (): boolean => call.status === 'ringing' && end('no-answer', 'callee', sip.declined);

  later(behaviour.queuedMs, dial);

  return {
    get call() {
      return call;
    },
    answer() {
      if (call.status !== 'ringing') return false;
      void pickUp();
      return true;
    },
    decline,
    hangUp: () => call.status === 'in-progress' && end('completed', 'callee', sip.ok),
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
