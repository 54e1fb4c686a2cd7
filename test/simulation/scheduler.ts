import type { Timer } from '@onhook/service';

/** The only source of time and of order in a simulated world: everything that happens is an event here, and one happens after another. */
export interface Scheduler {
  /** Milliseconds since the epoch, with fractions. */
  now(): number;
  after(ms: number, run: () => void): Timer;
  delay(ms: number): Promise<void>;
  /** Runs what falls due, in order, until then or until `isDone`. */
  run(until: number, isDone?: () => boolean): Promise<void>;
  /** Events that have happened. */
  count(): number;
  /** While this says so, code that goes through Node's streams is under way: more than promises has to settle between two events. */
  usesStreams(look: () => boolean): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

export function createScheduler(startMs: number): Scheduler {
  const heap: Entry[] = [];
  let now = startMs;
  let order = 0;
  let count = 0;
  let hasStreams = (): boolean => false;

  function isBefore(a: Entry, b: Entry): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  function push(entry: Entry): void {
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  function pop(): Entry {
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }

  function after(ms: number, run: () => void): Timer {
    const entry: Entry = { at: now + Math.max(0, ms), order: order++, run };
    push(entry);
    return { cancel: () => void (entry.run = null) };
  }

  return {
    now: () => now,
    after,
    delay: (ms) => new Promise((resolve) => void after(ms, resolve)),
    count: () => count,
    usesStreams: (look) => void (hasStreams = look),
    async run(until, isDone = () => false) {
      await settled();
      while (heap.length > 0 && heap[0]!.at <= until && !isDone()) {
        const { at, run } = pop();
        if (run === null) continue;
        now = at;
        count++;
        run();
        if (hasStreams()) await settledWithStreams();
        else await settled();
      }
      if (!isDone()) now = Math.max(now, until);
    },
  };
}

/** Every promise that could go on has gone on: a tick comes after the last of them. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Streams go on from tick to tick; a turn of the loop comes after the last of those. Nothing here waits for the machine. */
async function settledWithStreams(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => void setImmediate(resolve));
}
