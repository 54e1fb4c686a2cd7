import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DICTIONARIES, type Packable } from './dictionaries.js';

/** The first byte. 1 is what release 0.1.0 wrote: no dictionary. Another dictionary is another format. */
const PLAIN = 1;
const WITH_DICTIONARY = 2;

export class UnknownFormat extends Error {
  constructor(kind: Packable, format: number | undefined) {
    super(`unknown ${kind} format ${format}`);
    this.name = 'UnknownFormat';
  }
}

/** What is written once and kept for a month: deflated, with all that such texts have in common known beforehand. */
export function pack(kind: Packable, text: string): Buffer {
  return Buffer.concat([Buffer.from([WITH_DICTIONARY]), deflateRawSync(text, { level: 9, dictionary: DICTIONARIES[kind] })]);
}

/** @throws UnknownFormat */
export function unpack(kind: Packable, packed: Buffer): string {
  const body = packed.subarray(1);
  if (packed[0] === PLAIN) return inflateRawSync(body).toString('utf8');
  if (packed[0] === WITH_DICTIONARY) return inflateRawSync(body, { dictionary: DICTIONARIES[kind] }).toString('utf8');
  throw new UnknownFormat(kind, packed[0]);
}
