import { createDownsampler, encodeMuLaw, linearOf, resample } from '../speech/index.js';

/** What is spoken: telephone µ-law, or 16-bit little-endian PCM of 24 kHz. */
export const spokenFormats = ['audio/pcmu', 'audio/pcm'] as const;
export type SpokenFormat = (typeof spokenFormats)[number];

const BYTES_PER_MS: Record<SpokenFormat, number> = { 'audio/pcmu': 8, 'audio/pcm': 48 };
const RATE_HZ = 8000;
const PCM_RATE_HZ = 24_000;

export const bytesPerMs = (format: SpokenFormat): number => BYTES_PER_MS[format];

export const isSpoken = (format: string): format is SpokenFormat => (spokenFormats as readonly string[]).includes(format);

/** A line as the client wants it. */
export function encodeAs(format: SpokenFormat, ulaw: Uint8Array): Uint8Array {
  if (format === 'audio/pcmu') return ulaw;
  const samples = resample(
    Int16Array.from(ulaw, (byte) => linearOf[byte]!),
    RATE_HZ,
    PCM_RATE_HZ,
  );
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [i, sample] of samples.entries()) bytes.writeInt16LE(sample, i * 2);
  return bytes;
}

/** Turns a stream of the client's audio into µ-law, however it is cut. */
export function createDecoder(format: SpokenFormat): (bytes: Uint8Array) => Uint8Array {
  if (format === 'audio/pcmu') return (bytes) => bytes;
  const downsample = createDownsampler(PCM_RATE_HZ / RATE_HZ);
  let rest = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([rest, bytes]);
    const samples = Int16Array.from({ length: Math.floor(all.length / 2) }, (_, i) => all.readInt16LE(i * 2));
    rest = all.subarray(samples.length * 2);
    return encodeMuLaw(downsample(samples));
  };
}
