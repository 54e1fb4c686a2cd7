import { randomBytes, randomUUID } from 'node:crypto';

/** Randomness and ids, passed in like time, so that a seeded run repeats exactly. */
export interface Chance {
  /** A number in [0, 1). */
  fraction(): number;
  bytes(count: number): Uint8Array;
  /** A random (version 4) UUID: commit ids, mark names. */
  uuid(): string;
  /** A time-ordered (version 7) UUID: the ids that people see. */
  uuidv7(): string;
}

export const systemChance: Chance = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
  uuidv7: () => uuidv7From(Date.now(), randomBytes(10)),
};

/**
 * RFC 9562 version 7: 48 bits of milliseconds, then 74 random bits.
 *
 * @param epochMs milliseconds since the epoch, below 2^48
 * @param random at least 10 bytes
 */
export function uuidv7From(epochMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  let rest = epochMs;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
