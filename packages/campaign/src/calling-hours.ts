/** When people may be called, by their own clocks. */
export interface CallingHours {
  readonly windows: readonly CallingWindow[];
  /** Local dates, `2026-12-25`, on which nobody is called. */
  readonly excludeDates: readonly string[];
}

/** Half-open: a call may begin at `start` and not any more at `end`. Does not cross midnight; `end` may be `24:00`. */
export interface CallingWindow {
  readonly days: readonly Weekday[];
  /** `HH:MM`. */
  readonly start: string;
  readonly end: string;
}

/** Monday first, as ISO 8601 counts them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** 08:00–20:00 on every day: within the law of the United States and all their states that are known to be stricter. */
export const DEFAULT_HOURS: CallingHours = { windows: [{ days: WEEKDAYS, start: '08:00', end: '20:00' }], excludeDates: [] };

/** Minutes since local midnight, half-open. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

/** What is open on each day of the week, Monday first; windows that overlap or touch are one. */
export function spansByWeekday({ windows }: CallingHours): readonly (readonly DaySpan[])[] {
  return WEEKDAYS.map((day) => {
    const spans = windows
      .filter(({ days }) => days.includes(day))
      .map(({ start, end }) => ({ from: minutesOf(start), to: minutesOf(end) }))
      .filter(({ from, to }) => from < to)
      .toSorted((a, b) => a.from - b.from);
    return spans.reduce<DaySpan[]>((merged, span) => {
      const last = merged.at(-1);
      if (!last || span.from > last.to) return [...merged, span];
      return [...merged.slice(0, -1), { from: last.from, to: Math.max(last.to, span.to) }];
    }, []);
  });
}

function minutesOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
