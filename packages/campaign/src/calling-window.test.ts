import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { DEFAULT_HOURS, WEEKDAYS, type CallingHours } from './calling-hours.js';
import { createCallingClock } from './calling-window.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const text = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString();
const hours = (start: string, end: string, more: Partial<CallingHours> = {}): CallingHours => ({
  windows: [{ days: WEEKDAYS, start, end }],
  excludeDates: [],
  ...more,
});
const open = (given: CallingHours, zones: string[], moment: string) => {
  const found = createCallingClock(given)(zones, at(moment));
  return found && [text(found.opensAt), text(found.closesAt)];
};

describe('a calling window', () => {
  it('is open by the callee’s own clock, half-open', () => {
    const clock = createCallingClock(DEFAULT_HOURS);
    const opensAt = at('2026-11-23T16:00:00Z');
    const closesAt = at('2026-11-24T04:00:00Z');
    for (const moment of [opensAt, closesAt - 1]) expect(clock(['America/Los_Angeles'], moment)).toEqual({ opensAt, closesAt });
    expect(clock(['America/Los_Angeles'], opensAt - 1)?.opensAt).toBe(opensAt);
    expect(clock(['America/Los_Angeles'], closesAt)?.opensAt).toBe(at('2026-11-24T16:00:00Z'));
  });

  it('knows days of the week, excluded dates and 24:00', () => {
    const given: CallingHours = {
      windows: [{ days: ['fri', 'mon'], start: '18:00', end: '24:00' }],
      excludeDates: ['2026-11-27'],
    };
    expect(open(given, ['Europe/Berlin'], '2026-11-24T12:00:00Z')).toEqual(['2026-11-30T17:00:00Z', '2026-11-30T23:00:00Z']);
  });

  it('makes one of windows that touch or overlap', () => {
    const windows = [
      { days: WEEKDAYS, start: '09:00', end: '12:00' },
      { days: WEEKDAYS, start: '11:00', end: '13:00' },
      { days: WEEKDAYS, start: '13:00', end: '14:00' },
    ];
    expect(open({ windows, excludeDates: [] }, ['UTC'], '2026-01-01T10:00:00Z')).toEqual([
      '2026-01-01T09:00:00Z',
      '2026-01-01T14:00:00Z',
    ]);
  });

  it('of several zones is open in all of them, or never', () => {
    const both = ['America/New_York', 'America/Los_Angeles'];
    expect(open(DEFAULT_HOURS, both, '2026-11-23T02:00:00Z')).toEqual(['2026-11-23T16:00:00Z', '2026-11-24T01:00:00Z']);
    expect(open(hours('09:00', '10:00'), both, '2026-11-23T00:00:00Z')).toBeNull();
    expect(open(DEFAULT_HOURS, [], '2026-11-23T00:00:00Z')).toBeNull();
  });

  it('never opens without windows, nor when all days are excluded', () => {
    expect(open({ windows: [], excludeDates: [] }, ['UTC'], '2026-01-01T00:00:00Z')).toBeNull();
    const start = Temporal.PlainDate.from('2026-01-01');
    const excludeDates = Array.from({ length: 30 }, (_, days) => start.add({ days }).toString());
    expect(open(hours('08:00', '20:00', { excludeDates }), ['UTC'], '2026-01-01T00:00:00Z')).toEqual([
      '2026-01-31T08:00:00Z',
      '2026-01-31T20:00:00Z',
    ]);
  });
});

describe('when the clocks change', () => {
  it('a window that begins in the skipped hour opens when the clocks change', () => {
    // 02:00 → 03:00 on 29 March 2026.
    expect(open(hours('02:30', '05:00'), ['Europe/Berlin'], '2026-03-28T12:00:00Z')).toEqual([
      '2026-03-29T01:00:00Z',
      '2026-03-29T03:00:00Z',
    ]);
  });

  it('a window that ends in the skipped hour closes when the clocks change', () => {
    expect(open(hours('01:00', '02:30'), ['Europe/Berlin'], '2026-03-28T12:00:00Z')).toEqual([
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00Z',
    ]);
  });

  it('a window that lies in the skipped hour does not open that day', () => {
    expect(open(hours('02:10', '02:50'), ['Europe/Berlin'], '2026-03-28T12:00:00Z')?.[0]).toBe('2026-03-30T00:10:00Z');
  });

  it('of an hour that comes twice only what is certain is open', () => {
    // 03:00 → 02:00 on 25 October 2026.
    expect(open(hours('02:30', '05:00'), ['Europe/Berlin'], '2026-10-24T12:00:00Z')?.[0]).toBe('2026-10-25T01:30:00Z');
    expect(open(hours('01:00', '02:30'), ['Europe/Berlin'], '2026-10-24T12:00:00Z')?.[1]).toBe('2026-10-25T00:30:00Z');
  });
});

describe('in every zone, all through 2026 and 2027', () => {
  const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
  const span = fc.tuple(fc.integer({ min: 0, max: 1_439 }), fc.integer({ min: 1, max: 1_440 })).filter(([a, b]) => a < b);
  const clockText = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

  /** By the wall clock at that moment, without any of the code above. */
  function isOpenByWallClock(given: CallingHours, zone: string, moment: number): boolean {
    const wall = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
    if (given.excludeDates.includes(wall.toPlainDate().toString())) return false;
    const time = wall.toPlainTime().toString().slice(0, 5);
    return given.windows.some(
      ({ days, start, end }) => days.includes(WEEKDAYS[wall.dayOfWeek - 1]!) && start <= time && time < end,
    );
  }

  /** Moments around each change of the clocks, where mistakes live. */
  function momentsOf(zone: string): number[] {
    const moments: number[] = [];
    const end = at('2028-01-01T00:00:00Z');
    let next = Temporal.Instant.from('2026-01-01T00:00:00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next');
    for (; next && next.epochMilliseconds < end; next = next.getTimeZoneTransition('next')) {
      for (const minutes of [-90, -31, -1, 0, 1, 29, 59, 60, 61, 90]) moments.push(next.epochMilliseconds + minutes * 60_000);
    }
    return moments;
  }

  it('what is said to be open is open by the wall clock; what is not is closed, but for an hour that comes twice', () => {
    for (const zone of zones) {
      const edges = momentsOf(zone);
      const moment = fc.oneof(
        fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }),
        ...(edges.length > 0 ? [fc.constantFrom(...edges)] : []),
      );
      fc.assert(
        fc.property(span, moment, ([from, to], when) => {
          const given = hours(clockText(from), clockText(to));
          const found = createCallingClock(given)([zone], when);
          if (!found) return;
          expect(found.closesAt).toBeGreaterThan(when);
          const isSaidOpen = found.opensAt <= when;
          if (isSaidOpen) expect(isOpenByWallClock(given, zone, when), `${zone} ${text(when)}`).toBe(true);
          // Both edges too: the first moment is open, the last one too, and the one after is not.
          for (const inside of [found.opensAt, found.closesAt - 1])
            expect(isOpenByWallClock(given, zone, inside), `${zone} ${text(inside)}`).toBe(true);
          if (isSaidOpen || !isOpenByWallClock(given, zone, when)) return;
          const wall = Temporal.Instant.fromEpochMilliseconds(when).toZonedDateTimeISO(zone);
          const twiceWithin = [-2, 2].some((change) => wall.add({ hours: change }).offsetNanoseconds !== wall.offsetNanoseconds);
          expect(twiceWithin, `${zone} ${text(when)} is open by the wall clock`).toBe(true);
        }),
        { numRuns: 8 },
      );
    }
  });
});
