import { muLawWavHeader, WAV_HEADER_BYTES } from '@onhook/audio';
import type { CallId } from '@onhook/contracts';
import { computePeaks } from '../../peaks.js';
import type { Recording, Recordings } from '../../port.js';

/** Recordings of one process, for tests. */
export function createMemoryRecordings(): Recordings {
  const files = new Map<string, Uint8Array>();
  const nameOf = (callId: CallId, attempt: number): string => `${callId}-${attempt}`;

  async function find(callId: CallId, attempt: number): Promise<Recording | null> {
    const file = files.get(nameOf(callId, attempt));
    if (!file) return null;
    async function* read(from: number, until: number): AsyncIterable<Uint8Array> {
      if (until > from) yield file!.subarray(from, until);
    }
    return { bytes: file.length, frames: (file.length - WAV_HEADER_BYTES) / 2, read };
  }

  return {
    open(callId, attempt) {
      const pieces: Uint8Array[] = [];
      return {
        write: (piece) => pieces.push(Uint8Array.from(piece)) > 0,
        async finish() {
          const frames = pieces.reduce((sum, piece) => sum + piece.length, 0) / 2;
          if (frames === 0) return null;
          files.set(nameOf(callId, attempt), Buffer.concat([muLawWavHeader({ channels: 2, frames }), ...pieces]));
          return { frames };
        },
      };
    },
    find,
    async peaks(callId, attempt) {
      const recording = await find(callId, attempt);
      return recording && computePeaks(recording.read(WAV_HEADER_BYTES, recording.bytes), recording.frames);
    },
    async remove(callId) {
      const mine = [...files.keys()].filter((name) => name.startsWith(`${callId}-`));
      for (const name of mine) files.delete(name);
      return mine.length;
    },
  };
}
