/** The most moments in any half-open span. */
export function mostInSlidingSpan(moments: readonly number[], span: number): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (let last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= span) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** The most of them at a time; what ends in the moment in which another begins is over. */
export function mostAtATime(spans: readonly { from: number; to: number }[]): number {
  const changes = spans.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { by } of changes.toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
