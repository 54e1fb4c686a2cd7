import { lastEnd, type Attempt, type Call } from '@onhook/call';
import {
  CAUSES,
  isWaitReason,
  STATUS_OF,
  WAIT_REASONS,
  type AttemptView,
  type CallView,
  type TimelineEntryView,
} from '@onhook/contracts';
import type { TimelineEntry } from '@onhook/store';
import { durationMs } from './call-filter.js';
import { latencyView } from './latency-view.js';

/** Why a call waits, and until when; Redis milliseconds. */
export interface Wait {
  readonly reason: string;
  readonly until: number;
}

/**
 * A record as the API shows it. Times are Redis time.
 *
 * @param accountWait what keeps all calls of the account waiting, if a queued one shall tell it
 */
export function callView(call: Call, timeline?: readonly TimelineEntry[], accountWait: Wait | null = null): CallView {
  const self = `/v1/calls/${call.callId}`;
  const last = call.attempts.at(-1);
  const end = call.state === 'settling' || call.state === 'ended' ? lastEnd(call) : null;
  const cause = end?.cause ?? (call.state === 'ending' ? call.cause : null);
  const answeredAt = last?.answeredAt ?? null;
  const wait = waitOf(call, accountWait);
  return {
    id: call.callId,
    status: STATUS_OF[call.state],
    state: call.state,
    waitReason: wait?.reason ?? null,
    nextAttemptAt: isoOrNull(wait?.until ?? null),
    to: call.to,
    from: last?.from ?? call.from,
    agentId: call.agentId,
    campaignId: call.campaign?.id ?? null,
    retryOf: call.retryOf ?? null,
    createdAt: iso(call.createdAt),
    answeredAt: isoOrNull(answeredAt),
    endedAt: call.state === 'ended' ? iso(call.endedAt) : null,
    queueWaitMs: call.attempts[0] ? Math.max(0, call.attempts[0].dialedAt - call.createdAt) : null,
    durationMs: durationMs(call),
    answeredBy: call.answeredBy,
    disposition: end?.disposition ?? null,
    cause,
    causeGroup: cause && CAUSES[cause].group,
    hint: cause ? CAUSES[cause].hint : wait && isWaitReason(wait.reason) ? WAIT_REASONS[wait.reason].hint : null,
    endedBy: end?.endedBy ?? null,
    endedParty: end?.by ?? (call.state === 'ending' ? call.by : null),
    goodbye: call.goodbye,
    attempts: call.attempts.map(attemptView),
    variables: { ...call.variables },
    metadata: { ...call.metadata },
    erasedAt: isoOrNull(call.erasedAt ?? null),
    recording: call.recording ? { status: 'ready', url: `${self}/recording` } : { status: 'none', url: null },
    latency: call.measured ? latencyView(call.measured) : null,
    links: { self, timeline: `${self}/timeline`, transcript: `${self}/transcript` },
    ...(timeline && { timeline: timelineView(call, timeline) }),
  };
}

function waitOf(call: Call, accountWait: Wait | null): Wait | null {
  if (call.state === 'scheduled') return { reason: call.waitReason ?? 'not-before', until: call.notBefore };
  return call.state === 'queued' ? accountWait : null;
}

export function timelineView(call: Call, timeline: readonly TimelineEntry[]): TimelineEntryView[] {
  return timeline.map((entry) => ({
    atMs: entry.at - call.createdAt,
    at: iso(entry.at),
    event: entry.event,
    source: entry.source,
    state: entry.state,
    effect: entry.verdict,
    detail: { ...entry.detail },
  }));
}

function attemptView(attempt: Attempt): AttemptView {
  return {
    number: attempt.n,
    carrierCallId: attempt.sid,
    carrierErrorCode: attempt.over?.code ?? null,
    from: attempt.from,
    disposition: attempt.over?.disposition ?? null,
    cause: attempt.over?.cause ?? null,
    endedBy: attempt.over?.endedBy ?? null,
    endedParty: attempt.over?.by ?? null,
    dialedAt: iso(attempt.dialedAt),
    answeredAt: isoOrNull(attempt.answeredAt),
    endedAt: isoOrNull(attempt.over?.at ?? null),
  };
}

export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));
