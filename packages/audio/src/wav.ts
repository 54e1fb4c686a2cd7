import { MU_LAW_RATE_HZ } from './mu-law.js';

/** WAVE_FORMAT_MULAW of Microsoft's mmreg.h. Players know it; the bytes stay as they came over the line. */
const FORMAT_MU_LAW = 7;
/** RIFF + `fmt ` with its empty extension + `fact` + the head of `data`. */
export const WAV_HEADER_BYTES = 12 + 26 + 12 + 8;

/**
 * The header of a µ-law WAV file. Written first with `frames` 0 and again in its place when the length is known.
 *
 * @param frames samples per channel, below 2^31
 */
export function muLawWavHeader({ channels, frames }: { channels: 1 | 2; frames: number }): Uint8Array {
  const dataBytes = frames * channels;
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) header[at + i] = word.charCodeAt(i);
  };
  text(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes + (dataBytes % 2), true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 18, true);
  view.setUint16(20, FORMAT_MU_LAW, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, MU_LAW_RATE_HZ, true);
  view.setUint32(28, MU_LAW_RATE_HZ * channels, true);
  view.setUint16(32, channels, true);
  view.setUint16(34, 8, true);
  text(38, 'fact');
  view.setUint32(42, 4, true);
  view.setUint32(46, frames, true);
  text(50, 'data');
  view.setUint32(54, dataBytes, true);
  return header;
}

export interface MuLawWav {
  readonly frames: number;
  /** One array of µ-law bytes per channel. */
  readonly channels: readonly Uint8Array[];
}

/** @returns null if it is not a complete 8 kHz µ-law WAV file */
export function readMuLawWav(file: Uint8Array): MuLawWav | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const word = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || word(0) !== 'RIFF' || word(8) !== 'WAVE') return null;
  let channelCount = 0;
  for (let at = 12; at + 8 <= file.length;) {
    const name = word(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (body + size > file.length) return null;
    if (name === 'fmt ') {
      if (size < 16 || view.getUint16(body, true) !== FORMAT_MU_LAW || view.getUint32(body + 4, true) !== MU_LAW_RATE_HZ)
        return null;
      channelCount = view.getUint16(body + 2, true);
    }
    if (name === 'data') return channelCount === 0 ? null : separate(file.subarray(body, body + size), channelCount);
    at = body + size + (size % 2);
  }
  return null;
}

function separate(data: Uint8Array, channelCount: number): MuLawWav {
  const frames = Math.floor(data.length / channelCount);
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const audio = new Uint8Array(frames);
    for (let i = 0; i < frames; i++) audio[i] = data[i * channelCount + channel]!;
    return audio;
  });
  return { frames, channels };
}
