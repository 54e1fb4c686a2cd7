import { CsvError, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { readHeader, variableName, type ContactColumns } from './contact-columns.js';
import type { ContactGiven } from './read-contact.js';

/** One contact as it stands in the file. `null`: the line is none. */
export interface ContactRow {
  readonly line: number;
  readonly given: ContactGiven | null;
}

/** The file as a whole cannot be read; what came before was. */
export class UnreadableFile extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly line: number,
  ) {
    super(message);
    this.name = 'UnreadableFile';
  }
}

const LONGEST_LINE = 64 * 1024;
const MOST_COLUMNS = 100;

/** CSV with a header line, of any size; nothing of it is held. Comma, semicolon or tab, whichever the header has. */
export async function* readContactCsv(
  source: AsyncIterable<Buffer>,
  mapping: ReadonlyMap<string, string>,
): AsyncGenerator<ContactRow> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) throw new UnreadableFile('empty-file', 'The file is empty', 1);
  const delimiter = delimiterOf(first.value);
  const parser = Readable.from(rest(first.value, chunks), { objectMode: false }).pipe(
    parse({
      bom: true,
      trim: true,
      delimiter,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: LONGEST_LINE,
      info: true,
    }),
  );
  let columns: ContactColumns | null = null;
  try {
    for await (const { record: cells, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (columns) yield { line: info.lines, given: cells.length > MOST_COLUMNS ? null : fromCells(cells, columns) };
      else columns = columnsOf(cells, mapping);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableFile('not-csv', 'This line is no CSV', Number((error as { lines?: unknown }).lines ?? 0));
  } finally {
    parser.destroy();
  }
}

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (;;) {
    const next = await chunks.next();
    if (next.done) return;
    yield next.value;
  }
}

function columnsOf(cells: string[], mapping: ReadonlyMap<string, string>): ContactColumns {
  const header = readHeader(cells.slice(0, MOST_COLUMNS), mapping);
  if (!header.ok) throw new UnreadableFile(header.code, header.message, 1);
  return header.columns;
}

function delimiterOf(chunk: Buffer): string {
  const [header = ''] = chunk.toString('utf8', 0, 8_192).split(/\r?\n/, 1);
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function fromCells(cells: readonly string[], { to, name, externalId, timeZone, variables: named }: ContactColumns): ContactGiven {
  const variables: Record<string, string> = {};
  for (const column of named) {
    const value = cells[column.at];
    if (value) variables[column.name] = value;
  }
  return {
    to: cells[to] ?? '',
    name: cells[name] ?? '',
    externalId: cells[externalId] ?? '',
    timeZone: cells[timeZone] ?? '',
    variables,
  };
}

/** One JSON object a line. */
export async function* readContactNdjson(source: AsyncIterable<Buffer>): AsyncGenerator<ContactRow> {
  const decoder = new TextDecoder('utf-8');
  let line = 0;
  let kept = '';
  for await (const chunk of source) {
    const lines = (kept + decoder.decode(chunk, { stream: true })).split('\n');
    kept = lines.pop() ?? '';
    if (kept.length > LONGEST_LINE) throw new UnreadableFile('not-ndjson', 'This line is too long', line + 1);
    for (const text of lines) {
      line += 1;
      if (text.trim() !== '') yield { line, given: fromText(text) };
    }
  }
  kept += decoder.decode();
  if (kept.trim() !== '') yield { line: line + 1, given: fromText(kept) };
}

function fromText(text: string): ContactGiven | null {
  try {
    return fromObject(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The fields of a contact as JSON has them. */
const FIELDS = ['to', 'name', 'externalId', 'timeZone'] as const;

/** Null: not a contact at all. What is in it is judged later. */
export function fromObject(value: unknown): ContactGiven | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const given = value as Readonly<Record<string, unknown>>;
  const text: Record<(typeof FIELDS)[number], string> = { to: '', name: '', externalId: '', timeZone: '' };
  for (const field of FIELDS) {
    const part = given[field] ?? '';
    if (typeof part !== 'string') return null;
    text[field] = part.trim();
  }
  const { variables = {} } = given;
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return null;
  const read: Record<string, string | number | boolean> = {};
  for (const [key, part] of Object.entries(variables)) {
    if (part === null || part === '') continue;
    if (typeof part !== 'string' && typeof part !== 'number' && typeof part !== 'boolean') return null;
    if (variableName(key) !== key) return null;
    read[key] = part;
  }
  return Object.keys(read).length > MOST_COLUMNS ? null : { ...text, variables: read };
}
