import type { MaskedText } from './receiver-socket.js';

const before = Buffer.from('{"event":"media","sequenceNumber":"');
const between = Buffer.from('","media":{"track":"inbound","chunk":"');
const quote = 0x22;

/** The chunk number of a media message of the carrier, read where it lies; 0: it is no such message. */
export function chunkOf({ bytes, from, to, maskKey }: Readonly<MaskedText>): number {
  const at = (i: number): number => bytes[from + i]! ^ maskKey[i & 3]!;
  const length = to - from;
  if (length < before.length + between.length || !begins(at, 0, before)) return 0;
  let i = before.length;
  while (i < length && at(i) !== quote) i++;
  if (!begins(at, i, between)) return 0;
  let chunk = 0;
  for (i += between.length; i < length && at(i) !== quote; i++) chunk = chunk * 10 + at(i) - 48;
  return chunk;
}

function begins(at: (i: number) => number, from: number, what: Uint8Array): boolean {
  for (let i = 0; i < what.length; i++) if (at(from + i) !== what[i]) return false;
  return true;
}
