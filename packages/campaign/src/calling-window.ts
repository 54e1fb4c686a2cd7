import { Temporal } from 'temporal-polyfill';
import { spansByWeekday, type CallingHours, type DaySpan } from './calling-hours.js';

/** Half-open, milliseconds since the epoch. */
export interface OpenInterval {
  readonly opensAt: number;
  readonly closesAt: number;
}

/** Says when a callee may be called whose time zone is one of `zones`, nobody knows which: the window must be open in all of them. */
export type CallingClock = (zones: readonly string[], at: number) => OpenInterval | null;

const DAY_MINUTES = 24 * 60;
const WEEK_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * The interval that is open at `at` or opens next; null if none does for a week beyond the excluded dates. Judged by the wall clock of
 * each zone: what a change of the clocks skips is not open, and of an hour that comes twice only what is certain is: a window opens at
 * its second passing and closes at its first.
 *
 * Answers are kept for as long as they hold, so asking costs nothing for a callee whose zones were asked for before.
 */
export function createCallingClock(hours: CallingHours): CallingClock {
  const spans = spansByWeekday(hours);
  const excluded = new Set(hours.excludeDates);
  const horizonDays = WEEK_DAYS + 1 + excluded.size;
  const kept = new Map<string, { readonly asked: number; readonly answer: OpenInterval | null; readonly until: number }>();

  return function openAt(zones, at) {
    const key = zones.join(' ');
    const known = kept.get(key);
    if (known && at >= known.asked && at < known.until) return known.answer;
    const answer = nextInAll(zones, at);
    // "Never within the horizon" is looked at again every day: the horizon moves, and clocks change.
    kept.set(key, { asked: at, answer, until: answer?.closesAt ?? at + DAY_MS });
    return answer;
  };

  function nextInAll(zones: readonly string[], at: number): OpenInterval | null {
    if (zones.length === 0) return null;
    const end = at + horizonDays * DAY_MS;
    for (let moment = at; moment < end;) {
      const open: OpenInterval = { opensAt: Number.NEGATIVE_INFINITY, closesAt: Number.POSITIVE_INFINITY };
      const common = zones.reduce<OpenInterval | null>((all, zone) => {
        const here = all && nextInZone(zone, moment);
        return here && { opensAt: Math.max(all.opensAt, here.opensAt), closesAt: Math.min(all.closesAt, here.closesAt) };
      }, open);
      if (!common) return null;
      if (common.opensAt < common.closesAt) return common;
      // Where one has closed before another opens, the next common moment is not before that opening.
      moment = common.opensAt;
    }
    return null;
  }

  function nextInZone(zone: string, at: number): OpenInterval | null {
    const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone).toPlainDate();
    for (let days = 0; days <= horizonDays; days++) {
      const date = today.add({ days });
      if (excluded.has(date.toString())) continue;
      for (const span of spans[date.dayOfWeek - 1] ?? []) {
        const open = intervalOf(date, span, zone);
        if (open.opensAt < open.closesAt && at < open.closesAt) return open;
      }
    }
    return null;
  }
}

function intervalOf(date: Temporal.PlainDate, { from, to }: DaySpan, zone: string): OpenInterval {
  return { opensAt: momentOf(date, from, zone, 'later'), closesAt: momentOf(date, to, zone, 'earlier') };
}

/** @param ifTwice which of the two moments is meant when the clocks show this time twice */
function momentOf(date: Temporal.PlainDate, minutes: number, zone: string, ifTwice: 'earlier' | 'later'): number {
  const wall =
    minutes === DAY_MINUTES
      ? date.add({ days: 1 }).toPlainDateTime()
      : date.toPlainDateTime({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  const meant = wall.toZonedDateTime(zone, { disambiguation: ifTwice });
  if (meant.toPlainDateTime().equals(wall)) return meant.epochMilliseconds;
  // The clocks skip this time: they show a later one from the moment of the change on.
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  return (before.getTimeZoneTransition('next') ?? meant).epochMilliseconds;
}
