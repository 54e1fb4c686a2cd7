import type { LedgerWriter } from '../ledger.js';
import type { Heard, Speech } from '../speech/index.js';
import type { Understanding } from './turn-detector.js';

/** What one turn of the caller contained. */
export interface Utterance {
  text: string;
  seconds: number;
}

export interface Hearing {
  /** @param atMs counts all audio since the session began */
  hear(ulaw: Uint8Array, atMs: number): void;
  /** Everything that was recognised since `fromMs`; what is still going on counts as far as it came. */
  take(fromMs: number, toMs: number): Utterance;
  /** Whether what was said since `fromMs` is a whole line. `given-up`: a line that stopped will not go on. */
  understood(fromMs: number, nowMs: number, how: 'so-far' | 'given-up'): Understanding;
  forget(atMs: number): void;
}

/** Turns recognised lines into the transcript of a turn. Lines that nobody knows are counted in seconds. */
export function createHearing({ speech, ledger }: { speech: Speech; ledger: LedgerWriter }): Hearing {
  let heard: Heard[] = [];
  const listener = speech.createListener((one) => {
    heard.push(one);
    const { text, voice, fromMs, toMs, ofMs, startedAtMs, endedAtMs } = one;
    ledger.write('agent-heard', { text, voice, fromMs, toMs, ofMs, startedAtMs, endedAtMs });
  });

  return {
    hear: (ulaw, atMs) => listener.hear(ulaw, atMs),
    take(fromMs, toMs) {
      listener.flush(toMs);
      const now = heard.filter(({ endedAtMs }) => endedAtMs > fromMs);
      heard = [];
      const seconds = Math.max(0, toMs - fromMs) / 1000;
      if (now.length > 0) return { text: now.map(asText).join(' '), seconds };
      const text = `(speech ${seconds.toFixed(1)} s)`;
      ledger.write('agent-heard', { text, known: false, startedAtMs: fromMs, endedAtMs: toMs });
      return { text, seconds };
    },
    understood(fromMs, nowMs, how) {
      if (how === 'given-up') listener.flush(nowMs);
      const last = heard.findLast(({ endedAtMs }) => endedAtMs > fromMs);
      if (!last) return 'unknown';
      return last.toMs === last.ofMs ? 'complete' : 'cut';
    },
    forget(atMs) {
      listener.flush(atMs);
      heard = [];
    },
  };
}

/** Of a line that was cut, the words that were said in the part that was heard. */
function asText({ text, fromMs, toMs, ofMs }: Heard): string {
  if (fromMs / ofMs < 0.1 && toMs / ofMs > 0.9) return text;
  const words = text.split(' ');
  const part = words.slice(Math.round((words.length * fromMs) / ofMs), Math.max(1, Math.round((words.length * toMs) / ofMs)));
  return `${part.join(' ')}…`;
}
