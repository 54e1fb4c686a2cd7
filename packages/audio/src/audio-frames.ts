import type { Writable } from 'node:stream';
import { base64Length, encodeBase64 } from './base64.js';
import type { MuLawAudio } from './encoded-audio.js';

/**
 * Messages with audio as finished WebSocket frames (RFC 6455 §5.2): one final text frame in one buffer, without a string, and
 * without a copy where the socket takes it at once (a TLS socket never does). Fifty times a second for each call. One for all sockets of a process that are of the same end.
 *
 * They may be written to the socket of a WebSocket library past it: as long as it compresses nothing and sends no fragments, it writes
 * whole frames at once, and what waits to be written is counted by the socket.
 */
export interface AudioFrames {
  /** Writes the audio in base64 between `before` and `after`. */
  write(socket: Writable, before: Uint8Array, audio: MuLawAudio, after: Uint8Array): void;
}

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const KEY_BYTES = 4;
/** Where the text begins in our buffer: behind the longest header. */
const TEXT_AT = 16;
/** Our buffer, which grows to what is written and is given up again where that was more than a usual answer's piece. */
const USUAL_BYTES = 8_192;
const MOST_KEPT_BYTES = 65_536;
/** Keys are drawn so many at once. */
const KEYS = 2_048;

/** @param masks random bytes, for the frames of a client: each is masked with a key of its own. A server masks nothing. */
export function createAudioFrames(masks: ((count: number) => Uint8Array) | null): AudioFrames {
  let buffer = Buffer.alloc(USUAL_BYTES);
  /** The frame that was given out last: nearly always the next one is as long. */
  let frame = buffer.subarray(0, 0);
  let frameOfBuffer = buffer;
  let frameFrom = 0;
  let keys: Uint8Array = new Uint8Array(0);
  let nextKey = 0;

  function drawKey(): void {
    if (nextKey === keys.length) {
      keys = masks!(KEYS * KEY_BYTES);
      nextKey = 0;
    }
    for (let i = 0; i < KEY_BYTES; i++) buffer[TEXT_AT - KEY_BYTES + i] = keys[nextKey + i]!;
    nextKey += KEY_BYTES;
  }

  /** @returns where the frame begins */
  function writeHeader(length: number): number {
    const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const at = TEXT_AT - (masks ? KEY_BYTES : 0) - sizeBytes - 2;
    buffer[at] = FINAL_TEXT;
    buffer[at + 1] = (masks ? MASKED : 0) | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
    if (sizeBytes === 2) {
      buffer[at + 2] = length >> 8;
      buffer[at + 3] = length;
    }
    if (sizeBytes === 8) buffer.writeBigUInt64BE(BigInt(length), at + 2);
    return at;
  }

  function put(source: Uint8Array, from: number, to: number, at: number): void {
    if (masks) mask(source, from, to, buffer, at);
    else buffer.set(from === 0 && to === source.length ? source : source.subarray(from, to), at);
  }

  function frameOf(before: Uint8Array, audio: MuLawAudio, after: Uint8Array): Buffer {
    const isBytes = audio instanceof Uint8Array;
    const textBytes = isBytes ? base64Length(audio.length) : audio.to - audio.from;
    const length = before.length + textBytes + after.length;
    const audioAt = TEXT_AT + before.length;
    const end = TEXT_AT + length;
    if (end > buffer.length) buffer = Buffer.alloc(end * 2);
    if (masks) drawKey();
    const from = writeHeader(length);
    put(before, 0, before.length, TEXT_AT);
    if (isBytes) {
      encodeBase64(audio, 0, audio.length, buffer, audioAt);
      if (masks) mask(buffer, audioAt, audioAt + textBytes, buffer, audioAt);
    } else {
      put(audio.text, audio.from, audio.to, audioAt);
    }
    put(after, 0, after.length, end - after.length);
    if (frameOfBuffer !== buffer || frameFrom !== from || frame.length !== end - from) {
      frame = buffer.subarray(from, end);
      frameOfBuffer = buffer;
      frameFrom = from;
    }
    return frame;
  }

  return {
    write(socket, before, audio, after) {
      const next = frameOf(before, audio, after);
      // It will have to wait, behind others or because a TLS socket takes nothing at once: a copy keeps no more than its own bytes.
      if (socket.writableLength > 0 || 'encrypted' in socket) socket.write(Buffer.from(next));
      else {
        socket.write(next);
        // It was not taken at once: these bytes are the socket's until it has sent them.
        if (socket.writableLength > 0) buffer = Buffer.alloc(USUAL_BYTES);
      }
      if (buffer.length > MOST_KEPT_BYTES) buffer = Buffer.alloc(USUAL_BYTES);
      // Nor does the frame that was given out last keep a buffer that is ours no more.
      if (frameOfBuffer !== buffer) {
        frame = buffer.subarray(0, 0);
        frameOfBuffer = buffer;
      }
    },
  };
}

/** Copies `source[from…to)` to `at` in `buffer`, masked with the key that stands before the text. */
function mask(source: Uint8Array, from: number, to: number, buffer: Uint8Array, at: number): void {
  const phase = at - TEXT_AT;
  const k0 = buffer[TEXT_AT - KEY_BYTES + (phase & 3)]!;
  const k1 = buffer[TEXT_AT - KEY_BYTES + ((phase + 1) & 3)]!;
  const k2 = buffer[TEXT_AT - KEY_BYTES + ((phase + 2) & 3)]!;
  const k3 = buffer[TEXT_AT - KEY_BYTES + ((phase + 3) & 3)]!;
  const whole = to - ((to - from) & 3);
  let next = at;
  for (let i = from; i < whole; i += 4) {
    buffer[next] = source[i]! ^ k0;
    buffer[next + 1] = source[i + 1]! ^ k1;
    buffer[next + 2] = source[i + 2]! ^ k2;
    buffer[next + 3] = source[i + 3]! ^ k3;
    next += 4;
  }
  if (whole < to) buffer[next] = source[whole]! ^ k0;
  if (whole + 1 < to) buffer[next + 1] = source[whole + 1]! ^ k1;
  if (whole + 2 < to) buffer[next + 2] = source[whole + 2]! ^ k2;
}
