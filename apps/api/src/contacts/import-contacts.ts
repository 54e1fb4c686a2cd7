import type { CallingClock } from '@onhook/campaign';
import type { CampaignId } from '@onhook/contracts';
import { BLOCK_SIZE, type Contacts, type NewContact } from '@onhook/store';
import { csvLine, harmless } from '../csv-text.js';
import { UnreadableFile, type ContactRow } from './contact-rows.js';
import type { ContactGiven, ContactProblem, ContactRead } from './read-contact.js';

export interface RowFailure {
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly code: ContactProblem;
  readonly message: string;
}

export interface ImportReport {
  accepted: number;
  /** Were in the campaign before, or stood twice in the file. Not known of a dry run. */
  duplicates: number;
  failed: number;
  /** Accepted, and skipped: nobody knows their time zone. */
  timeZoneUnknown: number;
  /** Accepted, but the calling window never opens in all the zones that they may be in. */
  windowNeverOpens: number;
  failures: RowFailure[];
  /** Why the rest of the file was not read. */
  stopped: { readonly code: string; readonly message: string; readonly line: number } | null;
  /** Of Redis, about. */
  memoryBytes: number;
}

export interface ImportDeps {
  /** Null: nothing is added, all is judged. */
  readonly contacts: Pick<Contacts, 'add'> | null;
  readonly id: CampaignId;
  readonly read: (given: ContactGiven) => ContactRead;
  readonly clock: CallingClock;
  readonly nowMs: number;
  readonly mostFailures: number;
  /** The datastore does not answer now, and will again. */
  readonly isPassing: (error: unknown) => boolean;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newToken: () => string;
}

/** Blocks on their way at a time: enough that Redis never waits for us, few enough to be held. */
const IN_FLIGHT = 8;
const MOST_TRIES = 6;
const FIRST_PAUSE_MS = 250;
/** What a contact costs beside its packed row: its identity, its share of keys and lists. */
const OVERHEAD_BYTES = 24;
/** Rows pack to about so much of what they were. */
const PACKED_SHARE = 0.62;

/** Judges every row, and adds the good ones in blocks of the same time zones. What was added stays, whatever comes after. */
export async function importContacts(rows: AsyncIterable<ContactRow>, deps: ImportDeps): Promise<ImportReport> {
  const { contacts, id, read, clock, nowMs, mostFailures } = deps;
  const report: ImportReport = {
    accepted: 0,
    duplicates: 0,
    failed: 0,
    timeZoneUnknown: 0,
    windowNeverOpens: 0,
    failures: [],
    stopped: null,
    memoryBytes: 0,
  };
  const blocks = new Map<string, { readonly zones: readonly string[]; contacts: NewContact[] }>();
  const onTheWay = new Set<Promise<void>>();
  const failed: unknown[] = [];

  for await (const row of upToUnreadable(rows, report)) {
    const judged = row.given === null ? NO_ROW : read(row.given);
    if (!judged.ok) {
      fail(row.line, judged);
      continue;
    }
    const { contact, zones } = judged;
    report.accepted += 1;
    report.memoryBytes += OVERHEAD_BYTES + PACKED_SHARE * sizeOf(contact);
    if (zones.length === 0) report.timeZoneUnknown += 1;
    else if (clock(zones, nowMs) === null) report.windowNeverOpens += 1;
    if (!contacts) continue;
    const key = zones.length === 1 ? zones[0]! : zones.join(' ');
    let block = blocks.get(key);
    if (!block) blocks.set(key, (block = { zones, contacts: [] }));
    block.contacts.push(contact);
    if (block.contacts.length < BLOCK_SIZE) continue;
    send(contacts, zones, block.contacts);
    block.contacts = [];
    if (onTheWay.size >= IN_FLIGHT) await Promise.race(onTheWay);
    if (failed.length > 0) break;
  }
  for (const block of blocks.values()) {
    if (!contacts || block.contacts.length === 0 || failed.length > 0) continue;
    send(contacts, block.zones, block.contacts);
    if (onTheWay.size >= IN_FLIGHT) await Promise.race(onTheWay);
  }
  await Promise.all(onTheWay);
  if (failed.length > 0) throw failed[0];
  report.accepted -= report.duplicates;
  report.memoryBytes = Math.round(report.memoryBytes);
  return report;

  function send(to: Pick<Contacts, 'add'>, zones: readonly string[], added: readonly NewContact[]): void {
    const adding = addSurely(to, zones, added)
      .then((duplicates) => void (report.duplicates += duplicates))
      .catch((error: unknown) => void failed.push(error))
      .finally(() => onTheWay.delete(adding));
    onTheWay.add(adding);
  }

  /** A datastore that blinks must not end an import of an hour. What was added without our knowing is told by its token. */
  async function addSurely(to: Pick<Contacts, 'add'>, zones: readonly string[], added: readonly NewContact[]): Promise<number> {
    const token = deps.newToken();
    for (let tries = 1; ; tries++) {
      try {
        return (await to.add(id, zones, added, token)).duplicates.length;
      } catch (error) {
        if (tries === MOST_TRIES || !deps.isPassing(error)) throw error;
        await deps.sleep(FIRST_PAUSE_MS * 2 ** (tries - 1));
      }
    }
  }

  function fail(line: number, { column, value, code, message }: Extract<ContactRead, { ok: false }>): void {
    report.failed += 1;
    if (report.failures.length < mostFailures) report.failures.push({ line, column, value: value.slice(0, 100), code, message });
  }
}

const NO_ROW: ContactRead = { ok: false, column: '', value: '', code: 'invalid-row', message: 'Not a contact' };

/** A file that breaks off keeps what was read of it. */
async function* upToUnreadable(rows: AsyncIterable<ContactRow>, report: ImportReport): AsyncGenerator<ContactRow> {
  try {
    yield* rows;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    report.stopped = { code: error.code, message: error.message, line: error.line };
  }
}

function sizeOf({ to, name, externalId, timeZone, variables }: NewContact): number {
  let size = to.length + (name?.length ?? 0) + (externalId?.length ?? 0) + (timeZone?.length ?? 0);
  for (const column in variables) size += String(variables[column]).length + 1;
  return size;
}

/** For people who mend the rows and import them again. */
export function failuresCsv(failures: readonly RowFailure[]): string {
  const lines = failures.map(({ line, column, value, code, message }) =>
    csvLine([String(line), column, harmless(value), code, message]),
  );
  return csvLine(['line', 'column', 'value', 'code', 'message']) + lines.join('');
}
