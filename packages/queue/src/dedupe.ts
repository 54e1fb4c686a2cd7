/**
 * Under which id equal jobs are one. BullMQ keeps the job that it has under an id and drops the newcomer, whatever the
 * delays: a wake for now would be lost behind one for later. So a delayed job never shares an id with an immediate one;
 * among the delayed, those due in the same second are one.
 */
export function dedupeIdFor(dedupeId: string, delayMs: number, nowMs: number): string {
  return delayMs > 0 ? `${dedupeId}@${Math.ceil((nowMs + delayMs) / 1000)}` : dedupeId;
}
