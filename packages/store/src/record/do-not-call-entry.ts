import type { E164 } from '@onhook/contracts';
import type { DoNotCallEntry } from '../ports/do-not-call.js';
import { SealedOtherwise, type Vault } from '../vault.js';

export interface StoredEntry extends DoNotCallEntry {
  /** It has another name by now, and stands here for processes that still know the old one. Null: this is its name. */
  readonly renamedAt: number | null;
}

/** As it stands on the list, under the name of its number. */
export function writeEntry(vault: Vault, name: string, { number, since, note, renamedAt }: StoredEntry): Buffer {
  return vault.seal(contextOf(name), JSON.stringify([number, since, note, ...(renamedAt === null ? [] : [renamedAt])]));
}

/** @returns null for one that this process cannot open */
export function readEntry(vault: Vault, name: string, stored: Buffer): StoredEntry | null {
  try {
    const [number, since, note, renamedAt = null] = JSON.parse(vault.open(contextOf(name), stored).toString('utf8')) as [
      E164,
      number,
      string | null,
      number?,
    ];
    return { number, since, note, renamedAt };
  } catch (error) {
    if (error instanceof SealedOtherwise) return null;
    throw error;
  }
}

function contextOf(name: string): string {
  return `do-not-call:${name}`;
}
