import { createHash } from 'node:crypto';
import { newApiKeyId } from '@onhook/contracts';
import type { Chance } from '@onhook/service';

/** `sk_<the id without key_>_<256 random bits in base64url>`: the id finds it, the rest opens. */
const API_KEY = /^sk_([0-7][0-9a-hjkmnp-tv-z]{25})_[\w-]{43}$/;
const SECRET_BYTES = 32;

/** The id in a key; null: it is none of ours. */
export function readApiKey(key: string): string | null {
  const id = API_KEY.exec(key)?.[1];
  return id === undefined ? null : `key_${id}`;
}

export function newApiKey(chance: Chance): { readonly id: string; readonly key: string; readonly hash: string } {
  return newSecret(newApiKeyId(chance.uuidv7()), chance);
}

/** Another secret of the same key. */
export function newSecret(id: string, chance: Chance): { readonly id: string; readonly key: string; readonly hash: string } {
  const key = `sk_${id.slice('key_'.length)}_${Buffer.from(chance.bytes(SECRET_BYTES)).toString('base64url')}`;
  return { id, key, hash: sha256Hex(key) };
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
