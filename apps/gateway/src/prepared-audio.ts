import { readMuLawWav } from '@onhook/audio';
import { readFileSync } from 'node:fs';

/** A file that cannot be played: told in words at the start, not in the first call that needs it. */
export class PreparedAudioError extends Error {
  readonly code = 'prepared-audio-invalid';
  readonly problems: readonly string[];
  constructor(problem: string) {
    super(problem);
    this.name = 'PreparedAudioError';
    this.problems = [problem];
  }
}

const MAX_MS = 60_000;

/**
 * µ-law, 8 kHz, mono, from a WAV file of that kind (`sox in.wav -r 8000 -c 1 -e mu-law out.wav`).
 *
 * @throws PreparedAudioError
 */
export function readPreparedAudio(file: string | URL): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new PreparedAudioError(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  const wav = readMuLawWav(bytes);
  const [audio] = wav?.channels ?? [];
  if (!wav || !audio || wav.channels.length !== 1)
    throw new PreparedAudioError('must be a WAV file of µ-law, 8000 Hz, one channel');
  if (wav.frames === 0 || wav.frames > MAX_MS * 8)
    throw new PreparedAudioError(`must be longer than nothing and at most ${MAX_MS / 1_000} s`);
  return audio;
}
