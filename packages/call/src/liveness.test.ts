import { beforeAll, describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import { createCall } from './create.js';
import type { CallEvent } from './event.js';
import { event } from './testing/events.js';
import { expectSound } from './testing/invariants.js';
import { CALLS, HOUR, NEW_CALL, OTHER_SID, OTHER_STREAM, POLICY, SID, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

/*
 * Model checking: every state that any events can reach, with moments left out, is visited; and from each of them the passing of
 * deadlines alone must lead to `ended`.
 */

/** Two attempts, and a latest moment that lets their dials happen and makes the waiting short. */
const POLICY_OF_TWO = { ...POLICY, latestAt: T0 + 3 * HOUR, redial: { ...POLICY.redial, maxAttempts: 2 } };

/** Every kind of event, of the first and the second attempt. */
function alphabet(call: Call, at: number): CallEvent[] {
  const both = [
    { n: 1, sid: SID, dial: call.dials },
    { n: 2, sid: OTHER_SID, dial: call.dials },
  ];
  return [
    ...(call.deadline === null ? [] : [event.deadlinePassed(call.deadline, Math.max(at, call.deadline))]),
    event.held({ at, until: at + HOUR }),
    event.endAsked({ at }),
    event.endAsked({ at, words: 'Goodbye.' }),
    event.mediaClosed('stop', { at }),
    event.mediaClosed('lost', { at }),
    event.mediaClosed('we', { at, fuse: true }),
    event.mediaClosed('we', { at, direct: true, cause: 'agent-ended-call', by: 'agent' }),
    event.mediaClosed('stop', { at, streamSid: OTHER_STREAM }),
    event.ownerLost({ at }),
    event.transferAsked({ at }),
    event.transferFailed({ at }),
    event.settled({ at, n: call.attempts.length }),
    ...both.flatMap(({ n, sid, dial }) => [
      event.dialStarted({ at, n }),
      event.notSent({ at, n, dial, retryAt: at + 1_000 }),
      event.refused({ at, n }),
      event.refused({ at, n, code: 20_500, retryable: true }),
      event.accepted({ at, n, sid }),
      event.unclear({ at, n }),
      event.carrier('queued', { at, n, sid }),
      event.carrier('initiated', { at, n, sid }),
      event.carrier('ringing', { at, n, sid }),
      event.carrier('in-progress', { at, n, sid }),
      event.carrier('completed', { at, n, sid }),
      event.carrier('busy', { at, n, sid }),
      event.notFound({ at, n }),
      event.streamStarted({ at, n, sid }),
      event.answeredBy('machine', { at, n, sid }),
      event.agentEnded({ at, n }),
      event.transferJoined({ at, n }),
      event.noted({ at, n }),
    ]),
  ];
}

/** The record without its moments, counts capped: two records with the same shape are judged once. */
function shapeOf(call: Call): string {
  const attempts = call.attempts.map(({ sid, carrierStatus, answeredAt, bridgedAt, transferAskedAt, over }, i) =>
    over
      ? [over.proven, over.proven && over.cause, i === 0 || over.disposition, over.concluded?.cause, over.concluded?.layer]
      : [sid !== null, carrierStatus === 'initiated', answeredAt !== null, bridgedAt !== null, transferAskedAt !== null],
  );
  return JSON.stringify([
    call.state,
    attempts,
    call.dials > call.attempts.length,
    call.end?.disposition,
    call.answeredBy !== null,
    'asked' in call && call.asked,
    'pending' in call && call.pending.kind,
    'owner' in call && call.owner !== null,
    'canceled' in call && call.canceled,
    'cause' in call && ['no-answer', 'voicemail', 'gateway-lost'].includes(call.cause) && call.cause,
    'rounds' in call && Math.min(call.rounds, 1),
    'looks' in call && Math.min(call.looks, 1),
    'wakes' in call && Math.min(call.wakes, 1),
  ]);
}

function reachable(): { call: Call; now: number }[] {
  const start = { call: createCall({ ...NEW_CALL, policy: POLICY_OF_TWO, notBefore: T0 + HOUR }, T0).call, now: T0 };
  const seen = new Map([[shapeOf(start.call), start]]);
  const open = [start];
  for (let here = open.pop(); here; here = open.pop()) {
    for (const next of alphabet(here.call, here.now + 1)) {
      const { call } = transition(here.call, next);
      const there = { call, now: next.at };
      const shape = shapeOf(call);
      if (seen.has(shape)) continue;
      seen.set(shape, there);
      open.push(there);
    }
  }
  return [...seen.values()];
}

/** @returns how many deadlines passed until the end */
function passDeadlines(from: Call, now: number, lateMs: number): number {
  let call = from;
  let at = now;
  for (let steps = 0; steps < 2_000; steps++) {
    if (call.deadline === null) return steps;
    at = Math.max(at, call.deadline) + lateMs;
    const passed = transition(call, event.deadlinePassed(call.deadline, at));
    // Each passing leads on: another state or, in the same, a later deadline. And none of them dials.
    const leadsOn = passed.call.state !== call.state || (passed.call.deadline ?? 0) > call.deadline;
    if (passed.verdict === 'no-news' || !leadsOn) break;
    if (passed.effects.some(({ type }) => type === 'place-call' || type === 'redirect')) break;
    call = passed.call;
  }
  expect.fail(`stuck in ${JSON.stringify(call)}`);
}

describe('no call is left behind', () => {
  let all: ReturnType<typeof reachable> = [];
  beforeAll(() => {
    all = reachable();
  });

  it('visits enough shapes of every state for this to mean something', () => {
    const states = new Map<string, number>();
    for (const { call } of all) states.set(call.state, (states.get(call.state) ?? 0) + 1);
    expect(states.size).toBe(12);
    expect(all.length).toBeGreaterThan(500);
    for (const { call } of all) expectSound(call);
  }, 120_000);

  it('reaches the end from every reachable state by passing deadlines alone', () => {
    for (const { call, now } of all) passDeadlines(call, now, 0);
  }, 120_000);

  it('reaches it also when every deadline passes late', () => {
    for (const { call, now } of all) passDeadlines(call, now, 3_000);
  }, 120_000);

  it('reaches it from each state written by hand', () => {
    for (const call of Object.values(CALLS)) passDeadlines(call, T0, 0);
  });
});
