import type { Chance } from '@onhook/service';

export type SidPrefix = 'CA' | 'MZ' | 'PN' | 'RE' | 'RQ';

/** Two letters and 32 hex digits, as all of Twilio's identifiers. */
export function newSid(prefix: SidPrefix, chance: Chance): string {
  return prefix + Buffer.from(chance.bytes(16)).toString('hex');
}
