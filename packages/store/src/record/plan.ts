import type { Call, CallEvent, NewCall, Transition } from '@onhook/call';
import type { CarrierCallId } from '@onhook/contracts';
import type { StoreOptions } from '../options.js';
import type { TimelineEntry } from '../ports/calls.js';
import type { Commit, StoredCall } from './backend.js';
import { writeRecord } from './record-codec.js';
import { timelineDetail } from './timeline-entry.js';

export interface CreationInput {
  readonly asked: NewCall;
  readonly decided: Transition;
  readonly at: number;
  readonly commitId: string;
  readonly claim: Commit['claim'];
}

/** The first commit of a call. Pure. */
export function planCreation({ asked, decided, at, commitId, claim }: CreationInput): Commit {
  const { call, verdict } = decided;
  const facts = { callId: call.callId, version: 1, at, event: 'created', source: 'api', state: call.state };
  return {
    callId: call.callId,
    commitId,
    expected: null,
    version: 1,
    call,
    json: writeRecord(call),
    noNews: 0,
    entry: {
      version: 1,
      at,
      source: 'api',
      event: 'created',
      verdict,
      state: call.state,
      detail: { agentId: asked.agentId, ...(asked.notBefore !== null && { notBefore: asked.notBefore }) },
    },
    compacted: null,
    expiresAt: null,
    sids: { added: [], removed: [] },
    feed: facts,
    outbox: { ...facts, from: null },
    claim,
    isCritical: true,
  };
}

export interface ChangeInput {
  readonly stored: StoredCall;
  readonly before: Call;
  readonly event: CallEvent;
  readonly decided: Transition;
  readonly json: string;
  readonly commitId: string;
  readonly options: StoreOptions;
}

/** A later commit, without the timeline that an ended call needs. Pure. */
export function planChange({ stored, before, event, decided, json, commitId, options }: ChangeInput): Commit {
  const { call, verdict } = decided;
  const isNoNews = json === stored.json;
  const isQuiet = isQuietWake(before, event, call);
  const version = isQuiet ? stored.version : stored.version + 1;
  const hasMoved = before.state !== call.state;
  const facts = { callId: call.callId, version, at: event.at, event: event.type, source: event.source, state: call.state };
  const entry: TimelineEntry = {
    version,
    at: event.at,
    source: event.source,
    event: event.type,
    verdict,
    state: call.state,
    detail: timelineDetail(event),
  };
  return {
    callId: call.callId,
    commitId,
    expected: stored.commitId,
    version,
    call,
    json,
    noNews: stored.noNews + (isNoNews ? 1 : 0),
    entry: isQuiet ? null : entry,
    compacted: null,
    expiresAt: call.state === 'ended' ? call.endedAt + options.retentionMs : null,
    sids: changedSids(before, call),
    feed: isQuiet || isNoNews ? null : facts,
    outbox: hasMoved ? { ...facts, from: before.state } : null,
    claim: null,
    isCritical: hasMoved && call.state === 'dialing',
  };
}

/** A queued call that waits for hours is woken again and again; LIFECYCLE.md keeps that off its timeline. */
function isQuietWake(before: Call, event: CallEvent, call: Call): boolean {
  return (
    event.type === 'deadline-passed' && before.state === 'queued' && call.state === 'queued' && before.deadline !== call.deadline
  );
}

function changedSids(before: Call, after: Call): Commit['sids'] {
  const then = liveSids(before);
  const now = liveSids(after);
  return { added: now.filter((sid) => !then.includes(sid)), removed: then.filter((sid) => !now.includes(sid)) };
}

function liveSids(call: Call): CarrierCallId[] {
  return call.attempts.flatMap((attempt) => (attempt.sid !== null && attempt.over === null ? [attempt.sid] : []));
}
