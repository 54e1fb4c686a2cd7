import { systemTimers, type Logger, type Timers } from '@onhook/service';
import { createLineCache } from './line-cache.js';
import { BYTES_PER_MS, encodeMuLaw } from './mu-law.js';
import { createPhraseBook } from './phrase-book.js';
import { createRecogniser, type Heard, type Listener } from './recogniser.js';
import { resample } from './resample.js';
import { SpeechError } from './speech-error.js';
import { createSynthesizer, type Synthesizer } from './synthesizer.js';
import { trimSilence } from './trim.js';
import { readWav } from './wav.js';

export interface Line {
  text: string;
  voice: string;
  /** µ-law, 8000 Hz, mono. Shared by all who say this line: do not write into it. */
  audio: Uint8Array;
  durationMs: number;
}

/** Makes lines audible, and recognises them again by their sound. */
export interface Speech {
  /**
   * The line as sound: the same bytes for the same words and voice, always. Rendered once, then remembered.
   *
   * @param voice one of `voices`
   * @throws SpeechError `unknown-voice`, `text-too-long`, `nothing-to-say`, `synthesis-failed`, `closed`
   */
  line(text: string, voice?: string): Promise<Line>;
  /** Recognises every line that this room has rendered so far, or will have when it is heard. */
  createListener(onHeard: (heard: Heard) => void): Listener;
  close(): Promise<void>;
}

/** A woman, a Scot, a man, and a robot: the voices inside flite that are worth hearing. */
export const voices = ['slt', 'awb', 'rms', 'kal'] as const;
export type VoiceName = (typeof voices)[number];

const MOST_CHARACTERS = 4000;
const RATE_HZ = 8000;
const KEPT_SILENCE_MS = 40;
/** Part of the key of the cache: count up when anything between the words and the bytes changes. */
const RENDERING = 1;

/**
 * @param cacheDir where rendered lines are kept beyond this process; without it they are rendered again
 * @param synthesizer for tests
 */
export function createSpeech({
  logger,
  cacheDir,
  timers = systemTimers,
  synthesizer = createSynthesizer({ timers, logger }),
}: {
  logger: Logger;
  cacheDir?: string | undefined;
  timers?: Timers;
  synthesizer?: Synthesizer;
}): Speech {
  const book = createPhraseBook();
  const cache = cacheDir === undefined ? undefined : createLineCache({ dir: cacheDir, logger });
  const lines = new Map<string, Promise<Line>>();

  async function audioOf(text: string, voice: string, key: string): Promise<Uint8Array> {
    const cached = await cache?.load(key);
    if (cached) return cached;
    const { samples, rateHz } = readWav(await synthesizer.synthesize(text, voice));
    const audio = trimSilence(encodeMuLaw(resample(samples, rateHz, RATE_HZ)), KEPT_SILENCE_MS);
    if (audio.length === 0) throw new SpeechError('nothing-to-say', `${text.length} characters made no sound`);
    await cache?.save(key, audio);
    return audio;
  }

  async function render(text: string, voice: string, key: string): Promise<Line> {
    if (!(voices as readonly string[]).includes(voice))
      throw new SpeechError('unknown-voice', `voice must be one of ${voices.join(', ')}`);
    if (text.length > MOST_CHARACTERS)
      throw new SpeechError('text-too-long', `at most ${MOST_CHARACTERS} characters can be spoken at once`);
    const audio = await audioOf(text, voice, key);
    book.add({ text, voice, audio });
    return { text, voice, audio, durationMs: audio.length / BYTES_PER_MS };
  }

  return {
    line(text, voice = 'slt') {
      // A NUL would end the words early, and other control characters are not speech.
      const words = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
      const key = `${RENDERING}\n${voice}\n${words}`;
      let line = lines.get(key);
      if (!line) {
        line = render(words, voice, key);
        lines.set(key, line);
        // What failed once may succeed the next time. The caller sees the error: it holds the same promise.
        line.catch(() => lines.delete(key));
      }
      return line;
    },
    createListener: (onHeard) => createRecogniser({ book, onHeard }),
    async close() {
      await synthesizer.close();
    },
  };
}
