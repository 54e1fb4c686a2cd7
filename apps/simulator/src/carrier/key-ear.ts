import { linearOf } from '../speech/mu-law.js';

const rowHz = [697, 770, 852, 941];
const columnHz = [1209, 1336, 1477, 1633];
const keypad = ['123A', '456B', '789C', '*0#D'];
const rateHz = 8_000;

/** Mean square under which nothing is a key: an amplitude of about 200 of 32 768. */
const quietMeanSquare = 200 ** 2;
/** Of the frame's energy that the two tones must hold, and that each of them must. Speech does not, for two frames on end. */
const bothShare = 0.7;
const eachShare = 0.15;

/** An ear for keys that come as tones (DTMF), as an IVR has it. One frame of 20 ms after the other. */
export interface KeyEar {
  /** The key that is now known to be pressed: told once, in its second frame. */
  hear(frame: Uint8Array): string | undefined;
}

export function createKeyEar(): KeyEar {
  let last: string | undefined;
  let isTold = false;

  return {
    hear(frame) {
      const key = keyIn(frame);
      const isSame = key !== undefined && key === last;
      if (!isSame) isTold = false;
      last = key;
      if (!isSame || isTold) return undefined;
      isTold = true;
      return key;
    },
  };
}

function keyIn(frame: Uint8Array): string | undefined {
  let energy = 0;
  for (const byte of frame) energy += linearOf[byte]! ** 2;
  if (frame.length === 0 || energy / frame.length < quietMeanSquare) return undefined;
  const shareOf = (hz: number): number => (2 * power(frame, hz)) / (frame.length * energy);
  const [row, rowShare] = loudest(rowHz.map(shareOf));
  const [column, columnShare] = loudest(columnHz.map(shareOf));
  const isKey = rowShare >= eachShare && columnShare >= eachShare && rowShare + columnShare >= bothShare;
  return isKey ? keypad[row]?.[column] : undefined;
}

function loudest(shares: number[]): [index: number, share: number] {
  const share = Math.max(...shares);
  return [shares.indexOf(share), share];
}

/** Goertzel's algorithm: how much of one frequency is in the frame. */
function power(frame: Uint8Array, hz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / rateHz);
  let [before, beforeThat] = [0, 0];
  for (const byte of frame) [before, beforeThat] = [linearOf[byte]! + factor * before - beforeThat, before];
  return before ** 2 + beforeThat ** 2 - factor * before * beforeThat;
}
