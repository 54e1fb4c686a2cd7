import { describe, expect, it } from 'vitest';
import type { Call, CallIn, Policy } from './call.js';
import type { CallEvent } from './event.js';
import { nextAttemptAt } from './redial.js';
import { event, LATER } from './testing/events.js';
import { attempt, attemptEnd, CALLS, OTHER_SID, POLICY, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

const run = (call: Call, ...events: CallEvent[]): Call => events.reduce((now, next) => transition(now, next).call, call);
const policy = (change: Partial<Policy['redial']>): Policy => ({ ...POLICY, redial: { ...POLICY.redial, ...change } });
const after = (call: Call, ...events: CallEvent[]) => run(call, ...events, event.settled());

describe('the next attempt', () => {
  it.each<[string, Call, CallEvent[]]>([
    ['busy', CALLS.ringing, [event.carrier('busy')]],
    ['no answer', CALLS.ringing, [event.carrier('no-answer')]],
    ['failed', CALLS.placed, [event.carrier('failed')]],
    ['our ring timeout, confirmed by the carrier', CALLS.ringing, [event.deadlinePassed(T0 + 47_000), event.carrier('canceled')]],
    ['a refusal that may pass', CALLS.dialing, [event.refused({ code: 20_500, retryable: true })]],
    ['voicemail', CALLS.answered, [event.answeredBy('machine'), event.carrier('completed')]],
  ])('comes after %s', (_, call, events) => {
    expect(after(call, ...events)).toMatchObject({ state: 'scheduled', waitReason: 'redial', attempts: [{ n: 1 }] });
    expect(after({ ...call, policy: policy({ on: [] }) } as Call, ...events).state).toBe('ended');
    expect(after({ ...call, policy: policy({ maxAttempts: 1 }) } as Call, ...events).state).toBe('ended');
  });

  it.each<[string, Call, CallEvent[]]>([
    ['a completed call', CALLS.bridged, [event.carrier('completed'), event.mediaClosed('stop')]],
    [
      'a completed call whose ring timeout we had passed',
      CALLS.ringing,
      [event.deadlinePassed(T0 + 47_000), event.carrier('completed')],
    ],
    ['a lost submission', CALLS.unconfirmed, [event.notFound()]],
    ['an unproven end', CALLS.endingUnbound, [event.notFound()]],
    ["an operator's end", CALLS.ringing, [event.endAsked(), event.carrier('no-answer')]],
    [
      'a call that waited too long in the carrier',
      { ...CALLS.placed, asked: true },
      [event.deadlinePassed(T0 + 21_000), event.carrier('canceled')],
    ],
    ['a wrong number', CALLS.placed, [event.carrier('failed', { sipCode: 404 })]],
    ['a refusal for good', CALLS.dialing, [event.refused({ code: 21_215 })]],
    ["an end in the carrier's console", CALLS.ringing, [event.carrier('canceled')]],
    ['a canceled call', CALLS.waitingAgain, [event.endAsked()]],
  ])('never comes after %s', (_, call, events) => {
    expect(after(call, ...events).state).toBe('ended');
  });

  it('never comes after a voicemail whose end the carrier never confirmed: that leg may still be up', () => {
    const limit = T0 + 10_000 + 630_000 + 60_000;
    const hungUp = run(CALLS.answered, event.answeredBy('machine'));
    const givenUp = run({ ...hungUp, rounds: 3, deadline: limit } as Call, event.deadlinePassed(limit));
    expect(givenUp).toMatchObject({ state: 'settling', attempts: [{ over: { cause: 'voicemail', proven: false } }] });
    expect(after(givenUp).state).toBe('ended');
  });

  it('is counted from the end of the attempt, not from its settling', () => {
    const settledLate = run(CALLS.ringing, event.carrier('busy'), event.settled({ at: LATER + 50_000 }));
    expect(settledLate).toMatchObject({ notBefore: LATER + 300_000, deadline: LATER + 300_000 });
  });

  it('comes later each time, up to the longest delay', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((n) => {
      const attempts = Array.from({ length: n }, (_, i) =>
        attempt({ n: i + 1, over: attemptEnd({ at: T0, disposition: 'busy', cause: 'busy' }) }),
      );
      const call: CallIn<'settling'> = { ...CALLS.settling, attempts, dials: n, policy: policy({ maxAttempts: 10 }) };
      return ((nextAttemptAt(call) ?? 0) - T0) / 1_000;
    });
    expect(waits).toEqual([300, 600, 1_200, 2_400, 3_600, 3_600]);
  });

  it('comes always equally late if the policy says so', () => {
    const attempts = [1, 2].map((n) => attempt({ n, over: attemptEnd({ at: T0, disposition: 'busy', cause: 'busy' }) }));
    expect(nextAttemptAt({ ...CALLS.settling, attempts, policy: policy({ backoff: 'fixed' }) })).toBe(T0 + 300_000);
  });

  it('does not come when only waiting would be left: the call ends with the end that it had', () => {
    const ringing: Call = { ...CALLS.ringing, policy: { ...POLICY, latestAt: LATER + 300_000 } };
    expect(after(ringing, event.carrier('busy'))).toMatchObject({
      state: 'ended',
      end: null,
      attempts: [{ over: { disposition: 'busy' } }],
    });
    expect(after({ ...ringing, policy: { ...POLICY, latestAt: LATER + 300_001 } }, event.carrier('busy')).state).toBe(
      'scheduled',
    );
  });

  it('is dialed, and is the last when there are no more', () => {
    const call: Call = { ...CALLS.ringing, policy: policy({ maxAttempts: 2 }) };
    const again = after(call, event.carrier('busy'));
    const queued = run(again, event.deadlinePassed(LATER + 300_000));
    expect(queued.state).toBe('queued');
    const second = run(queued, event.dialStarted({ n: 2, at: LATER + 300_500 }));
    expect(second).toMatchObject({
      state: 'dialing',
      attempts: [
        { n: 1, over: { cause: 'busy' } },
        { n: 2, over: null },
      ],
    });
    const over = run(second, event.carrier('busy', { n: 2, sid: OTHER_SID }), event.settled({ n: 2 }));
    expect(over).toMatchObject({ state: 'ended', attempts: [{ n: 1 }, { n: 2, sid: OTHER_SID, over: { cause: 'busy' } }] });
  });
});
