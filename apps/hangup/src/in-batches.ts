/** A few at a time, so that a long list does not become as many questions to Redis in one tick. */
export async function inBatches<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) await Promise.all(items.slice(from, from + atOnce).map(run));
}
