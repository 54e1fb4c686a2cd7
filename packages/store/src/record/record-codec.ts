import type { Call } from '@onhook/call';
import { NewerSchema } from '../errors.js';

/**
 * The newest schema of records that this release reads, and the one that it writes. 1 is what release 0.1.0 wrote, without a word of
 * it; from 2 on it stands in the record as `schema`. A field that may be absent needs no new schema; whatever an older process would
 * misread or undo does: a new state, a field that must be kept in step, another meaning.
 */
export const RECORD_SCHEMA = 1;

export function writeRecord(call: Call): string {
  return JSON.stringify(call);
}

/** @throws NewerSchema */
export function readRecord(json: string): Call {
  const { schema = 1, ...call } = JSON.parse(json) as Call & { readonly schema?: unknown };
  if (!(typeof schema === 'number' && schema <= RECORD_SCHEMA)) throw new NewerSchema(schema);
  return call as Call;
}
