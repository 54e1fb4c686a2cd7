import { linearOf } from './mu-law.js';

/** A line as bytes. The book knows what lines sound like; it does not know who said which, or when. */
export interface Phrase {
  readonly text: string;
  readonly voice: string;
  readonly audio: Uint8Array;
}

export interface PhraseBook {
  add(phrase: Phrase): void;
  /** False if no window has this hash: what is asked for every byte of a stream. */
  mayKnow(hash: number): boolean;
  /** Every place whose window has this hash. Only a hint: the bytes themselves must be compared. */
  placesOf(hash: number): { phrase: Phrase; offset: number }[];
}

/** Bytes that are hashed together: 4 ms. */
export const WINDOW = 32;
/** How many bytes of a window must be louder than a whisper, so that silence and hum name no line. */
export const LOUD_IN_WINDOW = 12;

const FACTOR = 0x01_00_01_b3;
/** FACTOR ** WINDOW: the weight of the byte that leaves the window. */
const LEAVING = Array.from({ length: WINDOW }).reduce<number>((power) => Math.imul(power, FACTOR), 1);

/** 1 for every µ-law byte that is not (nearly) silent. */
export const isLoud: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (Math.abs(linearOf[byte]!) > 40 ? 1 : 0));

/** The hash of a window that `entering` joins and `leaving` (0 while the window fills) leaves. */
export function rollHash(hash: number, entering: number, leaving: number): number {
  return (Math.imul(hash, FACTOR) + entering - Math.imul(LEAVING, leaving)) | 0;
}

/**
 * An index over the windows at every 32nd byte of each line (some 12 KB for a second of speech). Who rolls the hash over a
 * stream byte by byte meets one of them within two windows of sound, wherever in the line it begins.
 */
export function createPhraseBook(): PhraseBook {
  const phrases: Phrase[] = [];
  const known = new Set<string>();
  // Places in open addressing: 400 streams ask 8000 times a second each, which a Map of arrays would feel.
  let hashes = new Int32Array(1 << 12);
  let places = new Int32Array(hashes.length * 2); // phrase number + 1 (0: free), offset
  let used = 0;

  const slotOf = (hash: number): number => Math.imul(hash, 0x9e3779b1) >>> (Math.clz32(hashes.length) + 1);

  function insert(hash: number, phraseNumber: number, offset: number): void {
    let slot = slotOf(hash);
    while (places[2 * slot] !== 0) slot = (slot + 1) % hashes.length;
    hashes[slot] = hash;
    places[2 * slot] = phraseNumber;
    places[2 * slot + 1] = offset;
    used++;
  }

  function grow(): void {
    const [oldHashes, oldPlaces] = [hashes, places];
    hashes = new Int32Array(oldHashes.length * 2);
    places = new Int32Array(hashes.length * 2);
    used = 0;
    for (let slot = 0; slot < oldHashes.length; slot++) {
      if (oldPlaces[2 * slot] !== 0) insert(oldHashes[slot]!, oldPlaces[2 * slot]!, oldPlaces[2 * slot + 1]!);
    }
  }

  return {
    add(phrase) {
      const key = `${phrase.voice}\n${phrase.text}`;
      if (known.has(key)) return;
      known.add(key);
      phrases.push(phrase);
      for (let offset = 0; offset + WINDOW <= phrase.audio.length; offset += WINDOW) {
        let hash = 0;
        let loud = 0;
        for (let i = offset; i < offset + WINDOW; i++) {
          hash = rollHash(hash, phrase.audio[i]!, 0);
          loud += isLoud[phrase.audio[i]!]!;
        }
        if (loud < LOUD_IN_WINDOW) continue;
        if (used * 4 >= hashes.length) grow();
        insert(hash, phrases.length, offset);
      }
    },
    mayKnow(hash) {
      for (let slot = slotOf(hash); places[2 * slot] !== 0; slot = (slot + 1) % hashes.length)
        if (hashes[slot] === hash) return true;
      return false;
    },
    placesOf(hash) {
      const found: { phrase: Phrase; offset: number }[] = [];
      for (let slot = slotOf(hash); places[2 * slot] !== 0; slot = (slot + 1) % hashes.length) {
        if (hashes[slot] === hash) found.push({ phrase: phrases[places[2 * slot]! - 1]!, offset: places[2 * slot + 1]! });
      }
      return found;
    },
  };
}
