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
  const dueMs = new Float64Array(firstDueMs.length * framesEach);
  firstDueMs.forEach((firstMs, stream) => {
    for (let n = 0; n < framesEach; n++) dueMs[stream * framesEach + n] = firstMs + n * frameMs;
  });
  return measureDelays({ beganMs: dueMs, endedMs: arrivedMs, fromMs, toMs, looks });
}

/** The same for whatever took its time: `beganMs[i]` → `endedMs[i]`, in any order; NaN: it did not begin, or never ended. */
export function measureDelays({
  beganMs,
  endedMs,
  fromMs,
  toMs,
  looks,
  counts = () => true,
}: {
  beganMs: Float64Array;
  endedMs: Float64Array;
  fromMs: number;
  toMs: number;
  looks: readonly StealLook[];
  counts?: (i: number) => boolean;
}): Lateness {
  const slices = slicesOf(looks);
  const inWindow = slices.filter((slice) => slice.fromMs >= fromMs && slice.toMs <= toMs);
  const all: number[] = [];
  const undisturbed: number[] = [];
  let missing = 0;
  let at = 0;
  for (let i = 0; i < beganMs.length; i++) {
    const began = beganMs[i]!;
    if (Number.isNaN(began) || began < fromMs || began >= toMs || !counts(i)) continue;
    const ended = endedMs[i]!;
    if (Number.isNaN(ended)) {
      missing++;
      continue;
    }
    all.push(ended - began);
    // Mostly the next one begins soon after the one before: the slice is the same, or close by.
    while (at > 0 && slices[at - 1]!.toMs > began) at--;
    while (at < slices.length && slices[at]!.toMs <= began) at++;
    let isQuiet = at < slices.length;
    for (let s = at; s < slices.length && slices[s]!.fromMs <= ended; s++) isQuiet &&= slices[s]!.isQuiet;
    if (isQuiet) undisturbed.push(ended - began);
  }
  return {
    undisturbed: percentiles(undisturbed),
    all: percentiles(all),
    frames: all.length,
    missing,
    slices: inWindow.length,
    slicesKept: inWindow.filter((slice) => slice.isQuiet).length,
  };
}

interface Slice {
  fromMs: number;
  toMs: number;
  /** Nothing was stolen in it. */
  isQuiet: boolean;
}

export function slicesOf(looks: readonly StealLook[]): Slice[] {
  return looks.slice(1).map((look, i) => ({
    fromMs: looks[i]!.atMs,
    toMs: look.atMs,
    isQuiet: look.stolenTicks === looks[i]!.stolenTicks,
  }));
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
