import { SHARDS, type DeliveryName, type Shard } from '@onhook/contracts';
import { BadCursor } from '../errors.js';
import { readLineMember } from './delivery-codec.js';
import { compareStreamIds } from './feed-position.js';

/** One line of the log: which delivery, and where it stands in its shard's log. */
export interface LogPlace {
  readonly shard: Shard;
  readonly id: string;
}

export type LogItem = LogPlace & { readonly name: DeliveryName | null };

/** Newest first over all shards. */
export function compareLogPlaces(a: LogPlace, b: LogPlace): number {
  return compareStreamIds(b.id, a.id) || (a.shard < b.shard ? 1 : -1);
}

export function writeLogCursor({ shard, id }: LogPlace): string {
  return Buffer.from(`${id}-${shard}`).toString('base64url');
}

/** @throws BadCursor */
export function readLogCursor(cursor: string): LogPlace {
  const [, id, letter] = /^(\d{1,16}-\d{1,16})-([a-p])$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  const shard = SHARDS.find((known) => known === letter);
  if (!id || !shard) throw new BadCursor();
  return { shard, id };
}

/** `callId|endpointId|sequence`, as `hook-relay.lua` writes it. Null: none of ours. */
export function readLogEntry(text: string): DeliveryName | null {
  const line = readLineMember(text);
  const sequence = Number(text.split('|')[2]);
  return line && Number.isInteger(sequence) ? { ...line, sequence } : null;
}
