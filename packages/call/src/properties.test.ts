import { CARRIER_STATUSES, isTerminal, type TerminalCarrierStatus } from '@onhook/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from './call.js';
import { createCall } from './create.js';
import type { CallEvent } from './event.js';
import { lastEnd } from './questions.js';
import { happening, type Happening } from './testing/arbitrary-events.js';
import { event } from './testing/events.js';
import { CALLS, NEW_CALL, T0 } from './testing/fixtures.js';
import { expectLawful, expectSound } from './testing/invariants.js';
import { transition } from './transition.js';

const happenings = fc.array(happening, { maxLength: 40 });

/** The happening as it meets this record. */
function toEvent({ body, source, afterMs, atDeadline }: Happening, call: Call, now: number): CallEvent {
  const isPassed = body.type === 'deadline-passed' && call.deadline !== null && atDeadline;
  if (isPassed) return { type: 'deadline-passed', deadline: call.deadline, at: Math.max(now, call.deadline), source };
  return { ...body, at: now + afterMs, source };
}

function live(list: readonly Happening[], step: (before: Call, next: CallEvent) => Call): Call {
  let call = createCall(NEW_CALL, T0).call;
  let now = T0;
  for (const what of list) {
    const next = toEvent(what, call, now);
    now = next.at;
    call = step(call, next);
  }
  return call;
}

describe('any sequence of events', () => {
  it('keeps every invariant', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        live(list, (before, next) => {
          const after = transition(before, next);
          expectLawful(before, next, after);
          return after.call;
        });
      }),
      { numRuns: 1_000 },
    );
  }, 120_000);

  it('leaves the same record when every event comes twice', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        live(list, (before, next) => {
          const once = transition(before, next).call;
          const twice = transition(once, next);
          expect(twice.call).toEqual(once);
          expect(['no-news', 'refused']).toContain(twice.verdict);
          return once;
        });
      }),
      { numRuns: 700 },
    );
  }, 120_000);

  it('reaches every state, or these properties would prove little', () => {
    const seen = new Set<Call['state']>();
    const moves = new Set<string>();
    fc.assert(
      fc.property(happenings, (list) => {
        live(list, (before, next) => {
          const { call } = transition(before, next);
          seen.add(call.state);
          moves.add(`${before.state} → ${call.state}`);
          return call;
        });
      }),
      { numRuns: 4_000, seed: 7 },
    );
    expect(seen.size).toBe(12);
    for (const rare of [
      'settling → scheduled',
      'dialing → queued',
      'queued → scheduled',
      'bridged → transferred',
      'settling → ended',
    ])
      expect(moves).toContain(rare);
  }, 120_000);

  it('never changes the record or the event that it was given', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        live(list, (before, next) => {
          const copies = JSON.stringify([before, next]);
          const { call } = transition(before, next);
          expect(JSON.stringify([before, next])).toBe(copies);
          return call;
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the callbacks of one attempt', () => {
  const terminals = CARRIER_STATUSES.filter(isTerminal) as TerminalCarrierStatus[];
  const starts = ['dialing', 'unconfirmed', 'placed', 'endingUnbound'] as const;

  it.each(terminals)('end in %s, in whatever order and however often they come', (status) => {
    const said = [
      event.accepted(),
      event.carrier('initiated'),
      event.carrier('ringing'),
      event.carrier('in-progress'),
      event.carrier(status),
    ];
    for (const order of permutations(said)) {
      for (const start of starts) {
        const call = [...order, ...order].reduce<Call>((now, next) => transition(now, next).call, CALLS[start]);
        expectSound(call);
        expect(call.state).toBe('settling');
        expect(lastEnd(call)).toMatchObject({ disposition: status, proven: true });
      }
    }
  });

  it('end the same with a media stream among them', () => {
    const said = [
      event.streamStarted(),
      event.carrier('ringing'),
      event.carrier('in-progress'),
      event.mediaClosed('stop'),
      event.carrier('completed'),
    ];
    for (const order of permutations(said)) {
      const call = order.reduce<Call>((now, next) => transition(now, next).call, CALLS.dialing);
      expect([call.state, lastEnd(call)?.disposition]).toEqual(['settling', 'completed']);
    }
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}
