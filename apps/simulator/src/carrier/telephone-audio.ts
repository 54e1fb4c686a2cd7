import { BYTES_PER_MS, encodeMuLaw, linearOf, SILENCE } from '../speech/mu-law.js';

/** A telephone line moves in steps of 20 ms. */
export const bytesPerMs = BYTES_PER_MS;
export const frameMs = 20;
export const frameBytes = frameMs * bytesPerMs;
export const silentByte = SILENCE;
export const silentFrame: Uint8Array = new Uint8Array(frameBytes).fill(silentByte);

/** True for a byte that an ear could hear: µ-law's two zeros and the step beside each do not count. */
export function isAudible(byte: number): boolean {
  return (byte & 0x7f) < 0x7e;
}

/** Mean square from which we say "somebody is speaking": an amplitude of about 200 of 32 768. */
const loudMeanSquare = 200 ** 2;

const squareOf = Float64Array.from(linearOf, (sample) => sample * sample);

export function isLoud(ulaw: Uint8Array): boolean {
  if (ulaw.length === 0) return false;
  let sum = 0;
  for (let i = 0; i < ulaw.length; i++) sum += squareOf[ulaw[i]!]!;
  return sum / ulaw.length >= loudMeanSquare;
}

const rowHz = [697, 770, 852, 941];
const columnHz = [1209, 1336, 1477, 1633];
const keypad = ['123A', '456B', '789C', '*0#D'];

/** Keys as tones: 120 ms each with 80 ms between; `w` waits half a second, `W` a whole one. */
export function toneAudio(digits: string): Uint8Array {
  const parts = [...digits].map((key) => {
    if (key === 'w' || key === 'W') return silence(key === 'w' ? 500 : 1000);
    const row = keypad.findIndex((keys) => keys.includes(key.toUpperCase()));
    if (row < 0) return silence(0);
    const column = keypad[row]!.indexOf(key.toUpperCase());
    const tone = Int16Array.from({ length: 120 * bytesPerMs }, (_, i) => {
      const angle = (2 * Math.PI * i) / 8000;
      return Math.round(6000 * (Math.sin(angle * rowHz[row]!) + Math.sin(angle * columnHz[column]!)));
    });
    return Buffer.concat([encodeMuLaw(tone), silence(80)]);
  });
  return Buffer.concat(parts);
}

export function silence(ms: number): Uint8Array {
  return new Uint8Array(Math.round(ms * bytesPerMs)).fill(silentByte);
}

/** The µ-law samples of a WAV file (format 7, 8 kHz, mono), or a bare µ-law file as it is. */
export function ulawOfFile(file: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF') return file;
  let isTelephone = false;
  for (let at = 12; at + 8 <= bytes.length;) {
    const tag = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (tag === 'fmt ' && at + 24 <= bytes.length) {
      isTelephone = bytes.readUInt16LE(at + 8) === 7 && bytes.readUInt16LE(at + 10) === 1 && bytes.readUInt32LE(at + 12) === 8000;
    }
    if (tag === 'data') return isTelephone ? bytes.subarray(at + 8, at + 8 + size) : undefined;
    at += 8 + size + (size % 2);
  }
  return undefined;
}
