/** What is measured, apart from how: frames, when they were due, when they came, and whether the machine was ours meanwhile. */
export interface Arrivals {
  /** `streams × framesEach` moments, stream by stream, frame n of a stream at n; NaN: it never came. */
  arrivedMs: Float64Array;
  framesEach: number;
  /** By stream: when its frame 0 was due. Frame n is due n × 20 ms later, whatever has happened. */
  firstDueMs: readonly number[];
  /** Only frames that were due in here count. */
  fromMs: number;
  toMs: number;
  /** Moments at which the CPU time was looked at that others took from this machine. */
  looks: readonly StealLook[];
}

export interface StealLook {
  atMs: number;
  stolenTicks: number;
}

export interface Percentiles {
  p50: number;
  p99: number;
  max: number;
}

export interface Lateness {
  /** Frames whose whole way lay in slices without steal. */
  undisturbed: Percentiles | null;
  all: Percentiles | null;
  frames: number;
  missing: number;
  slices: number;
  slicesKept: number;
}

export const frameMs = 20;

export function measureLateness({ arrivedMs, framesEach, firstDueMs, fromMs, toMs, looks }: Arrivals): Lateness {
  const slices = looks.slice(1).map((look, i) => ({
    fromMs: looks[i]!.atMs,
    toMs: look.atMs,
    isQuiet: look.stolenTicks === looks[i]!.stolenTicks,
  }));
  const inWindow = slices.filter((slice) => slice.fromMs >= fromMs && slice.toMs <= toMs);
  const all: number[] = [];
  const undisturbed: number[] = [];
  let missing = 0;
  firstDueMs.forEach((firstMs, stream) => {
    let at = 0;
    for (let n = 0; n < framesEach; n++) {
      const dueMs = firstMs + n * frameMs;
      if (dueMs < fromMs || dueMs >= toMs) continue;
      const arrived = arrivedMs[stream * framesEach + n]!;
      if (Number.isNaN(arrived)) {
        missing++;
        continue;
      }
      all.push(arrived - dueMs);
      while (at < slices.length && slices[at]!.toMs <= dueMs) at++;
      let isQuiet = at < slices.length;
      for (let i = at; i < slices.length && slices[i]!.fromMs <= arrived; i++) isQuiet &&= slices[i]!.isQuiet;
      if (isQuiet) undisturbed.push(arrived - dueMs);
    }
  });
  return {
    undisturbed: percentiles(undisturbed),
    all: percentiles(all),
    frames: all.length,
    missing,
    slices: inWindow.length,
    slicesKept: inWindow.filter((slice) => slice.isQuiet).length,
  };
}

function percentiles(values: number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return { p50: at(0.5), p99: at(0.99), max: round(sorted.at(-1)!) };
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The ticks that the hypervisor kept from this machine, from the text of /proc/stat; 0 where there is none. */
export function stolenTicksOf(procStat: string): number {
  const fields = /^cpu +(.*)$/m.exec(procStat)?.[1]?.split(' ') ?? [];
  return Number(fields[7] ?? 0);
}
