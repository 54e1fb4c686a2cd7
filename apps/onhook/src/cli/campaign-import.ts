import { createReadStream, statSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import type { Api, Schemas } from './api.js';
import { bar, number } from './campaign-lines.js';
import { addSettingsTo, SETTING_NAMES, settingsOf, type SettingsOptions } from './campaign-settings.js';
import type { Context } from './context.js';
import { CommandFailed, EXIT_FAILED } from './errors.js';
import { duration, plain, table } from './terminal.js';

type Campaign = Schemas['Campaign'];
type ImportReport = Schemas['ImportReport'];

interface ImportOptions extends SettingsOptions {
  readonly name?: string;
  readonly campaign?: string;
  readonly columns?: string;
  readonly country?: string;
  readonly dryRun?: boolean;
  readonly start?: boolean;
  readonly json?: boolean;
}

const DRAW_EVERY_MS = 100;
const READ_AT_ONCE_BYTES = 256 * 1_024;
const SHOWN_FAILURES = 20;
const LONGEST_VALUE = 40;
const BYTES_PER_MB = 1_000_000;

/** `onhook campaign import`: a new campaign (or one that is there) and its contacts, of a file of any size. */
export function addCampaignImport(campaign: Command, context: Context): void {
  const { terminal } = context;
  const command = campaign
    .command('import')
    .description('Make a campaign of a file of contacts; with --campaign: add them to one that is there.')
    .argument('<contacts>', 'CSV with a header line, or .ndjson with a contact a line')
    .option('--name <text>', 'of the campaign; without it the name of the file')
    .addOption(new Option('--campaign <id>', 'add to this one').conflicts([...SETTING_NAMES, 'name']))
    .option('--columns <pairs>', 'what columns are, where their names do not say: Rufnummer:to,Kunde:name')
    .option('--country <code>', 'numbers without a plus are read as people there write them: US');
  addSettingsTo(command)
    .option('--dry-run', 'judge every row, keep nothing')
    .addOption(new Option('--start', 'start it once the whole file is in').conflicts('dryRun'))
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExit code 1 if a row could not be used; the others are in, and --start starts with them. Safe to repeat with --campaign: who is there is left out.' +
        '\n\nExamples:\n  onhook campaign import contacts.csv --agent reminder --window "mon-fri 09:00-17:00" --start\n  onhook campaign import contacts.csv --agent reminder --dry-run --json',
    )
    .action(async (file: string, options: ImportOptions) => {
      const size = sizeOf(file);
      const api = context.api();
      const made = options.campaign === undefined ? await create(api, file, options) : undefined;
      const id = options.campaign ?? made!.id;
      const isKept = made === undefined || !options.dryRun;
      let report: ImportReport;
      try {
        report = await upload(api, { file, size, id, options });
      } catch (error) {
        if (isKept && error instanceof CommandFailed)
          terminal.err(`What was sent before is kept. The same again: onhook campaign import ${file} --campaign ${id}`);
        throw error;
      } finally {
        terminal.redraw([]);
        if (!isKept) await api.delete(`/v1/campaigns/${id}`);
      }
      const isStarted = options.start === true && report.stopped === null && report.accepted + report.duplicates > 0;
      if (isStarted) await api.post<Campaign>(`/v1/campaigns/${encodeURIComponent(id)}/start`, {});
      if (options.json) terminal.out(JSON.stringify({ campaignId: isKept ? id : null, started: isStarted, ...report }, null, 2));
      else tell(report, { id: isKept ? id : null, isStarted });
      if (report.failed > 0 || report.stopped !== null || (options.start && !isStarted)) context.exit(EXIT_FAILED);
    });

  const create = (api: Api, file: string, options: ImportOptions): Promise<Campaign> =>
    api.post<Campaign>('/v1/campaigns', { ...settingsOf(options), name: options.name ?? path.parse(file).name });

  async function upload(
    api: Api,
    from: { file: string; size: number | null; id: string; options: ImportOptions },
  ): Promise<ImportReport> {
    const { file, size, id, options } = from;
    const broken: { error?: unknown } = {};
    const body = ReadableStream.from(read(file, size, broken));
    const type = /\.(ndjson|jsonl)$/i.test(file) ? 'application/x-ndjson' : 'text/csv';
    const query = { dryRun: options.dryRun, columns: options.columns, defaultCountry: options.country };
    try {
      return await api.send<ImportReport>('POST', `/v1/campaigns/${encodeURIComponent(id)}/contacts`, type, body, {
        query,
        signal: context.signal,
      });
    } catch (error) {
      throw broken.error === undefined ? error : unreadable(file, broken.error);
    }
  }

  /** No faster than the api takes it, which judges each row as it comes: what was read is what is done. */
  async function* read(file: string, size: number | null, broken: { error?: unknown }): AsyncGenerator<Uint8Array> {
    const startedAt = context.clock.now();
    let drawnAt = -Infinity;
    let bytes = 0;
    try {
      for await (const chunk of createReadStream(file, { highWaterMark: READ_AT_ONCE_BYTES }) as AsyncIterable<Buffer>) {
        yield chunk;
        bytes += chunk.length;
        const now = context.clock.now();
        if (now - drawnAt < DRAW_EVERY_MS) continue;
        drawnAt = now;
        terminal.redraw([progressLine(bytes, size, now - startedAt)]);
      }
      terminal.redraw(['All is sent; the last rows are being judged.']);
    } catch (error) {
      broken.error = error;
      throw error;
    }
  }

  function tell(report: ImportReport, { id, isStarted }: { id: string | null; isStarted: boolean }): void {
    const { failures, failed, stopped } = report;
    const would = report.dryRun ? ' would be' : '';
    terminal.out(
      `${id === null ? '' : `${id}  `}${number(report.accepted)}${would} accepted, ${number(report.duplicates)} were there, ${number(failed)} rows cannot be used; ${megabytes(report.memoryBytes)} of Redis.`,
    );
    if (report.timeZoneUnknown > 0)
      terminal.err(
        `${number(report.timeZoneUnknown)} are skipped: nobody knows their time zone. Say --time-zone, or give them a column timezone.`,
      );
    if (report.windowNeverOpens > 0)
      terminal.err(
        `${number(report.windowNeverOpens)} may be in time zones whose windows never open together: give them a column timezone.`,
      );
    const shown = failures
      .slice(0, SHOWN_FAILURES)
      .map((one) => [String(one.line), one.column, cut(one.value), `${one.message} (${one.code})`].map(plain));
    if (shown.length > 0) table([['line', 'column', 'value', 'why'], ...shown]).forEach((line) => terminal.err(line));
    if (failed > shown.length) {
      const more = report.failuresUrl === null || id === null ? '' : `: onhook campaign failures ${id} ${report.importId}`;
      terminal.err(`… and ${number(failed - shown.length)} more${more}`);
    }
    if (stopped) terminal.err(`The file was not read beyond line ${stopped.line}: ${plain(stopped.message)} (${stopped.code})`);
    if (isStarted) terminal.err(`Started. See: onhook campaign status ${id} --watch`);
    else if (id !== null) terminal.err(`Start it: onhook campaign start ${id}`);
  }
}

/** Null: it is no plain file, nobody knows how long it is. */
function sizeOf(file: string): number | null {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return stat.isFile() ? stat.size : null;
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): CommandFailed =>
  new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);

const megabytes = (bytes: number): string => `${(bytes / BYTES_PER_MB).toFixed(1)} MB`;
const cut = (text: string): string => (text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text);

export function progressLine(bytes: number, size: number | null, tookMs: number): string {
  const pace = tookMs === 0 ? 0 : bytes / tookMs;
  const speed = `${((pace * 1_000) / BYTES_PER_MB).toFixed(1)} MB/s`;
  if (size === null) return `${megabytes(bytes)} sent, ${speed}`;
  const left = pace === 0 ? '' : `, ${duration(Math.max(0, size - bytes) / pace)} left`;
  return `${bar(bytes, size)}  ${megabytes(bytes)} of ${megabytes(size)}, ${speed}${left}`;
}
