import type { CallId, CarrierCallId } from './ids.js';

/**
 * What one process asks of another through the queues. A wake is a hint: it may be lost or repeated, the record's
 * deadline repeats what matters.
 */
export type Wake =
  /** `at`: not before this moment (milliseconds since the epoch). */
  | { readonly type: 'wake-dialer'; readonly callId: CallId; readonly at?: number }
  | { readonly type: 'wake-hangup'; readonly callId: CallId }
  /** A leg that no record wants: look at it, and hang it up if it lives. */
  | { readonly type: 'stray'; readonly sid: CarrierCallId };

/** The wakes among what a transition asks for. */
export function wakesOf(effects: readonly { readonly type: string }[]): Wake[] {
  return effects.filter(
    (effect): effect is Wake => effect.type === 'wake-dialer' || effect.type === 'wake-hangup' || effect.type === 'stray',
  );
}
