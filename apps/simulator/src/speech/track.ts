import { isLoud, type Phrase } from './phrase-book.js';

/** One line that agrees with what arrives. Offsets are bytes of the line, positions are bytes of the stream. */
export interface Track {
  readonly phrase: Phrase;
  /** Where in the line hearing began. */
  readonly from: number;
  /** The byte of the line that must come next. */
  next: number;
  readonly startedAt: number;
  readonly startedAtMs: number;
  /** Behind the last byte that agreed. More than `next - from` later than the start if there was a gap. */
  endedAt: number;
}

export const isComplete = ({ phrase, next }: Track): boolean => next === phrase.audio.length;

/** How many bytes of `sound` from `at` up to `end` go on with the line. */
export function agreeing({ phrase: { audio }, next }: Track, sound: Uint8Array, at: number, end: number): number {
  const most = Math.min(audio.length - next, end - at);
  let count = 0;
  while (count < most && audio[next + count] === sound[at + count]) count++;
  return count;
}

/** Moves on by `count` bytes, the first of which stood at `position` of the stream. */
export function advance(track: Track, count: number, position: number): void {
  if (count === 0) return;
  track.next += count;
  track.endedAt = position + count;
}

/** So many loud bytes of the next sound may go on, by accident, like a longer line would. */
const BY_CHANCE = 4;

/** Heard bytes that are not silence: those prove something. */
function weightOf(track: Track): number {
  const { phrase, from, next } = track;
  return (isComplete(track) ? BY_CHANCE : 0) + loudBefore(phrase.audio, next) - loudBefore(phrase.audio, from);
}

const BLOCK = 64;
/** By line: how many loud bytes come before each block of it. Lines are heard over and over, on hundreds of calls. */
const loudBlocks = new WeakMap<Uint8Array, Uint32Array>();

function loudBefore(audio: Uint8Array, offset: number): number {
  let blocks = loudBlocks.get(audio);
  if (!blocks) loudBlocks.set(audio, (blocks = countLoud(audio)));
  const block = Math.floor(offset / BLOCK);
  let count = blocks[block]!;
  for (let i = block * BLOCK; i < offset; i++) count += isLoud[audio[i]!]!;
  return count;
}

function countLoud(audio: Uint8Array): Uint32Array {
  const blocks = new Uint32Array(Math.floor(audio.length / BLOCK) + 1);
  let count = 0;
  for (let i = 0; i < audio.length; i++) {
    if (i % BLOCK === 0) blocks[i / BLOCK] = count;
    count += isLoud[audio[i]!]!;
  }
  if (audio.length % BLOCK === 0) blocks[audio.length / BLOCK] = count;
  return blocks;
}

/**
 * Those of which most was heard, the longest first: more than one if lines were broken off while they still sounded the same.
 */
export function bestOf(tracks: readonly Track[]): Track[] {
  const weighed = tracks.map((track) => ({ track, weight: weightOf(track) }));
  const most = Math.max(...weighed.map(({ weight }) => weight));
  const best = weighed.filter(({ weight }) => weight === most).map(({ track }) => track);
  return best.sort((a, b) => b.next - b.from - (a.next - a.from));
}
