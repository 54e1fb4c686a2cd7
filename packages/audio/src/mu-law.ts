/** G.711 µ-law at 8 kHz: one byte is one sample, eight bytes are one millisecond. */
export const MU_LAW_RATE_HZ = 8_000;
export const MU_LAW_BYTES_PER_MS = 8;
/** The code of a sample of zero. */
export const MU_LAW_SILENCE = 0xff;

const BIAS = 0x84;
const CLIP = 32_635;

const decoded = new Int16Array(256);
for (let code = 0; code < 256; code++) decoded[code] = expand(code);

const encoded = new Uint8Array(65_536);
for (let sample = -32_768; sample < 32_768; sample++) encoded[sample + 32_768] = compress(sample);

/** @returns the 16-bit linear sample, -32124 … 32124 */
export function decodeMuLaw(code: number): number {
  return decoded[code & 0xff]!;
}

/** @param sample 16-bit linear; louder ones are clipped */
export function encodeMuLaw(sample: number): number {
  const whole = Math.max(-32_768, Math.min(32_767, Math.round(sample)));
  return encoded[whole + 32_768]!;
}

export function silence(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(MU_LAW_SILENCE);
}

/** ITU-T G.711: the code is sent inverted; sign, three bits of exponent, four of mantissa. */
function expand(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function compress(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS;
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}
