import { frameBytes } from '../carrier/telephone-audio.js';

/**
 * A frame of a load that says in its audio which one it is, so that it is known again wherever the sound comes out. What is
 * passed on bit by bit keeps it; the first 12 bytes are 16 characters of base64 of their own.
 */
export interface FrameIdentity {
  way: Way;
  stream: number;
  frame: number;
}

type Way = 'to-agent' | 'to-carrier';

const ways: readonly Way[] = ['to-agent', 'to-carrier'];
const marker = [0x4f, 0x6e] as const;
const identityBytes = 12;

export function writeIdentity(audio: Uint8Array, { way, stream, frame }: FrameIdentity): void {
  audio[0] = marker[0];
  audio[1] = marker[1];
  audio[2] = ways.indexOf(way);
  audio[3] = stream >> 8;
  audio[4] = stream;
  audio[5] = frame >> 24;
  audio[6] = frame >> 16;
  audio[7] = frame >> 8;
  audio[8] = frame;
  audio[9] = checkOf(audio);
}

function checkOf(audio: Uint8Array): number {
  let sum = 0x5a;
  for (let i = 0; i < 9; i++) sum = (sum * 31 + audio[i]!) & 0xff;
  return sum;
}

const sixBits = new Uint8Array(256);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1').forEach(
  (character, value) => (sixBits[character] = value),
);
const quote = 0x22;
const padding = 0x3d;
const noMask = new Uint8Array(4);
const head = Buffer.alloc(256);
const decoded = new Uint8Array(identityBytes);

/**
 * Finds the frames in a message of anybody: `key` is what stands before the base64 of the audio (`"payload":"`), within the
 * first 200 bytes. Hands each frame on, in order. The object is the same one at every call.
 *
 * @param maskKey the four bytes with which `bytes[from…to)` is masked; none: it is not
 * @returns how many frames; −1: there is no such key, or the audio is no whole number of frames of a load
 */
export function readIdentities(
  message: { bytes: Uint8Array; from: number; to: number; maskKey?: Uint8Array | undefined },
  key: string,
  onFrame: (identity: Readonly<FrameIdentity>, isNewest: boolean) => void,
): number {
  const { bytes, from, to, maskKey = noMask } = message;
  const headBytes = Math.min(head.length, to - from);
  for (let i = 0; i < headBytes; i++) head[i] = bytes[from + i]! ^ maskKey[i & 3]!;
  const keyAt = head.toString('latin1', 0, headBytes).indexOf(key);
  if (keyAt < 0) return -1;
  const start = keyAt + key.length;
  let end = start;
  while (from + end < to && (bytes[from + end]! ^ maskKey[end & 3]!) !== quote) end++;
  let audioBytes = ((end - start) / 4) * 3;
  for (let i = end - 1; i >= start && (bytes[from + i]! ^ maskKey[i & 3]!) === padding; i--) audioBytes--;
  if (audioBytes === 0 || audioBytes % frameBytes !== 0) return -1;
  const six = (i: number): number => sixBits[bytes[from + start + i]! ^ maskKey[(start + i) & 3]!]!;
  const frames = audioBytes / frameBytes;
  for (let n = 0; n < frames; n++) {
    for (let i = 0; i < identityBytes; i++) decoded[i] = byteOf(six, n * frameBytes + i);
    const way = ways[decoded[2]!];
    if (decoded[0] !== marker[0] || decoded[1] !== marker[1] || decoded[9] !== checkOf(decoded) || way === undefined) return -1;
    found.way = way;
    found.stream = (decoded[3]! << 8) | decoded[4]!;
    found.frame = ((decoded[5]! << 24) | (decoded[6]! << 16) | (decoded[7]! << 8) | decoded[8]!) >>> 0;
    onFrame(found, n === frames - 1);
  }
  return frames;
}

const found: FrameIdentity = { way: 'to-agent', stream: 0, frame: 0 };

/** Byte `i` of what base64 says, whose characters are `six`. */
function byteOf(six: (i: number) => number, i: number): number {
  const at = Math.floor(i / 3) * 4 + (i % 3);
  const shift = 2 * (i % 3);
  return ((six(at) << (2 + shift)) | (six(at + 1) >> (4 - shift))) & 0xff;
}
