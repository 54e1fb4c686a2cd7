import type { Call } from '@onhook/call';

/** States in which the carrier has, or may have, a leg of this call. The compiler asks for a state that is missing here. */
const HAS_LEG: Readonly<Record<Call['state'], boolean>> = {
  scheduled: false,
  queued: false,
  dialing: true,
  unconfirmed: true,
  placed: true,
  ringing: true,
  answered: true,
  bridged: true,
  transferred: true,
  ending: true,
  settling: false,
  ended: false,
};

/** @param state as it stands beside the record; null: there is no record. One that only a newer release knows may have a leg. */
export function isUnderWay(state: string | null): boolean {
  return state !== null && (!Object.hasOwn(HAS_LEG, state) || HAS_LEG[state as Call['state']]);
}
