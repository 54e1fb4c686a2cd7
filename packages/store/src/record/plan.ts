import type { Call, CallEvent, NewCall, Transition } from '@onhook/call';
import type { CarrierCallId } from '@onhook/contracts';
import type { TimelineEntry } from '../ports/calls.js';
import type { Commit, FeedEntry, OutboxEntry, StoredCall } from './backend.js';
import { writeRecord } from './record-codec.js';
import { tallyOf } from './tally.js';
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
  const facts = { callId: call.callId, version: 1, at, event: 'created', source: 'api', state: call.state, from: null };
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
    endedAt: null,
    sids: { added: [], removed: [] },
    feed: facts,
    outbox: outboxEntry(facts, call),
    claim,
    tally: null,
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
}

/** A later commit, without the timeline that an ended call needs. Pure. */
export function planChange({ stored, before, event, decided, json, commitId }: ChangeInput): Commit {
  const { call, verdict } = decided;
  const isNoNews = json === stored.json;
  const isQuiet = isQuietWake(before, event, call);
  const version = isQuiet ? stored.version : stored.version + 1;
  const hasMoved = before.state !== call.state;
  const { source, at } = event;
  const facts = { callId: call.callId, version, at, event: event.type, source, state: call.state, from: before.state };
  const isRecorded = before.recording === null && call.recording !== null;
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
    endedAt: call.state === 'ended' ? call.endedAt : null,
    sids: changedSids(before, call),
    feed: isQuiet || isNoNews ? null : facts,
    outbox: hasMoved || isRecorded ? outboxEntry(facts, call) : null,
    claim: null,
    tally: tallyOf(before, call),
    isCritical: hasMoved && call.state === 'dialing',
  };
}

function outboxEntry(facts: FeedEntry, call: Call): OutboxEntry {
  return call.webhookUrl === undefined ? facts : { ...facts, hook: true };
}

/** A queued call that waits for hours is woken again and again; LIFECYCLE.md keeps that off its timeline. */
function isQuietWake(before: Call, event: CallEvent, call: Call): boolean {
  return (
    event.type === 'deadline-passed' && before.state === 'queued' && call.state === 'queued' && before.deadline !== call.deadline
  );
}

/** A leg may be over in the very commit that names it: it was ours all the same, and that is known for a while. */
function changedSids(before: Call, after: Call): Commit['sids'] {
  const then = legsOf(before);
  const now = legsOf(after);
  return {
    added: [...now.keys()].filter((sid) => !then.has(sid)),
    removed: [...new Set([...then.keys(), ...now.keys()])].filter((sid) => then.get(sid) !== 'over' && now.get(sid) !== 'live'),
  };
}

function legsOf({ attempts }: Call): Map<CarrierCallId, 'live' | 'over'> {
  return new Map(attempts.flatMap(({ sid, over }) => (sid === null ? [] : [[sid, over === null ? 'live' : 'over'] as const])));
}
