import { audioMessageShapeOf, MOST_DIGITS, type AudioMessageFields, type AudioMessageShape } from './audio-message-shape.js';
import { base64Bytes } from './base64.js';
import type { EncodedAudio } from './encoded-audio.js';

export interface FoundAudio<Facts> extends EncodedAudio {
  /** The field `number`; NaN where the message has none. */
  readonly number: number;
  /** What was learned from the studied message that this one is like, word for word, but for its audio and its free fields. */
  readonly facts: Facts;
}

/** Finds the audio in JSON messages without parsing them, once it has seen how their writer writes them. One for each socket. */
export interface AudioMessages<Facts> {
  /**
   * The audio of the message in `bytes[from…to)`; without them all of it is one message. Null: read it in the ordinary way. The answer is the
   * same object every time.
   */
  find(bytes: Uint8Array, from?: number, to?: number): FoundAudio<Facts> | null;
  /** A message that was not found, was read in the ordinary way, and has audio. The next ones like it will be found. */
  study(message: Uint8Array, facts: Facts): void;
}

const QUOTE = 0x22;
/** So many studies in a row without a message found: this writer is not worth one each time. */
const PATIENCE = 16;
const STUDY_ONE_IN = 64;

/** Bytes that stand for themselves inside a JSON string. */
const isPlain = new Uint8Array(256);
for (let code = 0x20; code < 0x7f; code++) isPlain[code] = code === QUOTE || code === 0x5c ? 0 : 1;

export function createAudioMessages<Facts>(fields: AudioMessageFields): AudioMessages<Facts> {
  let shape: AudioMessageShape | null = null;
  let fruitless = 0;
  /** Characters of the last audio: the next one is nearly always as long. */
  let usual = 0;
  const found = { text: new Uint8Array(0) as Uint8Array, from: 0, to: 0, length: 0, number: NaN, facts: undefined as Facts };

  /** @returns behind the audio; −1: not plain */
  function audio(message: Uint8Array, from: number): number {
    const to = message[from + usual] === QUOTE ? from + usual : message.indexOf(QUOTE, from);
    if (to < 0) return -1;
    const bytes = base64Bytes(message, from, to);
    if (bytes < 0) return -1;
    usual = to - from;
    found.from = from;
    found.to = to;
    found.length = bytes;
    return to;
  }

  /** @returns behind the digits; −1: not a whole number that can be held exactly */
  function number(message: Uint8Array, from: number): number {
    let at = from;
    let value = 0;
    for (let digit = message[at]! - 0x30; digit >= 0 && digit <= 9; digit = message[at]! - 0x30) {
      value = value * 10 + digit;
      at++;
    }
    if (at === from || at - from > MOST_DIGITS) return -1;
    found.number = value;
    return at;
  }

  return {
    find(message, from = 0, to = message.length) {
      if (shape === null) return null;
      const { constants, kinds } = shape;
      found.number = NaN;
      let at = skip(constants[0]!, message, from);
      for (let i = 0; i < kinds.length && at >= 0; i++) {
        const kind = kinds[i]!;
        at = kind === 'audio' ? audio(message, at) : kind === 'number' ? number(message, at) : free(message, at);
        if (at >= 0) at = skip(constants[i + 1]!, message, at);
      }
      // Whatever was seen behind the end does not count: then this is another place.
      if (at !== to) return null;
      fruitless = 0;
      found.text = message;
      return found;
    },
    study(message, facts) {
      if (fruitless++ > PATIENCE && fruitless % STUDY_ONE_IN !== 0) return;
      shape = audioMessageShapeOf(message, fields);
      found.facts = facts;
    },
  };
}

/** @returns behind `expected`; −1: something else stands there */
function skip(expected: Uint8Array, message: Uint8Array, from: number): number {
  const length = expected.length;
  for (let i = 0; i < length; i++) if (message[from + i] !== expected[i]) return -1;
  return from + length;
}

function free(message: Uint8Array, from: number): number {
  let at = from;
  while (isPlain[message[at]!] === 1) at++;
  return at;
}
