import type { Draw } from './draw.js';
import type { FaultKind } from './fault-kinds.js';
import type { FaultPlan, Mode } from './plan.js';
import type { CrashPoint } from './ports.js';

/** Faults that belong together: what is rare by itself is common in bad company. */
export function themeOf(draw: Draw, until: number, mode: Mode): FaultPlan[] {
  const blows = (kind: FaultKind, rate: number): FaultPlan => ({ kind, atMs: 0, forMs: until, rate, point: null });
  const caught = (kind: CrashPoint['kind'], place: string, act: CrashPoint['act'], freezeMs: number): FaultPlan => ({
    kind: act === 'kill' ? 'kill-at-port-call' : 'freeze-at-port-call',
    atMs: draw.between(1_000, until - 60_000),
    forMs: freezeMs,
    rate: 0,
    point: { kind, place, act, freezeMs },
  });
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  switch (
    draw.weighted({
      none: 5,
      'unclear dials': 2,
      'late words': 2,
      'frozen dialers': 2,
      'cut tails': 2,
      transfers: 1.5,
      'no account': 0.7,
      'nobody left': 0.7,
    })
  ) {
    case 'unclear dials':
      return [
        blows('create-reply-lost', 0.35),
        blows('create-reply-late', 0.35),
        blows('callback-lost', 0.35),
        blows('callback-late', 0.25),
        blows('list-lags', 0.3),
      ];
    case 'late words':
      return [
        blows('callback-lost', 0.5),
        blows('callback-late', 0.4),
        blows('stream-late', 0.4),
        blows('fetch-failed', 0.4),
        blows('create-reply-late', 0.3),
      ];
    case 'frozen dialers':
      return [
        ...times(5, () =>
          caught('dialer', `carrier.placeCall:${draw.pick(['before', 'after'])}`, 'freeze', draw.between(15_000, 45_000)),
        ),
        blows('create-refused', 0.3),
        blows('create-429', 0.2),
        blows('callback-lost', 0.3),
      ];
    case 'cut tails':
      return [
        ...times(6, () =>
          caught(
            'dialer',
            draw.pick([
              'carrier.placeCall:after',
              'carrier.placeCall:before',
              'calls.apply(dial-started):after',
              'calls.apply(accepted):before',
            ]),
            'cut',
            draw.between(50, 2_500),
          ),
        ),
        ...times(2, () =>
          caught(
            'api',
            `calls.apply(${draw.pick(['carrier', 'answered-by', 'end-asked'])}):before`,
            'cut',
            draw.between(50, 1_500),
          ),
        ),
        blows('create-reply-late', 0.3),
        blows('create-reply-lost', 0.2),
        blows('callback-lost', 0.3),
      ];
    case 'transfers':
      return [
        ...times(3, () =>
          caught(
            'gateway',
            draw.pick(['carrier.redirect:after', 'carrier.redirect:before', 'calls.apply(transfer-asked):after']),
            draw.pick(['kill', 'freeze'] as const),
            draw.between(2_000, 20_000),
          ),
        ),
        blows('redirect-reply-lost', 0.3),
        blows('redirect-refused', 0.2),
      ];
    case 'no account':
      return [
        {
          kind: 'account-slot-away',
          atMs: draw.between(40_000, 90_000),
          forMs: mode === 'safety' ? 480_000 : 60_000,
          rate: 0,
          point: null,
        },
      ];
    case 'nobody left':
      // The carrier's own limit is the last layer.
      return [
        {
          kind: 'all-enders-frozen',
          atMs: draw.between(60_000, 150_000),
          forMs: draw.between(100_000, 180_000),
          rate: 0,
          point: null,
        },
      ];
    case 'none':
      return [];
  }
}
