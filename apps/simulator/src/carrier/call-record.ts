import type { Clock, Chance } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import type { CallHabits } from './account.js';
import { step, type CallEvent, type CarrierCall } from './call.js';
import { progressParams, unverifiedParams, type Callbacks } from './callbacks.js';
import type { CreateOrder } from './create-request.js';
import type { Webhook } from './form.js';

/** A call as it stands and as it stood: the one door to its state. */
export interface CallRecord {
  readonly call: CarrierCall;
  /** As it was at a moment (wall time); as it was created, if that is later. */
  asOf(atMs: number): CarrierCall;
  /** Changes it, writes it down, tells the subscriber. False: in this state that is no news. */
  move(event: CallEvent, told?: Record<string, string>): boolean;
  /** What its `queue_time` says until it is dialled. */
  estimateQueue(ms: number): void;
  /** Tells somebody else from now on. */
  subscribe(statusCallback: Webhook): void;
}

export function createCallRecord(
  { to, from, events, ...order }: Pick<CreateOrder, 'to' | 'from' | 'events' | 'statusCallback'>,
  parentCallSid: string | undefined,
  {
    accountSid,
    clock,
    chance,
    callbacks,
    ledgerOf,
    callHabits,
  }: {
    accountSid: string;
    clock: Clock;
    chance: Chance;
    callbacks: Callbacks;
    ledgerOf: (callSid: string) => LedgerWriter;
    callHabits: CallHabits;
  },
): CallRecord {
  let call: CarrierCall = {
    sid: newSid('CA', chance),
    ...(parentCallSid !== undefined && { parentCallSid }),
    to,
    from,
    status: 'queued',
    createdAtMs: clock.now(),
    progress: 0,
  };
  let { statusCallback } = order;
  const ledger = ledgerOf(call.sid);
  const history: { fromMs: number; call: CarrierCall }[] = [{ fromMs: call.createdAtMs, call }];

  return {
    get call() {
      return call;
    },
    asOf: (atMs) => (history.findLast(({ fromMs }) => fromMs <= atMs) ?? history[0]!).call,
    move(event, told = {}) {
      const was = call.status;
      const stepped = step(call, event);
      if (!stepped) return false;
      call = stepped.call;
      history.push({ fromMs: clock.now(), call });
      if (event.type === 'judged') return true;
      ledger.write('call-state', { status: call.status, was, ...(call.endedBy && { by: call.endedBy }) });
      if (event.type === 'rang') ledger.write('rang', { to: call.to });
      const { progress } = stepped;
      if (progress && statusCallback && events.has(progress.event)) {
        const params = { ...progressParams(call, progress, accountSid, clock.now()), ...told };
        callbacks.send(statusCallback, callHabits.sendsErrorCodes ? { ...params, ...unverifiedParams(call) } : params, ledger);
      }
      return true;
    },
    estimateQueue(ms) {
      call = { ...call, queueEstimateMs: ms };
      history[0] = { fromMs: call.createdAtMs, call };
    },
    subscribe: (next) => void (statusCallback = next),
  };
}
