import { describe, expect, it } from 'vitest';
import { afterWord } from './attempts.js';
import type { Call } from './call.js';
import { event, LATER } from './testing/events.js';
import { attempt, CALL_ID, CALLS, FROM, GATEWAY, OTHER_SID, OTHER_STREAM, OWNER, SID, STREAM, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

const stray = (sid = SID) => ({ type: 'stray', sid });
const alarm = (what: string) => ({ type: 'alarm', callId: CALL_ID, what });
const wakeHangup = { type: 'wake-hangup', callId: CALL_ID };
const after = (call: Call, ...events: Parameters<typeof transition>[1][]): Call =>
  events.reduce((now, next) => transition(now, next).call, call);

describe('R1: an attempt that is over stays over', () => {
  it('hangs up a leg that answers after its submission was given up as lost', () => {
    const late = transition(CALLS.settlingUnproven, event.carrier('in-progress'));
    expect(late.effects).toEqual([stray()]);
    expect(late.call.state).toBe('settling');
    expect(late.call.attempts[0]?.over).toEqual(CALLS.settlingUnproven.attempts[0]?.over);
  });

  it('learns the name of that leg, and no longer hunts it once the carrier has said that it is over', () => {
    const known = after(CALLS.settlingUnproven, event.carrier('in-progress'), event.carrier('completed'));
    expect(known.attempts[0]).toMatchObject({ sid: SID, carrierStatus: 'completed' });
    expect(transition(known, event.carrier('ringing'))).toMatchObject({ verdict: 'no-news', effects: [] });
  });

  it('takes a late live callback for disorder if the carrier has already said that the leg is over', () => {
    for (const call of [CALLS.settling, CALLS.ended, CALLS.waitingAgain]) {
      expect(transition(call, event.carrier('in-progress'))).toEqual({ call, verdict: 'no-news', effects: [] });
    }
  });

  it('keeps the first last word of the carrier', () => {
    expect(transition(CALLS.ended, event.carrier('busy')).call).toBe(CALLS.ended);
  });

  it('refuses the stream of an attempt that is over, and hangs its leg up', () => {
    const lost: Call = { ...CALLS.settlingUnproven, state: 'ended', deadline: null, endedAt: T0 + 95_000 };
    expect(transition(lost, event.streamStarted())).toMatchObject({
      verdict: 'refused',
      effects: [stray()],
      call: { state: 'ended' },
    });
  });

  it('hears nothing of an older attempt while a later one is live', () => {
    const second: Call = {
      ...CALLS.waitingAgain,
      attempts: [...CALLS.waitingAgain.attempts, attempt({ n: 2, dialedAt: LATER })],
      dials: 2,
      state: 'dialing',
      deadline: LATER + 20_000,
    };
    for (const late of [
      event.carrier('completed'),
      event.notSent(),
      event.notSent({ dial: 2 }),
      event.refused(),
      event.accepted(),
      event.notFound(),
      event.agentEnded(),
    ]) {
      expect(transition(second, late)).toEqual({ call: second, verdict: 'no-news', effects: [] });
    }
  });

  it('adds late facts of the last attempt, and only of that one', () => {
    const billed = event.carrier('completed', { durationSec: 61, priceMicroUsd: 14_000, sipCode: 200 });
    expect(transition(CALLS.ended, billed)).toMatchObject({
      verdict: 'noted',
      effects: [],
      call: { state: 'ended', late: { durationSec: 61, priceMicroUsd: 14_000, sipCode: 200 } },
    });
    const second: Call = {
      ...CALLS.waitingAgain,
      attempts: [...CALLS.waitingAgain.attempts, attempt({ n: 2 })],
      dials: 2,
      state: 'dialing',
      deadline: LATER,
    };
    expect(transition(second, billed).call.late).toEqual({});
  });

  it('does not ask about settled: that is what an ended attempt waits for', () => {
    expect(transition(CALLS.settling, event.settled()).call.state).toBe('ended');
  });
});

describe('R2: the record was behind', () => {
  it('goes on with a leg whose dial the record has lost, and never dials it again', () => {
    const answered = transition(CALLS.queued, event.carrier('in-progress', { from: FROM }));
    expect(answered.effects).toEqual([alarm('record-was-behind')]);
    expect(answered.call).toMatchObject({ state: 'answered', dials: 1, attempts: [{ n: 1, from: FROM, sid: SID, over: null }] });
    expect(transition(answered.call, event.dialStarted())).toMatchObject({ verdict: 'no-news', effects: [] });
  });

  it('bridges a stream whose dial the record has lost', () => {
    expect(transition(CALLS.waitingAgain, event.streamStarted({ n: 2, sid: OTHER_SID })).call).toMatchObject({
      state: 'bridged',
      owner: OWNER,
      attempts: [{ n: 1 }, { n: 2, sid: OTHER_SID, from: FROM }],
    });
  });

  it('looks for the leg of an unclear request whose dial the record has lost', () => {
    const { call, effects } = transition(CALLS.queued, event.unclear());
    expect(call.state).toBe('unconfirmed');
    expect(effects).toEqual([alarm('record-was-behind'), wakeHangup]);
  });

  it('makes no attempt of a request that was not sent or refused', () => {
    for (const nothing of [event.notSent(), event.refused(), event.notFound(), event.transferJoined()]) {
      expect(transition(CALLS.queued, nothing)).toEqual({ call: CALLS.queued, verdict: 'no-news', effects: [] });
    }
  });

  it('hangs up the leg of an attempt that cannot exist', () => {
    for (const call of [CALLS.queued, CALLS.dialing, CALLS.bridged, CALLS.settling, CALLS.ended] as const) {
      const { effects, verdict } = transition(call, event.carrier('ringing', { n: call.attempts.length + 2, sid: OTHER_SID }));
      expect([verdict, effects]).toEqual(['no-news', [stray(OTHER_SID), alarm('unknown-attempt')]]);
    }
    expect(transition(CALLS.ended, event.streamStarted({ n: 2, sid: OTHER_SID }))).toMatchObject({
      verdict: 'refused',
      call: CALLS.ended,
    });
    expect(transition(CALLS.bridged, event.notSent({ n: 2 }))).toMatchObject({ verdict: 'no-news', effects: [] });
    expect(transition(CALLS.bridged, event.carrier('ringing', { n: 0 }))).toMatchObject({ verdict: 'no-news', effects: [] });
  });
});

describe('R3: an attempt has one leg', () => {
  it('hangs up a second leg and leaves the first alone', () => {
    for (const call of [
      CALLS.placed,
      CALLS.ringing,
      CALLS.answered,
      CALLS.bridged,
      CALLS.transferred,
      CALLS.ending,
      CALLS.settling,
      CALLS.ended,
    ]) {
      for (const second of [
        event.accepted({ sid: OTHER_SID }),
        event.carrier('in-progress', { sid: OTHER_SID }),
        event.answeredBy('human', { sid: OTHER_SID }),
      ]) {
        expect(transition(call, second)).toEqual({ call, verdict: 'no-news', effects: [stray(OTHER_SID), alarm('second-leg')] });
      }
    }
  });

  it('refuses the stream of a second leg', () => {
    const { verdict, call, effects } = transition(
      CALLS.ringing,
      event.streamStarted({ sid: OTHER_SID, streamSid: OTHER_STREAM }),
    );
    expect([verdict, call, effects]).toEqual(['refused', CALLS.ringing, [stray(OTHER_SID), alarm('second-leg')]]);
  });

  it('binds a SID once', () => {
    expect(afterWord(attempt({ sid: SID }), OTHER_SID, 'ringing', LATER)).toMatchObject({ sid: SID, carrierStatus: 'ringing' });
  });

  it('does not end the attempt by the end of another leg', () => {
    expect(transition(CALLS.bridged, event.carrier('completed', { sid: OTHER_SID }))).toEqual({
      call: CALLS.bridged,
      verdict: 'no-news',
      effects: [alarm('second-leg')],
    });
  });
});

describe('R4: only the present deadline passes', () => {
  it('ignores a deadline that the record has left behind', () => {
    const moved = transition(CALLS.placed, event.deadlinePassed(T0 + 20_000, T0 + 500_000));
    expect(moved).toEqual({ call: CALLS.placed, verdict: 'no-news', effects: [] });
  });

  it('does not believe that a moment has passed which has not', () => {
    expect(transition(CALLS.dialing, event.deadlinePassed(T0 + 20_000, T0 + 19_999)).verdict).toBe('no-news');
    expect(transition(CALLS.dialing, event.deadlinePassed(T0 + 20_000, T0 + 20_000)).verdict).toBe('moved');
  });

  it('never applies the same deadline twice', () => {
    for (const call of Object.values(CALLS) as Call[]) {
      if (call.deadline === null) continue;
      const once = transition(call, event.deadlinePassed(call.deadline)).call;
      expect(transition(once, event.deadlinePassed(call.deadline)).call).toBe(once);
    }
  });
});

describe('R5: the stream is the fence', () => {
  it('accepts one stream and refuses every other start, the same once more included', () => {
    for (const again of [event.streamStarted(), event.streamStarted({ streamSid: OTHER_STREAM })]) {
      expect(transition(CALLS.bridged, again)).toEqual({ call: CALLS.bridged, verdict: 'refused', effects: [] });
    }
  });

  it('ignores what another stream says', () => {
    const streamSid = OTHER_STREAM;
    const of = (call: Call) =>
      [
        event.mediaClosed('stop', { streamSid }),
        event.mediaClosed('we', { streamSid, fuse: true }),
        event.ownerLost({ streamSid }),
        event.transferAsked({ streamSid }),
        event.transferFailed({ streamSid }),
      ].map((said) => transition(call, said));
    for (const call of [CALLS.bridged, CALLS.transferring, CALLS.ending]) {
      for (const result of of(call)) expect(result).toEqual({ call, verdict: 'no-news', effects: [] });
    }
  });
});

describe('R6: back only by three ways', () => {
  it('goes back from queued when held, from dialing when not sent, from settling to the next attempt', () => {
    expect(transition(CALLS.queued, event.held()).call).toMatchObject({
      state: 'scheduled',
      waitReason: 'fence',
      notBefore: LATER + 5_000,
    });
    expect(transition(CALLS.dialing, event.notSent()).call).toMatchObject({ state: 'queued', attempts: [] });
    const busy = after(CALLS.ringing, event.carrier('busy'), event.settled());
    expect(busy).toMatchObject({ state: 'scheduled', waitReason: 'redial' });
  });

  it('skips forward over callbacks that were lost', () => {
    expect(after(CALLS.dialing, event.carrier('in-progress')).state).toBe('answered');
    expect(after(CALLS.dialing, event.streamStarted()).state).toBe('bridged');
    expect(after(CALLS.unconfirmed, event.carrier('completed')).state).toBe('settling');
  });

  it('does not go back when callbacks come in disorder', () => {
    expect(
      after(CALLS.dialing, event.carrier('in-progress'), event.carrier('ringing'), event.carrier('initiated'), event.accepted())
        .state,
    ).toBe('answered');
    expect(after(CALLS.bridged, event.carrier('ringing')).state).toBe('bridged');
  });
});

describe('R7: a last word of the carrier ends the attempt wherever it is', () => {
  const live = [
    'dialing',
    'unconfirmed',
    'placed',
    'ringing',
    'answered',
    'bridged',
    'transferring',
    'transferred',
    'ending',
    'endingUnbound',
  ] as const;
  it.each(live)('from %s', (name) => {
    const { call, effects } = transition(CALLS[name], event.carrier('failed', { sipCode: 503 }));
    expect(call).toMatchObject({ state: 'settling', deadline: LATER + 2_000, rounds: 0, late: { sipCode: 503 } });
    expect(call.attempts[0]).toMatchObject({
      sid: SID,
      carrierStatus: 'failed',
      over: { at: LATER, disposition: 'failed', proven: true, code: 503 },
    });
    expect(effects).toEqual([wakeHangup]);
  });

  it('still knows the gateway that has to be told', () => {
    expect(after(CALLS.bridged, event.carrier('completed'))).toMatchObject({ owner: { gatewayId: GATEWAY, streamSid: STREAM } });
    expect(after(CALLS.ending, event.carrier('completed'))).toMatchObject({ owner: OWNER });
    expect(after(CALLS.transferred, event.carrier('completed'))).toMatchObject({ owner: null });
  });
});
