import type { Redirect } from '@onhook/carrier';
import type { CarrierStatus } from '@onhook/contracts';
import type { Draw } from '../draw.js';
import type { Scheduler } from '../scheduler.js';
import type { Callbacks } from './callbacks.js';
import type { Ledger } from './ledger.js';

export interface RunningTransfer {
  /** The parent leg is over, and so is this one. */
  stop(): void;
}

export interface TransferDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly ledger: Ledger;
  readonly callbacks: Callbacks;
  readonly accountSid: string;
  readonly sid: string;
  readonly request: Redirect;
  /** The document is at its end: the parent hangs up. */
  readonly onOver: () => void;
}

/** `<Dial>`: a child leg with callbacks of its own; what comes after it is asked for. */
export function runTransfer({
  scheduler,
  draw,
  ledger,
  callbacks,
  accountSid,
  sid,
  request,
  onOver,
}: TransferDeps): RunningTransfer {
  const childSid = `CA${draw.hex(16)}`;
  let state: 'ringing' | 'bridged' | 'over' = 'ringing';
  let sequence = 0;

  function tell(status: CarrierStatus): void {
    const form = {
      AccountSid: accountSid,
      CallSid: childSid,
      ParentCallSid: sid,
      CallStatus: status,
      To: request.to,
      From: request.from,
      Direction: 'outbound-dial',
      SequenceNumber: String(sequence++),
    };
    callbacks.send(request.statusCallbackUrl, form, sid);
  }

  function over(status: 'completed' | 'no-answer' | 'busy', isParentUp: boolean): void {
    if (state === 'over') return;
    state = 'over';
    tell(status);
    ledger.write({ type: 'transfer-ended', sid });
    if (!isParentUp) return;
    void callbacks.ask(request.afterUrl, { AccountSid: accountSid, CallSid: sid, DialCallStatus: status }).then((document) => {
      // Without a document the carrier reads an error aloud, and then hangs up all the same.
      scheduler.after(document === null ? draw.between(2_000, 4_000) : draw.between(20, 1_500), onOver);
    });
  }

  ledger.write({ type: 'transfer-joined', sid, limitSec: request.limitSec });
  scheduler.after(draw.between(150, 900), () => {
    if (state === 'over') return;
    tell('initiated');
    const outcome = draw.weighted({ answers: 6, 'no-answer': 2, busy: 1 });
    const ringsMs = outcome === 'no-answer' ? request.ringTimeoutSec * 1_000 : draw.between(500, 8_000);
    scheduler.after(ringsMs, () => {
      if (state === 'over') return;
      if (outcome !== 'answers') return over(outcome, true);
      state = 'bridged';
      ledger.write({ type: 'transfer-bridged', sid });
      tell('in-progress');
      const talksMs = draw.happens(0.15) ? Infinity : draw.between(2_000, 30_000);
      scheduler.after(Math.min(talksMs, request.limitSec * 1_000), () => over('completed', true));
    });
  });

  return { stop: () => over('completed', false) };
}
