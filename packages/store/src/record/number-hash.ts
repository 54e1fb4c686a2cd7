import { createHash } from 'node:crypto';
import type { E164 } from '@onhook/contracts';

/** Stands for a telephone number in all that admission keeps: 96 bits, so that no two of a million are ever the same. */
export function numberHash(number: E164): string {
  return createHash('sha256').update(number).digest('base64url').slice(0, 16);
}
