import { dayOf, lineOf, recordingPlace, tombstoneOf } from '../../places.js';
import type { Archive, ArchivedLine } from '../../port.js';

export interface MemoryArchive extends Archive {
  /** Every line, as it was appended. */
  readonly lines: { readonly day: string; readonly callId: string; text: string }[];
  readonly recordings: Map<string, Uint8Array>;
}

/** An archive of one process, for tests. */
export function createMemoryArchive(): MemoryArchive {
  const lines: MemoryArchive['lines'] = [];
  const recordings = new Map<string, Uint8Array>();
  return {
    lines,
    recordings,
    async append(entries) {
      for (const entry of entries) lines.push({ day: dayOf(entry.createdAt), callId: entry.callId, text: lineOf(entry) });
    },
    async keepRecording(call, attempt, wav) {
      const place = recordingPlace(call, attempt);
      if (recordings.has(place)) return;
      const pieces: Uint8Array[] = [];
      for await (const piece of wav()) pieces.push(piece);
      recordings.set(place, Buffer.concat(pieces));
    },
    async erase(callId) {
      const mine = lines.filter((line) => line.callId === callId);
      for (const line of mine) line.text = tombstoneOf(callId);
      for (const place of recordings.keys()) if (place.includes(`/${callId}-`)) recordings.delete(place);
      return mine.length > 0;
    },
    async *read(day) {
      const ofDay = new Map(lines.filter((line) => line.day === day).map((line) => [line.callId, line.text]));
      for (const text of ofDay.values()) yield JSON.parse(text) as ArchivedLine;
    },
    days: async () => [...new Set(lines.map(({ day }) => day))].toSorted(),
  };
}
