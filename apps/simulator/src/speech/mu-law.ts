/**
 * µ-law (ITU-T G.711), the sound of telephones: one byte a sample, 8000 samples a second, so 8 bytes are a millisecond.
 * Whoever passes the bytes on unchanged passes the sound on exactly, which is what recognition rests upon.
 */
export const BYTES_PER_MS = 8;

/** The byte of digital silence (+0). 0x7f is the other one (−0). */
export const SILENCE = 0xff;

const BIAS = 0x84;
const CLIP = 32_635;

/** Byte → linear sample, −32124 … 32124. */
export const linearOf: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
});

const byteOf: Uint8Array = Uint8Array.from({ length: 65_536 }, (_, index) => encodeSample(index - 32_768));

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(biased) - 7;
  return ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** Linear 16-bit samples → µ-law bytes. */
export function encodeMuLaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) bytes[i] = byteOf[samples[i]! + 32_768]!;
  return bytes;
}
