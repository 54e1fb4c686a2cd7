import { createHash } from 'node:crypto';
import type { E164 } from '@onhook/contracts';
import type { AdmissionRequest } from '../ports/admission.js';

/**
 * The caller id of an attempt: the one asked for, if it is ours, else one by the attempt's own name, so that the numbers take turns and
 * asking again gives the same. Null: the number asked for is not configured.
 */
export function chooseFrom({ callId, n, from }: AdmissionRequest, fromNumbers: readonly E164[]): E164 | null {
  if (from !== null) return fromNumbers.includes(from) ? from : null;
  const turn = createHash('sha256').update(`${callId}:${n}`).digest().readUInt32BE(0);
  return fromNumbers[turn % fromNumbers.length] ?? null;
}
