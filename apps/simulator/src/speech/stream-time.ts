import { BYTES_PER_MS } from './mu-law.js';

export interface StreamTime {
  /** Notes when the byte at `position` arrives. Returns how many milliseconds passed without sound before it. */
  mark(position: number, atMs: number): number;
  /** When the byte at `position` arrived; right for as far back as the history goes. */
  at(position: number): number;
}

/** Tells positions of a stream in time. Steady chunks need one mark; only a jump adds another. */
export function createStreamTime(historyBytes: number): StreamTime {
  let marks: { position: number; atMs: number }[] = [];

  function at(position: number): number {
    // Mostly the newest mark: what has just come is asked for.
    let i = marks.length - 1;
    while (i > 0 && marks[i]!.position > position) i--;
    const mark = marks[i];
    return mark ? mark.atMs + (position - mark.position) / BYTES_PER_MS : 0;
  }

  return {
    at,
    mark(position, atMs) {
      const gapMs = marks.length === 0 ? 0 : atMs - at(position);
      if (marks.length === 0 || Math.abs(gapMs) > 1) {
        const oldest = marks.findLastIndex((mark) => mark.position <= position - historyBytes);
        marks = [...marks.slice(Math.max(0, oldest)), { position, atMs }];
      }
      return Math.max(0, gapMs);
    },
  };
}
