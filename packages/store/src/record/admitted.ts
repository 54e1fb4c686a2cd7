import type { CallId, Cause, E164, GatewayId, Party, WaitReason } from '@onhook/contracts';
import type { Admitted } from '../ports/admission.js';

/** What admit.lua answers. */
export type AdmitAnswer =
  | readonly ['granted', which: number, turnUs: number, inMs: number, price: number, askedUs: number, gateway: string]
  | readonly ['refused', cause: Cause, by: Party]
  | readonly ['held', until: number, reason: WaitReason]
  | readonly ['account-waits', retryInMs: number, reason: WaitReason];

/** Turns are given so far ahead: longer than a held queue needs to get going again, shorter than anybody notices a pause late. */
export const TURNS_AHEAD_MS = 500;
/** A grant that is not used by then has to take its turn again. The dialer's own limit is the same, by its own clock. */
export const GRANT_LASTS_MS = 3_000;
const LOOK_AGAIN_MS = 60_000;

export function admitted(answer: AdmitAnswer, choice: readonly E164[]): Admitted {
  switch (answer[0]) {
    case 'granted':
      return {
        verdict: 'granted',
        from: choice[answer[1]]!,
        turnUs: answer[2],
        inMs: answer[3],
        microsPerMinute: answer[4],
        askedUs: answer[5],
        gatewayId: answer[6] === '' ? null : (answer[6] as GatewayId),
      };
    case 'refused':
      return { verdict: 'refused', cause: answer[1], by: answer[2] };
    case 'held':
      return { verdict: 'held', until: answer[1], reason: answer[2] };
    case 'account-waits':
      return { verdict: 'account-waits', retryInMs: answer[1], reason: answer[2] };
  }
}

/** The number asked for is not configured (any more). Somebody has to put it right; the API shows why the call waits. */
export function notOurNumber(now: number): Admitted {
  return { verdict: 'held', until: now + LOOK_AGAIN_MS, reason: 'from-not-configured' };
}

export function placeName(callId: CallId, n: number): string {
  return `${callId}:${n}`;
}

export function parsePlaceName(name: string): { callId: CallId; n: number } {
  const at = name.lastIndexOf(':');
  return { callId: name.slice(0, at) as CallId, n: Number(name.slice(at + 1)) };
}

/** Of a place as it is kept (admission.lua): its turn is the sixth field, when it was last asked for the eighth. */
export function momentsOf(place: string): { readonly turnUs: number; readonly askedUs: number } {
  const fields = place.split('|');
  return { turnUs: Number(fields[5]), askedUs: Number(fields[7] ?? 0) };
}
