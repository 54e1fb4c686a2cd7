import type { StoreLife } from '@onhook/store';

/**
 * Every dial is preceded by a look for so long after a change that this process has seen: until hangup workers must have given the places
 * in admission, and so the fences of numbers, back to the calls that are under way (once a minute, and a pace of 15 s).
 */
const LOOK_MS = 90_000;
/** A request that left before the change may still be under way: a create takes up to 15 s, and the carrier lists it a little later. */
const WAIT_MS = 20_000;
/** The store knows whose a leg was for an hour after its end. What is older cannot be told from another call's finished leg. */
const LEGS_KNOWN_MS = 55 * 60_000;
/** How long before a change a dial may have been committed whose whole record was lost with it. */
const LOST_TAIL_MS = 60_000;

/** What this process knows of the server that holds a shard. Redis milliseconds. */
export interface Reign {
  readonly id: string;
  /** Records that are older may have lost their last commits. */
  readonly from: number;
  /** Of a server that this process found there, and did not see come: when it began, for it may have come back a moment ago. */
  readonly changedAt: number;
}

/**
 * Pure. A server that took over from another does not say since when it reigns: from now on, then. Nor does a process that has met
 * nobody there before know whether another went: a young server may have forgotten its last dials.
 */
export function reignOf(known: Reign | undefined, { id, beganAt, now }: StoreLife): Reign {
  if (known?.id === id) return known;
  return { id, from: beganAt ?? now, changedAt: known ? now : (beganAt ?? now) };
}

export type Caution =
  | { readonly kind: 'none' }
  | { readonly kind: 'wait'; readonly until: number }
  /** Look at the carrier's list for legs created since then. Those since `ownSince` may be this call's; older ones are another's. */
  | { readonly kind: 'look'; readonly since: number; readonly ownSince: number };

/**
 * What a call may have lost, given when it was created, and what else is known of its past. Twilio's create has no idempotency key,
 * so a record that lost its dial would ring the phone a second time.
 *
 * @param lastDialedAt of the last attempt that the record knows; its own leg is no news
 */
export function cautionFor({ from, changedAt }: Reign, createdAt: number, lastDialedAt: number | null, now: number): Caution {
  const isOlder = createdAt < from;
  if (isOlder && now < from + WAIT_MS) return { kind: 'wait', until: from + WAIT_MS };
  const isRecent = now < changedAt + LOOK_MS;
  // A dial that was lost is older than the change: once no leg of that time can be told apart, there is nothing to look for.
  if (!isRecent && !(isOlder && now < from + LEGS_KNOWN_MS)) return { kind: 'none' };
  const ownSince = Math.max(createdAt, lastDialedAt ?? 0, now - LEGS_KNOWN_MS);
  // The record may be the second of a client that tried again because the first was lost, with its dial: that leg is older than both.
  return { kind: 'look', since: isRecent ? Math.min(ownSince, from - LOST_TAIL_MS) : ownSince, ownSince };
}
