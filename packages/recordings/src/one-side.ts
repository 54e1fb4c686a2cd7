import { muLawWavHeader, WAV_HEADER_BYTES } from '@onhook/audio';
import type { Recording } from './port.js';

const SIDES = { callee: 0, agent: 1 } as const;
export type Side = keyof typeof SIDES;

/** One side of a stereo recording as a WAV file of its own, made while it is read: any part of it costs that part only. */
export function oneSide(stereo: Recording, side: Side): Recording {
  const { frames } = stereo;
  const header = muLawWavHeader({ channels: 1, frames });
  /** RIFF fills an odd number of bytes up. */
  const padding = frames % 2;

  async function* read(from: number, until: number): AsyncIterable<Uint8Array> {
    if (from < header.length) yield header.subarray(from, Math.min(until, header.length));
    const first = Math.max(0, from - header.length);
    const last = Math.min(frames, until - header.length);
    if (last > first) yield* everySecond(stereo.read(WAV_HEADER_BYTES + first * 2, WAV_HEADER_BYTES + last * 2), SIDES[side]);
    if (padding > 0 && until > header.length + frames && from <= header.length + frames) yield new Uint8Array(1);
  }

  return { bytes: header.length + frames + padding, frames, read };
}

/** A pair may be torn between two pieces. */
async function* everySecond(pieces: AsyncIterable<Uint8Array>, side: 0 | 1): AsyncIterable<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    const first = (at & 1) === side ? 0 : 1;
    const kept = new Uint8Array(Math.ceil(Math.max(0, piece.length - first) / 2));
    for (let i = 0; i < kept.length; i++) kept[i] = piece[first + i * 2]!;
    at += piece.length;
    if (kept.length > 0) yield kept;
  }
}
