import { CsvError, parse } from 'csv-parse';
import type { E164 } from '@onhook/contracts';
import type { DoNotCallAddition } from '@onhook/store';
import type { Readable } from 'node:stream';

export type NumberLine =
  | ({ readonly ok: true } & DoNotCallAddition)
  | { readonly ok: false; readonly line: number; readonly code: 'not-e164' | 'number-lost'; readonly message: string };

/** The file is no CSV; what came before was read. */
export class NotCsv extends Error {
  constructor(readonly line: number) {
    super(`line ${line} cannot be read as CSV`);
    this.name = 'NotCsv';
  }
}

const NUMBER_COLUMNS = ['number', 'phone', 'phone_number', 'to', 'contact_number'];
const LONGEST_LINE = 10_000;
const LONGEST_NOTE = 200;

/** One number a line, as it comes; nothing of the file is held. A header line is known by its name for the numbers. */
export async function* readNumbersCsv(source: Readable): AsyncGenerator<NumberLine> {
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    info: true,
    max_record_size: LONGEST_LINE,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let columns: { readonly number: number; readonly note: number } | null = null;
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (columns === null) {
        const names = cells.map((cell) => cell.toLowerCase());
        const number = names.findIndex((name) => NUMBER_COLUMNS.includes(name));
        columns = { number: Math.max(number, 0), note: names.indexOf('note') };
        if (number >= 0) continue;
      }
      yield readLine(cells[columns.number] ?? '', cells[columns.note] ?? '', info.lines);
    }
  } catch (error) {
    if (error instanceof CsvError) throw new NotCsv(Number((error as { lines?: unknown }).lines ?? 0));
    throw error;
  }
}

function readLine(cell: string, note: string, line: number): NumberLine {
  const number = unguarded(cell);
  if (/^\+[1-9]\d{6,14}$/.test(number)) {
    const text = unguarded(note).slice(0, LONGEST_NOTE);
    return { ok: true, number: number as E164, note: text === '' ? null : text };
  }
  if (/^\d(\.\d+)?E\+?\d+$/i.test(number)) {
    return { ok: false, line, code: 'number-lost', message: 'A spreadsheet has rounded this number: format the column as text' };
  }
  return { ok: false, line, code: 'not-e164', message: 'Must be E.164: + and 7 to 15 digits' };
}

/** As `harmless` wrote it, or a spreadsheet that was told to keep its hands off. */
function unguarded(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell;
}
