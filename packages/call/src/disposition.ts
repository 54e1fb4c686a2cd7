import type { Cause, Layer, Party, TerminalCarrierStatus } from '@onhook/contracts';
import { reachedTimeLimit } from './deadlines.js';
import type { EventOf } from './event.js';
import { currentAttempt, type CallWithLeg } from './questions.js';

export interface Reason {
  readonly cause: Cause;
  /** Who wanted the end. */
  readonly by: Party;
}

export type LastWord = EventOf<'carrier'> & { readonly status: TerminalCarrierStatus };

/** Twilio errors 21211, 21214, 21217: the number itself is wrong. */
const CODES_OF_WRONG_NUMBERS: ReadonlySet<number> = new Set([21_211, 21_214, 21_217]);
/** SIP 404 not found, 410 gone, 484 address incomplete, 604 does not exist anywhere (RFC 3261 §21). */
const SIP_CODES_OF_WRONG_NUMBERS: ReadonlySet<number> = new Set([404, 410, 484, 604]);

/** The end that was already committed to, if any: the first cause and party stay (R8). */
export function committedReason(call: CallWithLeg): Reason | null {
  if (call.state === 'ending') return { cause: call.cause, by: call.by };
  if (call.state === 'bridged' && call.pending.kind === 'words') return { cause: call.pending.cause, by: call.pending.by };
  return null;
}

/** Why it ended, when the carrier says that it has. The disposition is the carrier's word itself. */
export function reasonOfLastWord(call: CallWithLeg, event: LastWord): Reason {
  const committed = committedReason(call);
  if (committed) return committed;
  if (call.state === 'transferred')
    return call.isUnreached ? { cause: 'transfer-failed', by: 'platform' } : { cause: 'transferred', by: 'callee' };
  switch (event.status) {
    case 'completed':
      if (reachedTimeLimit(call, event.durationSec)) return { cause: 'max-duration', by: 'platform' };
      // Answered, and no stream ever came: a wrong MEDIA_PUBLIC_URL looks like this long before our own deadline does.
      return currentAttempt(call)?.bridgedAt == null
        ? { cause: 'no-media', by: 'carrier' }
        : { cause: 'callee-hung-up', by: 'callee' };
    case 'busy':
      return { cause: 'busy', by: 'carrier' };
    case 'no-answer':
      return { cause: 'no-answer', by: 'carrier' };
    case 'failed':
      return { cause: isWrongNumberBySip(event.sipCode) ? 'invalid-number' : 'dial-failed', by: 'carrier' };
    case 'canceled':
      // Nobody of ours asked: somebody ended it in the carrier's own console.
      return { cause: 'dial-failed', by: 'carrier' };
  }
}

/**
 * Which layer's act the carrier's end followed. Who ends a leg and then hears that it is over knows it best; else the layer that
 * began the ending; and an end that none of ours began is the carrier's (the callee hung up, the line was busy), or its time limit's.
 */
export function layerOfLastWord(call: CallWithLeg, event: LastWord): Layer {
  if (call.state === 'ending' && event.endedBy) return event.endedBy;
  if (reachedTimeLimit(call, event.durationSec)) return 'time-limit';
  return call.state === 'ending' ? call.trigger : 'carrier';
}

/** Of a create that the carrier refused. `dial-failed` is the one that may be dialed again. */
export function causeOfRefusal(code: number, retryable: boolean): Cause {
  if (CODES_OF_WRONG_NUMBERS.has(code)) return 'invalid-number';
  return retryable ? 'dial-failed' : 'carrier-rejected';
}

function isWrongNumberBySip(sipCode: number | undefined): boolean {
  return sipCode !== undefined && SIP_CODES_OF_WRONG_NUMBERS.has(sipCode);
}
