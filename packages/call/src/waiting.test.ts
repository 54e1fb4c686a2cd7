import { describe, expect, it } from 'vitest';
import type { Call, Policy } from './call.js';
import { createCall } from './create.js';
import { leaseMs, timeLimitSec } from './deadlines.js';
import type { CallEvent } from './event.js';
import { currentAttempt, currentSid, isLive, isOver, isWaiting, lastEnd, nextAttemptNumber, ownerOf } from './questions.js';
import { event } from './testing/events.js';
import { CALL_ID, CALLS, HOUR, NEW_CALL, OWNER, POLICY, SID, T0, type CallName } from './testing/fixtures.js';
import { transition } from './transition.js';

const run = (call: Call, ...events: CallEvent[]): Call => events.reduce((now, next) => transition(now, next).call, call);
const wakeDialer = { type: 'wake-dialer', callId: CALL_ID };

describe('a new call', () => {
  it('is queued, and the dialer is woken', () => {
    expect(createCall(NEW_CALL, T0)).toEqual({ call: CALLS.queued, verdict: 'moved', effects: [wakeDialer] });
  });

  it('that is for later is scheduled, and nobody is woken', () => {
    expect(createCall({ ...NEW_CALL, notBefore: T0 + HOUR }, T0)).toEqual({
      call: CALLS.scheduled,
      verdict: 'moved',
      effects: [],
    });
    expect(createCall({ ...NEW_CALL, notBefore: T0 }, T0).call.state).toBe('queued');
  });

  it('does not wait for ever: without a latest moment it gets a week from its first possible dial', () => {
    const patient: Policy = { ...POLICY, latestAt: null };
    expect(createCall({ ...NEW_CALL, policy: patient }, T0).call.policy.latestAt).toBe(T0 + 168 * HOUR);
    expect(createCall({ ...NEW_CALL, policy: patient, notBefore: T0 + HOUR }, T0).call.policy.latestAt).toBe(T0 + 169 * HOUR);
    const old: Call = { ...CALLS.queued, policy: patient };
    expect(run(old, event.deadlinePassed(T0 + 60_000, T0 + 168 * HOUR)).state).toBe('settling');
  });

  it('fits through JSON unchanged', () => {
    for (const call of [...Object.values(CALLS), createCall(NEW_CALL, T0).call])
      expect(JSON.parse(JSON.stringify(call))).toEqual(call);
  });
});

describe('a scheduled call', () => {
  it('is queued when its moment has come', () => {
    const { call, effects } = transition(CALLS.scheduled, event.deadlinePassed(T0 + HOUR));
    expect(call).toMatchObject({ state: 'queued', deadline: T0 + HOUR + 60_000, wakes: 0 });
    expect(effects).toEqual([wakeDialer]);
  });

  it('whose latest moment comes first expires then', () => {
    const call = createCall({ ...NEW_CALL, notBefore: T0 + 25 * HOUR }, T0).call;
    expect(call.deadline).toBe(T0 + 24 * HOUR);
    expect(run(call, event.deadlinePassed(T0 + 24 * HOUR))).toMatchObject({
      state: 'settling',
      end: { disposition: 'expired', endedBy: 'none', proven: true },
    });
  });
});

describe('a queued call', () => {
  it('wakes the dialer again, at growing distances, and expires at its latest moment', () => {
    let call: Call = CALLS.queued;
    let last = T0;
    const minutes: number[] = [];
    while (call.state === 'queued' && minutes.length < 1_000) {
      minutes.push((call.deadline - last) / 60_000);
      last = call.deadline;
      const passed = transition(call, event.deadlinePassed(last));
      if (passed.call.state === 'queued') expect([passed.verdict, passed.effects]).toEqual(['noted', [wakeDialer]]);
      call = passed.call;
    }
    expect(minutes.slice(0, 7)).toEqual([1, 2, 4, 8, 15, 15, 15]);
    expect(last).toBe(T0 + 24 * HOUR);
    expect(call).toMatchObject({ state: 'settling', end: { disposition: 'expired', cause: 'expired' } });
  });
});

describe('the deadline of each state', () => {
  const at = T0 + 100_000;
  it.each<[string, Call, number]>([
    ['held until its moment', run(CALLS.queued, event.held({ until: at + 5_000 })), at + 5_000],
    ['held beyond its latest moment', run(CALLS.queued, event.held({ until: T0 + 48 * HOUR })), T0 + 24 * HOUR],
    ['dialing: 20 s', run(CALLS.queued, event.dialStarted()), at + 20_000],
    ['placed: 20 s', run(CALLS.dialing, event.accepted()), at + 20_000],
    ['ringing: the ring timeout and 15 s', run(CALLS.placed, event.carrier('ringing')), at + 45_000],
    ['answered: 10 s for the stream', run(CALLS.ringing, event.carrier('in-progress')), at + 10_000],
    ['bridged: the longest duration and 10 s from the answer', run(CALLS.answered, event.streamStarted()), T0 + 10_000 + 610_000],
    ['bridged by the stream alone: from the stream', run(CALLS.dialing, event.streamStarted()), at + 610_000],
    ['transferring: 10 s', run(CALLS.bridged, event.transferAsked()), at + 10_000],
    ['transferred: its limit and 10 s', run(CALLS.transferring, event.transferJoined()), at + 1_810_000],
    ['settling: 2 s', run(CALLS.bridged, event.carrier('completed')), at + 2_000],
    ['settling without a dial: 2 s', run(CALLS.queued, event.endAsked()), at + 2_000],
  ])('%s', (_, call, deadline) => {
    expect(call.deadline).toBe(deadline);
  });

  it('ended: none', () => {
    expect(run(CALLS.settling, event.settled()).deadline).toBeNull();
  });

  it('unconfirmed: looks at 2, 5, 10, 20, 40, 80, 160 s after the request, then each minute, until the carrier itself must have ended it', () => {
    let call = run(CALLS.dialing, event.unclear({ at: T0 + 500 }));
    const looks: number[] = [];
    while (call.state === 'unconfirmed' && looks.length < 1_000) {
      looks.push((call.deadline - T0) / 1_000);
      const passed = transition(call, event.deadlinePassed(call.deadline));
      if (passed.call.state === 'unconfirmed') expect(passed.effects).toEqual([{ type: 'wake-hangup', callId: CALL_ID }]);
      call = passed.call;
    }
    expect(looks).toEqual([2, 5, 10, 20, 40, 80, 160, 220, 280, 340, 400, 460, 520, 580, 640, 700, 720]);
    expect(call).toMatchObject({
      state: 'settling',
      attempts: [{ over: { cause: 'submission-lost', proven: false, at: T0 + 720_000 } }],
    });
  });

  it('unconfirmed: an outage of ours is no proof of absence', () => {
    const call = run(CALLS.unconfirmed, event.deadlinePassed(T0 + 40_000, T0 + 10 * HOUR));
    expect(call).toMatchObject({ state: 'unconfirmed', looks: 1, deadline: T0 + 10 * HOUR + 60_000 });
  });
});

describe("the carrier's limits", () => {
  it('leave the carrier the last, never the first to end a call', () => {
    expect(timeLimitSec(POLICY)).toBe(630);
    expect(timeLimitSec({ ...POLICY, maxDurationSec: 30 })).toBe(60);
    expect(timeLimitSec({ ...POLICY, maxDurationSec: 31 })).toBe(61);
    expect(timeLimitSec({ ...POLICY, maxDurationSec: 10 })).toBe(60);
  });

  it('keep the place of an attempt until its leg cannot live any more', () => {
    expect(leaseMs({ ...POLICY, transferLimitSec: 0 })).toBe(30_000 + 630_000 + 60_000);
    expect(leaseMs(POLICY)).toBe(30_000 + (600 + 10 + 1_800 + 30) * 1_000 + 60_000);
  });
});

describe('questions about a call', () => {
  const names = Object.keys(CALLS) as CallName[];

  it('is exactly one of waiting, live and over', () => {
    for (const name of names)
      expect([isWaiting(CALLS[name]), isLive(CALLS[name]), isOver(CALLS[name])].filter(Boolean)).toHaveLength(1);
    expect(names.filter((name) => isWaiting(CALLS[name]))).toEqual(['scheduled', 'queued', 'waitingAgain']);
    expect(names.filter((name) => isOver(CALLS[name]))).toEqual([
      'settling',
      'settlingUnproven',
      'settlingConcluded',
      'ended',
      'endedConcluded',
    ]);
  });

  it('names its attempt, its leg and its owner', () => {
    expect([currentAttempt(CALLS.queued), currentSid(CALLS.queued), nextAttemptNumber(CALLS.queued)]).toEqual([null, null, 1]);
    expect([currentAttempt(CALLS.placed)?.n, currentSid(CALLS.placed), nextAttemptNumber(CALLS.placed)]).toEqual([1, SID, 2]);
    expect(names.filter((name) => ownerOf(CALLS[name]) !== null)).toEqual([
      'bridged',
      'speakingLastWords',
      'transferring',
      'ending',
      'settling',
      'settlingConcluded',
    ]);
    expect(ownerOf(CALLS.bridged)).toBe(OWNER);
  });

  it('tells the end of the call if it ended while it waited, else of its last attempt', () => {
    expect(lastEnd(CALLS.bridged)).toBeNull();
    expect(lastEnd(CALLS.ended)).toMatchObject({ cause: 'callee-hung-up' });
    expect(lastEnd(run(CALLS.waitingAgain, event.endAsked({ cause: 'canceled' })))).toMatchObject({
      disposition: 'canceled',
      cause: 'canceled',
    });
  });
});
