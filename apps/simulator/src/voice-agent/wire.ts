import type { Chance } from '@onhook/service';

/** Sends one server event; every one carries an `event_id` of its own. */
export type Send = (type: string, facts: Record<string, unknown>) => void;

export type NewId = (prefix: 'sess' | 'event' | 'item' | 'resp' | 'call' | 'conv' | 'msg') => string;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Ids of the provider's shape: `item_` and 21 letters. */
export function createIds(chance: Chance): NewId {
  return (prefix) => `${prefix}_${Array.from(chance.bytes(21), (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}
