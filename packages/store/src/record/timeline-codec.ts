import type { TimelineEntry } from '../ports/calls.js';
import { pack, unpack } from './packed.js';

/** One value of some 300 bytes in place of a stream, for which Redis sets aside 4 KB. */
export function packTimeline(entries: readonly TimelineEntry[]): Buffer {
  return pack('timeline', JSON.stringify(entries));
}

/** @throws UnknownFormat on a format that this version does not know */
export function unpackTimeline(packed: Buffer): TimelineEntry[] {
  return JSON.parse(unpack('timeline', packed)) as TimelineEntry[];
}
