import { isCallId, isEndpointId, type DeliveryName } from '@onhook/contracts';
import type { Delivery, DeliveryStatus, Line } from '../ports/webhooks.js';

type Packed = [type: string, at: number, status: string, tries: number, triedAt: number, result: number | string, since?: number];

const LETTERS: Readonly<Record<DeliveryStatus, string>> = { pending: 'p', delivered: 'd', failed: 'f', skipped: 's' };
const STATUS_OF = new Map(Object.entries(LETTERS).map(([status, letter]) => [letter, status as DeliveryStatus]));
/** Redis keeps a hash small only while each of its values has at most 64 bytes. */
const USUAL = 'call.';

export function packDelivery({
  type,
  at,
  since,
  status,
  tries,
  triedAt,
  result,
}: Omit<Delivery, keyof DeliveryName | 'nextTryAt'>): string {
  const short = type.startsWith(USUAL) ? type.slice(USUAL.length) : `:${type}`;
  const packed: Packed = [short, at, LETTERS[status], tries, triedAt ?? 0, result ?? 0];
  if (since !== at) packed.push(since);
  return JSON.stringify(packed);
}

export function unpackDelivery(name: DeliveryName, text: string, nextTryAt: number | null = null): Delivery {
  const [short, at, letter, tries, triedAt, result, since = at] = JSON.parse(text) as Packed;
  return {
    ...name,
    type: short.startsWith(':') ? short.slice(1) : USUAL + short,
    at,
    since,
    status: STATUS_OF.get(letter) ?? 'skipped',
    tries,
    triedAt: triedAt || null,
    result: result || null,
    nextTryAt,
  };
}

/** A new one, as the relay makes it. */
export function newDelivery(type: string, at: number): string {
  return packDelivery({ type, at, since: at, status: 'pending', tries: 0, triedAt: null, result: null });
}

/** `callId|endpointId`, the member of the due index. */
export const lineMember = ({ callId, endpointId }: Line): string => `${callId}|${endpointId}`;

export function readLineMember(member: string): Line | null {
  const [callId = '', endpointId = ''] = member.split('|');
  return isCallId(callId) && isEndpointId(endpointId) ? { callId, endpointId } : null;
}

/** Of a line's fields those that are deliveries, in order; the first that is pending knows when it is tried. */
export function unpackLine(line: Line, fields: Readonly<Record<string, string>>, dueAt: number | null): Delivery[] {
  const sequences = Object.keys(fields)
    .filter((field) => /^\d+$/.test(field))
    .map(Number);
  let isFirst = true;
  return sequences
    .toSorted((a, b) => a - b)
    .map((sequence) => {
      const delivery = unpackDelivery({ ...line, sequence }, fields[String(sequence)]!);
      if (delivery.status !== 'pending' || !isFirst) return delivery;
      isFirst = false;
      return { ...delivery, nextTryAt: dueAt };
    });
}

export const isPending = ({ status }: Delivery): boolean => status === 'pending';
