import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import type { CallEvent } from './event.js';
import { isLive } from './questions.js';
import { event, LATER } from './testing/events.js';
import { CALL_ID, CALLS, FROM, HOUR, POLICY, SID, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

const run = (call: Call, ...events: CallEvent[]): Call => events.reduce((now, next) => transition(now, next).call, call);
const placeCall = (n: number) => ({ type: 'place-call', callId: CALL_ID, n });

describe('dialing at most once', () => {
  it('lets only the commit that starts a dial place the call', () => {
    const first = transition(CALLS.queued, event.dialStarted());
    expect(first.effects).toEqual([placeCall(1)]);
    expect(transition(first.call, event.dialStarted())).toEqual({ call: first.call, verdict: 'no-news', effects: [] });
    expect(first.call).toMatchObject({ dials: 1, attempts: [{ n: 1, from: FROM, dialedAt: LATER, sid: null, over: null }] });
  });

  it('never starts a dial of another number than the next', () => {
    for (const n of [0, 2, 3]) expect(transition(CALLS.queued, event.dialStarted({ n })).effects).toEqual([]);
  });

  it('dials no call that was canceled or held in the meantime', () => {
    for (const before of [event.endAsked(), event.held()]) {
      expect(transition(run(CALLS.queued, before), event.dialStarted()).effects).toEqual([]);
    }
  });

  it('does not dial after the latest moment: the call expires instead', () => {
    const at = T0 + 24 * HOUR;
    expect(transition(CALLS.queued, event.dialStarted({ at: at - 1 })).call.state).toBe('dialing');
    const { call, effects } = transition(CALLS.queued, event.dialStarted({ at }));
    expect(call).toMatchObject({
      state: 'settling',
      attempts: [],
      end: { disposition: 'expired', cause: 'expired', by: 'platform' },
    });
    expect(effects).toEqual([{ type: 'wake-hangup', callId: CALL_ID }]);
  });
});

describe('a request that was not sent', () => {
  it('frees the number of the attempt and comes back when it may', () => {
    const { call, effects } = transition(CALLS.dialing, event.notSent({ retryAt: LATER + 120_000 }));
    expect(call).toMatchObject({ state: 'queued', attempts: [], dials: 1, wakes: 0, deadline: LATER + 180_000 });
    expect(effects).toEqual([{ type: 'wake-dialer', callId: CALL_ID, at: LATER + 120_000 }]);
    expect(transition(call, event.dialStarted()).effects).toEqual([placeCall(1)]);
  });

  it('said twice takes back only the dial that it speaks of', () => {
    const notSent = event.notSent({ dial: 1 });
    const again = run(CALLS.dialing, notSent, event.dialStarted());
    expect(again).toMatchObject({ state: 'dialing', dials: 2 });
    expect(transition(again, notSent)).toEqual({ call: again, verdict: 'no-news', effects: [] });
    expect(transition(again, event.notSent({ dial: 2 })).call.state).toBe('queued');
  });

  it('with the claim of its dial is believed of that dial alone, also by who never saw its commit', () => {
    const dialing = run(CALLS.queued, event.dialStarted({ claim: 'mine' }));
    expect(transition(dialing, event.notSent({ claim: 'another' })).verdict).toBe('no-news');
    expect(transition(dialing, event.notSent({ claim: 'mine' })).call.state).toBe('queued');
    const later = run(dialing, event.notSent({ claim: 'mine' }), event.dialStarted({ claim: 'later' }));
    expect(transition(later, event.notSent({ claim: 'mine' })).verdict).toBe('no-news');
  });

  it('without the name of its dial is believed only while none was ever taken back', () => {
    const { dial: _, ...nameless } = event.notSent() as Extract<CallEvent, { type: 'not-sent' }>;
    const first = run(CALLS.dialing, nameless);
    expect(first.state).toBe('queued');
    const second = run(first, event.dialStarted());
    expect(transition(second, nameless).verdict).toBe('no-news');
  });

  it('is not believed once the leg is known', () => {
    for (const call of [CALLS.placed, CALLS.ringing, CALLS.answered, CALLS.bridged, CALLS.transferred, CALLS.ending]) {
      expect(transition(call, event.notSent()).verdict).toBe('no-news');
      expect(transition(call, event.refused()).verdict).toBe('no-news');
      expect(transition(call, event.notFound()).verdict).toBe('no-news');
    }
  });

  it('is legal after unconfirmed: a dialer that was frozen wakes and has sent nothing', () => {
    expect(run(CALLS.unconfirmed, event.notSent())).toMatchObject({ state: 'queued', attempts: [] });
  });

  it('while the end was asked for is a canceled call, and so is a refused one', () => {
    const over = { disposition: 'canceled', cause: 'agent-ended-call', by: 'agent', endedBy: 'none', proven: true };
    expect(run(CALLS.endingUnbound, event.notSent())).toMatchObject({
      state: 'settling',
      attempts: [{ over: { ...over, code: null } }],
    });
    expect(run(CALLS.endingUnbound, event.refused())).toMatchObject({
      state: 'settling',
      attempts: [{ over: { ...over, code: 21_211 } }],
    });
    expect(run(CALLS.endingUnbound, event.notFound())).toMatchObject({ attempts: [{ over: { ...over, proven: false } }] });
  });

  it('said of an earlier dial does not end the ending of a later one', () => {
    const second: Call = { ...CALLS.endingUnbound, dials: 2 };
    expect(transition(second, event.notSent({ dial: 1 })).verdict).toBe('no-news');
  });
});

describe('a request without a clear answer', () => {
  it('is never repeated: its leg is looked for', () => {
    const { call, effects } = transition(CALLS.dialing, event.unclear({ at: T0 + 1_500 }));
    expect(call).toMatchObject({ state: 'unconfirmed', looks: 0, deadline: T0 + 2_000 });
    expect(effects).toEqual([{ type: 'wake-hangup', callId: CALL_ID }]);
  });

  it('ends unproven when the carrier does not know it: not dialed again', () => {
    const lost = run(CALLS.unconfirmed, event.notFound());
    expect(lost).toMatchObject({
      state: 'settling',
      attempts: [{ over: { disposition: 'failed', cause: 'submission-lost', proven: false } }],
    });
    expect(run(lost, event.settled()).state).toBe('ended');
  });

  it.each([
    ['its callback', event.carrier('ringing'), 'ringing'],
    ['its media stream', event.streamStarted(), 'bridged'],
    ['a look at the list', event.carrier('in-progress', { via: 'look', source: 'hangup' }), 'answered'],
    ['a late 201', event.accepted(), 'placed'],
  ])('is bound by %s', (_, found, state) => {
    expect(run(CALLS.unconfirmed, found)).toMatchObject({ state, attempts: [{ sid: SID }] });
  });

  it('whose end was asked for is ended as soon as its leg has a name', () => {
    for (const named of [event.accepted(), event.carrier('ringing'), event.streamStarted(), event.answeredBy('human')]) {
      const { call, effects } = transition(CALLS.endingUnbound, named);
      expect(call).toMatchObject({ state: 'ending', attempts: [{ sid: SID }] });
      expect(effects).toEqual([{ type: 'wake-hangup', callId: CALL_ID }]);
      expect(transition(call, named).effects).toEqual([]);
    }
  });
});

describe('a call that waits inside the carrier', () => {
  it('is asked for after 20 s and withdrawn after 10 more', () => {
    const asked = transition(CALLS.placed, event.deadlinePassed(T0 + 21_000));
    expect(asked.call).toMatchObject({ state: 'placed', asked: true, deadline: T0 + 31_000 });
    expect(run(asked.call, event.deadlinePassed(T0 + 31_000))).toMatchObject({
      state: 'ending',
      cause: 'dial-expired',
      by: 'platform',
      trigger: 'watchdog',
    });
  });

  it('gets the time to ring once the carrier has begun to dial', () => {
    const ringsBy = T0 + 21_000 + 45_000;
    const early = run(CALLS.placed, event.carrier('initiated', { at: T0 + 15_000 }), event.deadlinePassed(T0 + 21_000));
    expect(early).toMatchObject({ state: 'placed', asked: true, deadline: ringsBy });
    expect(run(early, event.deadlinePassed(ringsBy))).toMatchObject({ state: 'ending', cause: 'no-answer' });
    const late = run(CALLS.placed, event.deadlinePassed(T0 + 21_000), event.carrier('initiated', { at: T0 + 25_000 }));
    expect(late).toMatchObject({ state: 'placed', deadline: T0 + 25_000 + 45_000 });
    // Said again it gains no more time.
    expect(run(late, event.carrier('initiated', { at: T0 + 60_000 })).deadline).toBe(T0 + 70_000);
    expect(run(late, event.carrier('queued', { at: T0 + 60_000 })).deadline).toBe(T0 + 70_000);
  });
});

describe('a new attempt', () => {
  it('starts without the facts of the one before', () => {
    const before: Call = {
      ...CALLS.waitingAgain,
      answeredBy: 'machine',
      goodbye: 'played',
      recording: { durationMs: 9_000 },
      measured: { answerToFirstAudioMs: 300, turnLatencyMs: [700] },
      late: { durationSec: 9 },
    };
    expect(run(before, event.dialStarted({ n: 2 }))).toMatchObject({
      answeredBy: null,
      goodbye: null,
      recording: null,
      measured: null,
      late: {},
      attempts: [{ n: 1 }, { n: 2 }],
    });
  });

  it('takes no fact of the one before', () => {
    const second = run(CALLS.waitingAgain, event.dialStarted({ n: 2 }));
    expect(transition(second, event.noted({ n: 1 })).verdict).toBe('no-news');
    expect(isLive(second)).toBe(true);
    expect(POLICY.redial.maxAttempts).toBe(3);
  });
});
