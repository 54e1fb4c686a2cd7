import { lastEnd, type Call } from '@onhook/call';
import { CAUSES, STATUS_OF, type CallListQuery } from '@onhook/contracts';

type Filters = Omit<CallListQuery, 'limit' | 'cursor' | 'createdAfter' | 'createdBefore'>;

/** Whether a call fits everything that is asked for; null: nothing is. */
export function callFilter(filters: Filters): ((call: Call) => boolean) | null {
  const wanted = Object.entries(filters).filter(([, value]) => value !== undefined);
  if (wanted.length === 0) return null;
  const { status, cause, causeGroup, disposition, endedBy, endedParty, answeredBy, agentId, campaignId, to, from } = filters;
  const { minDurationMs, maxDurationMs, metadata } = filters;
  return (call) => {
    const end = call.state === 'settling' || call.state === 'ended' ? lastEnd(call) : null;
    const why = end?.cause ?? (call.state === 'ending' ? call.cause : null);
    return (
      isOneOf(status, STATUS_OF[call.state]) &&
      isOneOf(cause, why) &&
      isOneOf(causeGroup, why && CAUSES[why].group) &&
      isOneOf(disposition, end?.disposition ?? null) &&
      isOneOf(endedBy, end?.endedBy ?? null) &&
      isOneOf(endedParty, end?.by ?? (call.state === 'ending' ? call.by : null)) &&
      isOneOf(answeredBy, call.answeredBy) &&
      (agentId === undefined || call.agentId === agentId) &&
      (campaignId === undefined || call.campaign?.id === campaignId) &&
      (to === undefined || call.to === to) &&
      (from === undefined || (call.attempts.at(-1)?.from ?? call.from) === from) &&
      isWithin(durationMs(call), minDurationMs, maxDurationMs) &&
      Object.entries(metadata ?? {}).every(
        ([name, value]) => Object.hasOwn(call.metadata, name) && String(call.metadata[name]) === value,
      )
    );
  };
}

/** From answer to end. */
export function durationMs(call: Call): number | null {
  const last = call.attempts.at(-1);
  return last?.over && last.answeredAt !== null ? Math.max(0, last.over.at - last.answeredAt) : null;
}

function isOneOf<T>(wanted: readonly T[] | undefined, value: T | null): boolean {
  return wanted === undefined || (value !== null && wanted.includes(value));
}

function isWithin(value: number | null, min = 0, max = Infinity): boolean {
  if (min === 0 && max === Infinity) return true;
  return value !== null && value >= min && value <= max;
}
