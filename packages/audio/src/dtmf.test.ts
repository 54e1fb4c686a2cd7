import { describe, expect, it } from 'vitest';
import { dtmfAudio } from './dtmf.js';
import { decodeMuLaw, MU_LAW_BYTES_PER_MS, MU_LAW_SILENCE } from './mu-law.js';

const FREQUENCIES = [697, 770, 852, 941, 1_209, 1_336, 1_477, 1_633];

/** Goertzel: how much of one frequency is in a piece. */
function power(piece: Uint8Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 8_000);
  let [before, last] = [0, 0];
  for (const code of piece) [before, last] = [last, decodeMuLaw(code) + coefficient * last - before];
  return before * before + last * last - coefficient * before * last;
}

function loudestTwo(piece: Uint8Array): number[] {
  return FREQUENCIES.toSorted((a, b) => power(piece, b) - power(piece, a))
    .slice(0, 2)
    .toSorted((a, b) => a - b);
}

describe('tones of keys', () => {
  it.each([
    ['1', 697, 1_209],
    ['6', 770, 1_477],
    ['0', 941, 1_336],
    ['*', 941, 1_209],
    ['#', 941, 1_477],
    ['D', 941, 1_633],
  ])('key %s is %i and %i hertz, and nothing else is near', (digit, low, high) => {
    const piece = dtmfAudio(digit).subarray(0, 120 * MU_LAW_BYTES_PER_MS);
    expect(loudestTwo(piece)).toEqual([low, high]);
    const others = FREQUENCIES.filter((hz) => hz !== low && hz !== high);
    for (const hz of others) expect(power(piece, low) / power(piece, hz)).toBeGreaterThan(100);
  });

  it('are 120 ms each with 80 ms of silence behind; w and W wait', () => {
    const ms = (digits: string): number => dtmfAudio(digits).length / MU_LAW_BYTES_PER_MS;
    expect([ms('1'), ms('12'), ms('1w2'), ms('W')]).toEqual([200, 400, 900, 1_000]);
    expect(new Set(dtmfAudio('w'))).toEqual(new Set([MU_LAW_SILENCE]));
    expect(new Set(dtmfAudio('5').subarray(120 * MU_LAW_BYTES_PER_MS))).toEqual(new Set([MU_LAW_SILENCE]));
  });

  it('never clip', () => {
    const loudest = Math.max(...[...dtmfAudio('159#')].map((code) => Math.abs(decodeMuLaw(code))));
    expect(loudest).toBeGreaterThan(12_000);
    expect(loudest).toBeLessThan(17_000);
  });

  it.each([[''], ['1'.repeat(33)], ['E'], ['1 2'], ['d']])('of %j there are none', (digits) => {
    expect(() => dtmfAudio(digits)).toThrow(RangeError);
  });
});
