import type { Call } from '@onhook/call';
import type { CallId } from '@onhook/contracts';
import { NewerSchema } from '../errors.js';
import { SEALED_OTHERWISE, SealedOtherwise, type Vault } from '../vault.js';
import { pack, unpack, UnknownFormat } from './packed.js';

/**
 * The newest schema of records that this release reads, and the one that it writes. 1 is what release 0.1.0 wrote, without a word of
 * it; from 2 on it stands in the record as `schema`. A field that may be absent needs no new schema; whatever an older process would
 * misread or undo does: a new state, a field that must be kept in step, another meaning.
 */
export const RECORD_SCHEMA = 1;

const OPEN_BRACE = '{'.charCodeAt(0);

export function writeRecord(call: Call): string {
  return JSON.stringify(call);
}

/** @throws NewerSchema */
export function readRecord(json: string): Call {
  const { schema = 1, ...call } = JSON.parse(json) as Call & { readonly schema?: unknown };
  if (!(typeof schema === 'number' && schema <= RECORD_SCHEMA)) throw new NewerSchema(schema);
  return call as Call;
}

/** A call that lives is written often and read often; one that has ended is kept for long. */
export function sealRecord(vault: Vault, call: Pick<Call, 'callId' | 'state'>, json: string): Buffer {
  return vault.seal(`call:${call.callId}`, call.state === 'ended' ? pack('record', json) : json);
}

/** What does not open reads as a record of another schema, and so is left alone wherever those are. */
export function openRecord(vault: Vault, callId: CallId, stored: Buffer): string {
  try {
    const plain = vault.open(`call:${callId}`, stored);
    return plain[0] === OPEN_BRACE ? plain.toString('utf8') : unpack('record', plain);
  } catch (error) {
    if (error instanceof SealedOtherwise) return JSON.stringify({ schema: SEALED_OTHERWISE });
    if (error instanceof UnknownFormat) return JSON.stringify({ schema: error.message });
    throw error;
  }
}
