import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { TimelineEntry } from '../ports/calls.js';

const FORMAT = 1;

/** One value of some 500 bytes in place of a stream, for which Redis sets aside 4 KB. */
export function packTimeline(entries: readonly TimelineEntry[]): Buffer {
  return Buffer.concat([Buffer.from([FORMAT]), deflateRawSync(JSON.stringify(entries))]);
}

/** @throws Error on a format that this version does not know */
export function unpackTimeline(packed: Buffer): TimelineEntry[] {
  if (packed[0] !== FORMAT) throw new Error(`unknown timeline format ${packed[0]}`);
  return JSON.parse(inflateRawSync(packed.subarray(1)).toString('utf8')) as TimelineEntry[];
}
