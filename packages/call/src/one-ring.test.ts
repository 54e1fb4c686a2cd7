import type { CarrierCallId, CarrierStatus } from '@onhook/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import { createCall } from './create.js';
import type { CallEvent, CallEventBody } from './event.js';
import { lastEnd } from './questions.js';
import { NEW_CALL, FROM, GATEWAY, POLICY, STREAM, T0 } from './testing/fixtures.js';
import { transition } from './transition.js';

/*
 * A small world around the machine: a carrier that does what it likes with each request, dialers that repeat their jobs, messages
 * that are lost, repeated and reordered. The ground truth is the carrier's own list of legs.
 */

interface Leg {
  readonly sid: CarrierCallId;
  readonly n: number;
  status: CarrierStatus;
}

type Happens =
  | { readonly what: 'dial-job' | 'deadline' | 'settle' | 'hangup-round' | 'operator-ends' | 'stream' | 'absence' }
  | { readonly what: 'deliver'; readonly which: number; readonly keep: boolean }
  | { readonly what: 'leg'; readonly status: CarrierStatus };
type Answer = 'accepted' | 'refused' | 'not-sent' | 'unclear-up' | 'unclear-none' | 'nothing-up' | 'nothing';

const happens: fc.Arbitrary<Happens> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ what: 'dial-job' } as const) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant('deliver' as const), which: fc.nat(20), keep: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('leg' as const),
      status: fc.constantFrom<CarrierStatus>('ringing', 'in-progress', 'completed', 'busy', 'no-answer', 'failed'),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ what: 'deadline' } as const) },
  { weight: 3, arbitrary: fc.constant({ what: 'hangup-round' } as const) },
  { weight: 5, arbitrary: fc.constant({ what: 'settle' } as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { what: 'operator-ends' } as const,
      { what: 'stream' } as const,
      { what: 'stream' } as const,
      { what: 'absence' } as const,
      { what: 'absence' } as const,
    ),
  },
);
const answers = fc.array(
  fc.constantFrom<Answer>('accepted', 'refused', 'not-sent', 'not-sent', 'unclear-up', 'unclear-none', 'nothing-up', 'nothing'),
  { minLength: 12, maxLength: 12 },
);

function createWorld(answered: readonly Answer[]) {
  let call: Call = createCall({ ...NEW_CALL, policy: { ...POLICY, redial: { ...POLICY.redial, delaySec: 0 } } }, T0).call;
  let now = T0;
  let posts = 0;
  let strays = 0;
  const legs: Leg[] = [];
  const onTheWay: CallEvent[] = [];

  const isUp = (leg: Leg) => leg.status === 'queued' || leg.status === 'ringing' || leg.status === 'in-progress';
  const send = (body: CallEventBody, source: CallEvent['source']) => onTheWay.push({ ...body, at: 0, source });
  const tellStatus = (leg: Leg, via: 'callback' | 'look' = 'callback') =>
    send({ type: 'carrier', n: leg.n, sid: leg.sid, status: leg.status, via }, via === 'look' ? 'hangup' : 'callback');

  function apply(said: CallEvent, at = now): void {
    now = Math.max(now, at);
    const { call: next, effects } = transition(call, { ...said, at: now });
    call = next;
    for (const effect of effects) {
      if (effect.type === 'place-call') post(effect.n, next.dials);
      if (effect.type === 'stray') {
        strays++;
        end(
          legs.find(({ sid }) => sid === effect.sid),
          'completed',
        );
      }
    }
  }

  function post(n: number, dial: number): void {
    const answer = answered[posts++ % answered.length] ?? 'nothing';
    if (answer === 'not-sent') return void send({ type: 'not-sent', n, dial, retryAt: now, reason: 'rate-limited' }, 'dialer');
    if (answer === 'refused') return void send({ type: 'refused', n, code: 20_500, retryable: true }, 'dialer');
    // The promise: no second ring for one dial, and never two at once.
    expect(legs.filter((leg) => leg.n === n)).toEqual([]);
    expect(legs.filter(isUp)).toEqual([]);
    if (answer === 'unclear-none') return void send({ type: 'unclear', n, reason: 'timeout' }, 'dialer');
    if (answer === 'nothing') return;
    const leg: Leg = { sid: `CA${String(posts).padStart(32, '0')}` as CarrierCallId, n, status: 'queued' };
    legs.push(leg);
    if (answer === 'accepted') send({ type: 'accepted', n, sid: leg.sid, from: FROM }, 'dialer');
    if (answer === 'unclear-up') send({ type: 'unclear', n, reason: 'timeout' }, 'dialer');
  }

  function end(leg: Leg | undefined, status: CarrierStatus): void {
    if (!leg || !isUp(leg)) return;
    leg.status = status;
    tellStatus(leg);
  }

  function step(what: Happens): void {
    now += 500;
    const leg = legs.at(-1);
    switch (what.what) {
      case 'dial-job':
        return apply({ type: 'dial-started', n: call.attempts.length + 1, from: FROM, at: now, source: 'dialer' });
      case 'deadline':
        if (call.deadline !== null)
          apply({ type: 'deadline-passed', deadline: call.deadline, at: now, source: 'watchdog' }, call.deadline);
        return;
      case 'deliver': {
        const index = what.which % Math.max(1, onTheWay.length);
        const said = onTheWay[index];
        if (!said) return;
        // Delivered out of order, and often again.
        if (!what.keep) onTheWay.splice(index, 1);
        return apply(said);
      }
      case 'leg':
        if (!leg || !isUp(leg)) return;
        leg.status = what.status;
        return void tellStatus(leg);
      case 'hangup-round':
        if (call.state !== 'ending' && call.state !== 'unconfirmed') return;
        if (call.state === 'ending')
          end(
            legs.find(({ n }) => n === call.attempts.length),
            'completed',
          );
        return legs.filter(({ n }) => n === call.attempts.length).forEach((found) => tellStatus(found, 'look'));
      case 'settle':
        return apply({ type: 'settled', n: call.attempts.length, at: now, source: 'hangup' });
      case 'operator-ends':
        return apply({ type: 'end-asked', cause: 'operator-ended-call', by: 'operator', at: now, source: 'api' });
      case 'stream':
        if (leg?.status === 'in-progress')
          send({ type: 'stream-started', n: leg.n, sid: leg.sid, streamSid: STREAM, gatewayId: GATEWAY }, 'gateway');
        return;
      case 'absence':
        // A lagging list may show nothing although there is a leg: that must cost nobody a second ring.
        return void send({ type: 'not-found', n: call.attempts.length }, 'hangup');
    }
  }

  /** From now on nothing is lost and workers do their rounds. */
  function recover(): void {
    for (let i = 0; i < 4_000 && call.state !== 'ended'; i++) {
      step({ what: 'hangup-round' });
      while (onTheWay.length > 0) step({ what: 'deliver', which: 0, keep: false });
      step({ what: 'settle' });
      step({ what: 'deadline' });
    }
  }

  return { step, recover, legs, isUp, strays: () => strays, call: () => call };
}

describe('one dial, one ring', () => {
  it('whatever the carrier answers, however often jobs and messages come, and in whatever order', () => {
    const seen = { again: 0, redialed: 0, unproven: 0, strays: 0 };
    fc.assert(
      fc.property(answers, fc.array(happens, { minLength: 20, maxLength: 80 }), (answered, list) => {
        const world = createWorld(answered);
        list.forEach(world.step);
        const { attempts, dials } = world.call();
        seen.again += dials > attempts.length && attempts.length > 0 ? 1 : 0;
        seen.redialed += attempts.length > 1 ? 1 : 0;
        seen.unproven += attempts.some(({ over }) => over?.proven === false) ? 1 : 0;
        seen.strays += world.strays();
      }),
      { numRuns: 1_500 },
    );
    // A world in which little happens would prove little.
    expect(seen.again).toBeGreaterThan(50);
    expect(seen.redialed).toBeGreaterThan(50);
    expect(seen.unproven).toBeGreaterThan(50);
    expect(seen.strays).toBeGreaterThan(0);
  }, 120_000);

  it('and when the faults stop, the call ends with one explained end, and no leg that it knows is left up', () => {
    fc.assert(
      fc.property(answers, fc.array(happens, { minLength: 20, maxLength: 80 }), (answered, list) => {
        const world = createWorld(answered);
        list.forEach(world.step);
        world.recover();
        expect(world.call().state).toBe('ended');
        expect(lastEnd(world.call())).toMatchObject({
          cause: expect.any(String) as string,
          disposition: expect.any(String) as string,
        });
        const known = new Set(
          world
            .call()
            .attempts.filter(({ over }) => over?.proven)
            .map(({ sid }) => sid),
        );
        expect(world.legs.filter((leg) => known.has(leg.sid)).filter(world.isUp)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  }, 120_000);
});
