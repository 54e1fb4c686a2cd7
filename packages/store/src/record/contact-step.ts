import { createHash } from 'node:crypto';
import { isWaiting, lastEnd, type Call } from '@onhook/call';
import { CAUSES, newCallId, SHARDS, type CallId, type CampaignId } from '@onhook/contracts';
import type { ContactRef, Contacts, ContactStep } from '../ports/campaigns.js';

/** Ends that say that something is wrong: with the carrier, the agent, or us. */
const FAULTS: ReadonlySet<string> = new Set(['dial-failed', 'carrier-rejected', 'dial-expired', 'submission-lost']);

/** What a contact is by its call's record. */
export function stepOf(call: Call): ContactStep {
  const answered = call.attempts.findLast(({ answeredAt }) => answeredAt !== null);
  const wasAnswered = answered !== undefined;
  const none = { reason: null, isError: false, wasAnswered, endedAt: null, durationSec: null };
  const attempts = call.attempts.length;
  if (isWaiting(call)) {
    return attempts === 0 ? { ...none, state: 'active', attempts: 1 } : { ...none, state: 'scheduled', attempts };
  }
  if (call.state !== 'ended') return { ...none, state: 'active', attempts: Math.max(1, attempts) };
  const end = lastEnd(call);
  const cause = end?.cause ?? 'internal-error';
  const { group } = CAUSES[cause];
  const endedAt = end?.at ?? call.endedAt;
  return {
    // A call that was dialed before is done, although what ended it came while it waited.
    state: attempts > 0 || group !== 'not-dialed' ? 'done' : cause === 'canceled' ? 'canceled' : 'skipped',
    attempts,
    reason: cause,
    isError: group === 'error' || FAULTS.has(cause),
    wasAnswered,
    endedAt,
    durationSec: answered?.answeredAt ? Math.max(0, ((answered.over?.at ?? endedAt) - answered.answeredAt) / 1_000) : 0,
  };
}

/** Its call is over, or never was: nobody knows any more what became of it. */
export const LOST_STEP: ContactStep = {
  state: 'done',
  attempts: 0,
  reason: 'submission-lost',
  isError: true,
  wasAnswered: false,
  endedAt: null,
  durationSec: null,
};

/** The call of a contact always has the same id: whoever creates it again creates nothing. */
export function contactCallId(id: CampaignId, ref: ContactRef, round: number): CallId {
  const bytes = createHash('sha256').update(`${id}|${ref}|${round}`).digest();
  // Version 8 of RFC 9562: its bits are ours.
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return newCallId(SHARDS[bytes[31]! % SHARDS.length]!, uuid);
}

/** Moves the contact to where its call is. Repeating it, and being late with it, changes nothing. */
export async function tellCampaign(contacts: Pick<Contacts, 'step'>, { campaign, ...call }: Call): Promise<boolean> {
  if (!campaign) return false;
  return contacts.step(campaign.id, { ref: campaign.contact, round: campaign.round }, stepOf(call as Call));
}
