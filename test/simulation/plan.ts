import type { Persona } from './agents.js';
import type { CalleeKind } from './carrier/callee.js';
import type { Draw } from './draw.js';
import { FAULTS, FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import type { CrashPoint } from './ports.js';
import { themeOf } from './themes.js';
import type { Wish } from './users.js';

export type Mode = 'safety' | 'liveness' | 'calm';

export interface FaultPlan {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** How long it lasts, or blows. */
  readonly forMs: number;
  /** Of a window. */
  readonly rate: number;
  readonly point: CrashPoint | null;
}

export interface Plan {
  readonly mode: Mode;
  readonly wishes: readonly Wish[];
  readonly faults: readonly FaultPlan[];
  /** After this there are no faults (liveness), or no end of them. */
  readonly calmFromMs: number;
}

const MINUTE = 60_000;
const CALLS_UNTIL_MS = 5 * MINUTE;
export const CALM_FROM_MS = 6 * MINUTE;
export const AT_LEAST_MS = 10 * MINUTE;

const CALLEE_WEIGHTS: Readonly<Record<CalleeKind, number>> = {
  talker: 8,
  busy: 1,
  'no-answer': 1,
  declines: 1,
  unreachable: 0.5,
  'hangs-up': 2,
  silent: 1,
  voicemail: 1.5,
  fax: 0.5,
  interrupter: 1.5,
  'late-picker': 1,
};
const PERSONA_WEIGHTS: Readonly<Record<Persona, number>> = {
  polite: 6,
  endless: 1.5,
  forgetful: 1,
  asker: 1,
  connector: 3,
  hurried: 1,
  detector: 2,
  messenger: 1.5,
};

/** Where a process may be caught: every step of a call's life, before and after. */
const STEPS: Readonly<Record<CrashPoint['kind'], readonly string[]>> = {
  api: [
    'calls.create',
    'queue.add(dial)',
    'calls.apply(carrier)',
    'calls.apply(end-asked)',
    'queue.add(hangup)',
    'calls.apply(answered-by)',
    'calls.apply(transfer-joined)',
  ],
  dialer: [
    'calls.load',
    'admission.ask',
    'lives.of',
    'carrier.listCalls',
    'calls.apply(dial-started)',
    'carrier.placeCall',
    'calls.apply(accepted)',
    'calls.apply(unclear)',
    'calls.apply(not-sent)',
    'admission.release',
    'calls.apply(held)',
    'directory.list',
  ],
  gateway: [
    'calls.apply(stream-started)',
    'calls.apply(end-asked)',
    'queue.add(hangup)',
    'calls.apply(media-closed)',
    'calls.apply(transfer-asked)',
    'carrier.redirect',
    'calls.apply(transfer-failed)',
    'calls.renewLeases',
    'transcripts.save',
    'carrier.hangUp',
    'orders.receive',
  ],
  hangup: [
    'calls.load',
    'calls.due',
    'calls.expiredLeases',
    'calls.apply(deadline-passed)',
    'calls.apply(owner-lost)',
    'calls.apply(carrier)',
    'calls.apply(not-found)',
    'calls.apply(settled)',
    'carrier.hangUp',
    'carrier.fetchCall',
    'carrier.listCalls',
    'orders.send',
    'places.release',
    'places.places',
    'queue.add(dial)',
  ],
};

/** Numbers of callees that exist to the carrier's tables, none of them anybody's. */
const numberOf = (i: number): string => `+1415555${2600 + i}`;

export function drawPlan(seed: number, draw: Draw): Plan {
  const mode: Mode = seed % 10 === 0 ? 'calm' : draw.happens(0.3) ? 'safety' : 'liveness';
  return { mode, wishes: drawWishes(draw), faults: mode === 'calm' ? [] : drawFaults(draw, mode), calmFromMs: CALM_FROM_MS };
}

/** Also which number belongs to whom: the same person may be called twice. */
function drawWishes(draw: Draw): Wish[] {
  const count = draw.whole(20, 26);
  const people = Array.from({ length: count - 4 }, (_, i) => ({
    to: numberOf(i),
    callee: i < 2 ? ('talker' as const) : draw.weighted(CALLEE_WEIGHTS),
  }));
  const burstAt = draw.between(0, CALLS_UNTIL_MS);
  return Array.from({ length: count }, (_, i) => {
    const { to, callee } = people[i] ?? draw.pick(people);
    const atMs = draw.happens(0.3) ? burstAt + draw.between(0, 2_000) : draw.between(0, CALLS_UNTIL_MS);
    const beginsAt = Date.UTC(2026, 0, 5, 9, 0, 2) + atMs;
    const earliestAt = draw.happens(0.15) ? Math.floor(beginsAt + draw.between(5_000, 90_000)) : null;
    const latestAt = draw.happens(0.15)
      ? Math.floor(
          (earliestAt ?? beginsAt) +
            (earliestAt === null && draw.happens(0.3) ? draw.between(5, 60) : draw.between(1_000, 60_000)),
        )
      : null;
    const via = draw.happens(0.3) ? 'campaign' : 'api';
    // Some change their minds at once.
    const endAfterMs = draw.happens(0.28) ? (draw.happens(0.3) ? draw.between(0, 1_500) : draw.between(0, 45_000)) : null;
    return {
      key: `wish-${i}-${draw.hex(4)}`,
      to,
      callee,
      persona:
        callee === 'voicemail' || callee === 'fax'
          ? draw.pick(['detector', 'messenger', 'polite'] as const)
          : draw.weighted(PERSONA_WEIGHTS),
      atMs,
      via,
      ringTimeoutSec: draw.pick([15, 20, 30]),
      maxDurationSec: draw.pick([30, 45, 60, 90]),
      earliestAt,
      latestAt,
      maxAttempts: via === 'campaign' ? draw.pick([1, 2, 3]) : 1,
      endAfterMs,
      lastWords: endAfterMs !== null && draw.happens(0.4) ? 'We have to stop here, goodbye.' : null,
    };
  });
}

function drawFaults(draw: Draw, mode: Mode): FaultPlan[] {
  const until = mode === 'safety' ? AT_LEAST_MS : CALM_FROM_MS;
  // Some worlds are rough and some only unlucky: an end may have one thing against it, or ten.
  const windows = draw.whole(3, 14);
  const moments = draw.whole(4, 14);
  const kinds = (sort: 'window' | 'moment'): FaultKind[] => FAULT_KINDS.filter((kind) => FAULTS[kind] === sort);
  const faults: FaultPlan[] = [];
  for (let i = 0; i < windows; i++) {
    const atMs = draw.between(0, until - 30_000);
    const forMs = Math.min(until - atMs, draw.between(20_000, 180_000));
    faults.push({ kind: draw.pick(kinds('window')), atMs, forMs, rate: draw.between(0.05, 0.7), point: null });
  }
  for (let i = 0; i < moments; i++) {
    // Half of them at a step of a call's life: by chance alone nobody dies in the millisecond that matters.
    const isAtStep = draw.happens(0.45);
    const kind = isAtStep
      ? draw.pick(['kill-at-port-call', 'freeze-at-port-call'] as const)
      : draw.pick(kinds('moment').filter((one) => !one.endsWith('port-call')));
    const forMs = lengthOf(kind, draw);
    const atMs = draw.between(1_000, Math.max(2_000, until - forMs));
    faults.push({
      kind,
      atMs,
      forMs,
      rate: 0,
      point: isAtStep ? drawPoint(draw, kind === 'kill-at-port-call' ? 'kill' : 'freeze', forMs) : null,
    });
  }
  return [...faults, ...themeOf(draw, until, mode)].toSorted((a, b) => a.atMs - b.atMs);
}

function lengthOf(kind: FaultKind, draw: Draw): number {
  if (kind === 'freeze-dialer') return draw.happens(0.15) ? draw.between(60_000, 200_000) : draw.between(500, 30_000);
  if (kind === 'redis-away') return draw.happens(0.2) ? draw.between(10_000, 45_000) : draw.between(200, 10_000);
  if (kind === 'account-slot-away') return draw.between(2_000, 40_000);
  if (kind === 'redis-tail-cut') return draw.between(100, 4_000);
  if (kind === 'all-enders-frozen') return draw.between(5_000, 30_000);
  if (kind === 'all-gateways-away') return draw.between(1_000, 20_000);
  if (kind === 'carrier-away') return draw.between(500, 30_000);
  return draw.between(300, 25_000);
}

function drawPoint(draw: Draw, act: CrashPoint['act'], freezeMs: number): CrashPoint {
  const kind = draw.pick(['api', 'dialer', 'dialer', 'gateway', 'gateway', 'hangup', 'hangup'] as const);
  const place = `${draw.pick(STEPS[kind])}:${draw.pick(['before', 'after'])}`;
  return { kind, place, act, freezeMs };
}
