import { BYTES_PER_MS, SILENCE } from './mu-law.js';
import { isLoud, LOUD_IN_WINDOW, rollHash, WINDOW, type Phrase, type PhraseBook } from './phrase-book.js';
import { createStreamTime } from './stream-time.js';
import { advance, agreeing, bestOf, isComplete, type Track } from './track.js';

/** A known line, or the part of it that really arrived. */
export interface Heard {
  text: string;
  voice: string;
  /** The part that was heard, in milliseconds of the line; `ofMs` is its whole length. */
  fromMs: number;
  toMs: number;
  ofMs: number;
  /** When the first byte of it arrived, and when the last one had, on the clock of `atMs`. */
  startedAtMs: number;
  endedAtMs: number;
}

export interface Listener {
  /** @param atMs the time of the first byte; the others follow at 8 bytes a millisecond */
  hear(ulaw: Uint8Array, atMs: number): void;
  /** Says that what was going on is over (a `clear`, the end of the stream): what was heard of a line is reported now. */
  flush(atMs: number): void;
}

/** Bytes kept for looking back: more than any line's quiet beginning. */
const LOOK_BACK = 4096;
/** Chunks are worked on in pieces of at most so many bytes. */
const PIECE = 2048;
/** Bytes whose time is known: more than the longest gap. */
const TIMED = 65_536;

/**
 * Recognises known lines in a µ-law stream by its bytes alone. Bytes are hashed in a rolling window; a hash that the phrase
 * book knows is verified byte by byte, backwards to where the line began and then onwards as it arrives. Lines with the same
 * beginning are followed side by side until they part. Pure: no clock, no I/O.
 *
 * A line that stops may go on after a gap of silence (an underrun) of up to `goOnWithinMs`; else what was heard is reported.
 * A complete line is reported with its last byte, or as soon as no longer line is possible.
 */
export function createRecogniser({
  book,
  onHeard,
  goOnWithinMs = 1500,
}: {
  book: PhraseBook;
  onHeard: (heard: Heard) => void;
  goOnWithinMs?: number;
}): Listener {
  const recent = new Uint8Array(2 * LOOK_BACK);
  let recentFrom = 0; // position of its first byte
  let recentTo = 0; // position behind its last byte
  const time = createStreamTime(TIMED);
  let position = 0; // bytes heard so far
  let claimed = 0; // sound before this belongs to a line that was heard already

  let following: Track[] = []; // agree with every byte so far
  let parted: Track[] = []; // were followed beside those, and are complete or disagree
  let stopped: Track[] = []; // broken off, may yet go on
  let guesses: Track[] = []; // perhaps going on
  let guessedFrom = 0;
  let gapByte = -1; // the silence that the stopped lines wait out

  let hash = 0;
  let inWindow = 0;
  let loudInWindow = 0;

  function forgetWindow(): void {
    hash = inWindow = loudInWindow = 0;
  }

  function report({ phrase, from, next, startedAtMs, endedAt }: Track): void {
    claimed = endedAt;
    onHeard({
      text: phrase.text,
      voice: phrase.voice,
      fromMs: from / BYTES_PER_MS,
      toMs: next / BYTES_PER_MS,
      ofMs: phrase.audio.length / BYTES_PER_MS,
      startedAtMs,
      endedAtMs: time.at(endedAt - 1) + 1 / BYTES_PER_MS,
    });
  }

  function giveUpStopped(): void {
    const [best] = stopped;
    stopped = guesses = [];
    gapByte = -1;
    if (best) report(best);
  }

  function followOn(tracks: Track[]): void {
    stopped = guesses = [];
    following = tracks.filter((track) => !isComplete(track));
    parted = tracks.filter(isComplete);
    forgetWindow();
    if (following.length === 0) nobodyFollows(SILENCE);
  }

  /** The line is complete, or it stopped before `byte`. */
  function nobodyFollows(byte: number): void {
    const best = bestOf(parted);
    parted = [];
    const complete = best.find(isComplete);
    if (complete) return report(complete);
    stopped = best;
    gapByte = isLoud[byte] ? -1 : byte;
    // A few bytes of the next sound may have agreed by accident: let it have them back.
    claimed = Math.max(claimed, best[0]!.endedAt - WINDOW / 2);
  }

  /** True: what has come goes on with all lines, to its end and not to theirs. So it is with nearly every frame of a line. */
  function goOnWithAll(): boolean {
    const at = position - recentFrom;
    const bytes = recentTo - position;
    for (const track of following) {
      if (track.phrase.audio.length - track.next <= bytes) return false;
      if (agreeing(track, recent, at, at + bytes) < bytes) return false;
    }
    for (const track of following) advance(track, bytes, position);
    position = recentTo;
    return true;
  }

  /** Goes on with all lines as far as they go together. */
  function followOnce(): void {
    if (goOnWithAll()) return;
    const at = position - recentFrom;
    const runs = following.map((track) => agreeing(track, recent, at, recentTo - recentFrom));
    const together = Math.min(...runs);
    for (const track of following) advance(track, together, position);
    position += together;
    const atEnd = position === recentTo;
    const goesOn = (track: Track, i: number): boolean => !isComplete(track) && (atEnd || runs[i]! > together);
    if (following.every(goesOn)) return;
    parted.push(...following.filter((track, i) => !goesOn(track, i)));
    following = following.filter(goesOn);
    if (following.length === 0) nobodyFollows(atEnd ? SILENCE : recent[position - recentFrom]!);
  }

  /** The first byte after the gap may be the next one of a stopped line. */
  function guess(byte: number): void {
    if (gapByte >= 0 && byte !== gapByte) {
      guesses = stopped.map((track) => ({ ...track }));
      guessedFrom = position;
      gapByte = -1;
    }
    guesses = guesses.filter(({ phrase, next }) => phrase.audio[next] === byte);
    for (const track of guesses) advance(track, 1, position);
    if (guesses.some((track) => isComplete(track) || position + 1 - guessedFrom >= WINDOW)) followOn(guesses);
    else if (guesses.length === 0 && byte === SILENCE) gapByte = SILENCE;
  }

  /** Rolls the window over the bytes up to `end`, or until a line was found. The hot loop: it keeps its state in locals. */
  function searchUntil(end: number): void {
    const last = end - recentFrom;
    let [i, h, filled, loud] = [position - recentFrom, hash, inWindow, loudInWindow];
    for (; i < last; i++) {
      const byte = recent[i]!;
      if (byte === SILENCE && loud === 0) {
        h = filled = 0;
        continue;
      }
      const leaving = filled === WINDOW ? recent[i - WINDOW]! : SILENCE;
      h = rollHash(h, byte, filled === WINDOW ? leaving : 0);
      loud += isLoud[byte]! - isLoud[leaving]!;
      if (filled < WINDOW) filled++;
      if (filled < WINDOW || loud < LOUD_IN_WINDOW || !book.mayKnow(h)) continue;
      position = recentFrom + i;
      const found = book.placesOf(h).flatMap(({ phrase, offset }) => verify(phrase, offset) ?? []);
      if (found.length === 0) continue;
      giveUpStopped();
      followOn(found);
      position++;
      return;
    }
    position = end;
    [hash, inWindow, loudInWindow] = [h, filled, loud];
  }

  /** Compares the window itself, then goes back to where the sound and the line began to agree. */
  function verify(phrase: Phrase, offset: number): Track | undefined {
    const first = position + 1 - WINDOW;
    const agrees = (i: number): boolean => recent[first - recentFrom + i] === phrase.audio[offset + i];
    for (let i = 0; i < WINDOW; i++) if (!agrees(i)) return undefined;
    const mostBack = Math.min(offset, first - Math.max(claimed, recentFrom));
    let back = 0;
    while (back < mostBack && agrees(-back - 1)) back++;
    const startedAt = first - back;
    return {
      phrase,
      from: offset - back,
      next: offset + WINDOW,
      startedAt,
      startedAtMs: time.at(startedAt),
      endedAt: position + 1,
    };
  }

  function remember(piece: Uint8Array): void {
    const used = recentTo - recentFrom;
    if (used + piece.length > recent.length) {
      recent.copyWithin(0, used - LOOK_BACK, used);
      recentFrom = recentTo - LOOK_BACK;
    }
    recent.set(piece, recentTo - recentFrom);
    recentTo += piece.length;
  }

  function takePiece(piece: Uint8Array): void {
    remember(piece);
    while (position < recentTo) {
      if (following.length > 0) {
        followOnce();
      } else if (stopped.length > 0) {
        guess(recent[position - recentFrom]!);
        // A guess that became certain has used this byte.
        if (following.length > 0 || claimed === position + 1) position++;
        else searchUntil(position + 1);
      } else {
        searchUntil(recentTo);
      }
    }
    if (stopped.length > 0 && position - stopped[0]!.endedAt > goOnWithinMs * BYTES_PER_MS) giveUpStopped();
  }

  function flush(): void {
    const [best] = bestOf([...parted, ...following]);
    following = parted = [];
    if (best) report(best);
    giveUpStopped();
    claimed = position;
    forgetWindow();
  }

  return {
    hear(ulaw, atMs) {
      if (time.mark(position, atMs) > goOnWithinMs) flush();
      for (let at = 0; at < ulaw.length; at += PIECE) takePiece(ulaw.subarray(at, at + PIECE));
    },
    flush,
  };
}
