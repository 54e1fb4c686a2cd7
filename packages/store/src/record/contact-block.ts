import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { E164 } from '@onhook/contracts';
import type { CampaignId } from '@onhook/contracts';
import type { NewContact } from '../ports/campaigns.js';
import type { Vault } from '../vault.js';

type Value = string | number | boolean;
type Row = [to: string, name: string | null, externalId: string | null, timeZone: string | null, ...values: (Value | null)[]];

/** A block as it is stored: its time zones, which of its contacts were left out as duplicates, and the packed rest. */
export interface StoredBlock {
  readonly zones: readonly string[];
  readonly leftOut: ReadonlySet<number>;
  readonly packed: Buffer;
}

/** Values by column, so that no name of a variable is repeated. The fastest level packs almost as well as the best one here. */
export function packContacts(vault: Vault, id: CampaignId, contacts: readonly NewContact[]): Buffer {
  const columns = [...new Set(contacts.flatMap(({ variables }) => Object.keys(variables)))];
  const rows = contacts.map(({ to, name, externalId, timeZone, variables }): Row => {
    const values = columns.map((column) => (Object.hasOwn(variables, column) ? variables[column]! : null));
    return [to, name, externalId, timeZone, ...values];
  });
  return vault.seal(contextOf(id), deflateRawSync(JSON.stringify([columns, rows]), { level: 1 }));
}

export function unpackContacts(vault: Vault, id: CampaignId, packed: Buffer): NewContact[] {
  const text = inflateRawSync(vault.open(contextOf(id), packed)).toString('utf8');
  const [columns, rows] = JSON.parse(text) as [string[], Row[]];
  return rows.map(([to, name, externalId, timeZone, ...values]) => {
    const given = columns.flatMap((column, at): [string, Value][] => {
      const value = values[at] ?? null;
      return value === null ? [] : [[column, value]];
    });
    return { to: to as E164, name, externalId, timeZone, variables: Object.fromEntries(given) };
  });
}

/** `<zones>\n<left out>\n<packed>`, as campaign-add.lua writes it. */
export function readBlock(stored: Buffer): StoredBlock {
  const first = stored.indexOf(10);
  const second = stored.indexOf(10, first + 1);
  return {
    zones: readZones(stored.toString('latin1', 0, first)),
    leftOut: new Set(
      stored
        .toString('latin1', first + 1, second)
        .split(',')
        .filter((text) => text !== '')
        .map(Number),
    ),
    packed: stored.subarray(second + 1),
  };
}

export function readZones(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** Stands for a contact among those that were seen: 64 bits, so that two of a million are the same once in 37 million campaigns. */
export function identityOf(vault: Vault, { externalId, to }: NewContact): Buffer {
  return Buffer.from(vault.nameOf(externalId === null ? to : `id ${externalId}`), 'base64url').subarray(0, 8);
}

function contextOf(id: CampaignId): string {
  return `contacts of ${id}`;
}
