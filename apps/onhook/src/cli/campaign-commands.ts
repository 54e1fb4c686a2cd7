import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import type { Schemas } from './api.js';
import { addCampaignImport } from './campaign-import.js';
import { campaignLine, campaignTable, describeCampaign, ledgerLines } from './campaign-lines.js';
import { addSettingsTo, settingsOf, type SettingsOptions } from './campaign-settings.js';
import { addCampaignStatus } from './campaign-status.js';
import type { Context } from './context.js';
import { CommandFailed, EXIT_FAILED } from './errors.js';

type Campaign = Schemas['Campaign'];
interface Json {
  readonly json?: boolean;
}

const AN_ID = 'camp_01kaq3v4e8f0zr2m5t7w9y1b3d';
const ORDERS = [
  ['start', 'Start it: a draft, or one that was completed and has got more contacts.'],
  ['pause', 'Dial nobody more; live calls go on.'],
  ['resume', 'Go on where it was paused.'],
  ['cancel', 'End it for ever: who waits is canceled; live calls go on.'],
  ['retry-failed', 'Take up again who was not reached, or was lost by a fault.'],
] as const;

const pathOf = (id: string, rest = ''): string => `/v1/campaigns/${encodeURIComponent(id)}${rest}`;
const examples = (one: string, other: string): string => `\nExamples:\n  onhook campaign ${one}\n  onhook campaign ${other}`;

export function addCampaignCommands(program: Command, context: Context): void {
  const { terminal } = context;
  const campaign = program.command('campaign').description('Many contacts, one agent, each called within their own hours.');
  const show = (value: unknown, { json }: Json, lines: () => readonly string[]): void => {
    if (json) terminal.out(JSON.stringify(value, null, 2));
    else lines().forEach((line) => terminal.out(line));
  };

  addSettingsTo(
    campaign.command('create').description('Make a draft without contacts.').requiredOption('--name <text>', 'what for'),
  )
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      examples(
        'create --name "March reminders" --agent reminder --cps 1 --time-zone America/New_York',
        'create --name "March reminders" --agent reminder --settings retry-twice.json --json',
      ),
    )
    .action(async (options: SettingsOptions & Json & { name: string }) => {
      const made = await context.api().post<Campaign>('/v1/campaigns', { ...settingsOf(options), name: options.name });
      show(made, options, () => [campaignLine(made, terminal)]);
    });

  campaign
    .command('list')
    .description('List campaigns, newest first.')
    .option('--limit <n>', 'how many at most', '20')
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', examples('list', 'list --json | jq -r \'.data[] | select(.status == "running").id\''))
    .action(async ({ limit, cursor, ...options }: Json & { limit: string; cursor?: string }) => {
      const page = await context.api().get<{ data: Campaign[]; nextCursor: string | null }>('/v1/campaigns', { limit, cursor });
      if (page.data.length === 0 && !options.json) return terminal.err('No campaigns.');
      show(page, options, () => campaignTable(page.data, terminal));
      if (page.nextCursor !== null && !options.json) terminal.err(`More: onhook campaign list --cursor ${page.nextCursor}`);
    });

  campaign
    .command('show')
    .description('One campaign: its settings and its ledger.')
    .argument('<campaign>', 'its id')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', examples(`show ${AN_ID}`, `show ${AN_ID} --json`))
    .action(async (id: string, options: Json) => {
      const seen = await context.api().get<Campaign>(pathOf(id));
      show(seen, options, () => describeCampaign(seen, terminal));
    });

  for (const [verb, description] of ORDERS) {
    campaign
      .command(verb)
      .description(description)
      .argument('<campaign>', 'its id')
      .option('--json', 'JSON on standard output')
      .addHelpText('after', examples(`${verb} ${AN_ID}`, `${verb} ${AN_ID} --json`))
      .action(async (id: string, options: Json) => {
        // Of a million contacts some take their time.
        const now = await context.api().post<Campaign>(pathOf(id, `/${verb}`), {}, { signal: context.signal });
        show(now, options, () => [campaignLine(now, terminal)]);
      });
  }

  campaign
    .command('duplicate')
    .description('A new draft with the same settings, without contacts.')
    .argument('<campaign>', 'its id')
    .option('--name <text>', 'of the new one')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', examples(`duplicate ${AN_ID}`, `duplicate ${AN_ID} --name "April reminders"`))
    .action(async (id: string, { name, ...options }: Json & { name?: string }) => {
      const made = await context.api().post<Campaign>(pathOf(id, '/duplicate'), name === undefined ? {} : { name });
      show(made, options, () => [campaignLine(made, terminal)]);
    });

  campaign
    .command('ledger')
    .description('Each contact in exactly one state, and the sum. Exit code 1 if it is not right.')
    .argument('<campaign>', 'its id')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', examples(`ledger ${AN_ID}`, `ledger ${AN_ID} --json`))
    .action(async (id: string, options: Json) => {
      const ledger = await context.api().get<Schemas['Ledger']>(pathOf(id, '/ledger'));
      show(ledger, options, () => ledgerLines(ledger, terminal));
      if (!ledger.balanced) context.exit(EXIT_FAILED);
    });

  addCampaignImport(campaign, context);
  addCampaignStatus(campaign, context);

  campaign
    .command('export')
    .description('Every contact and what became of it, as CSV.')
    .argument('<campaign>', 'its id')
    .option('--output <file>', 'into this file instead of standard output')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      examples(`export ${AN_ID} --output results.csv`, `export ${AN_ID} --json | jq -r .reason | sort | uniq -c`),
    )
    .action(async (id: string, { output, json }: Json & { output?: string }) => {
      const accept = json ? 'application/x-ndjson' : 'text/csv';
      await write(pathOf(id, '/contacts'), accept, output);
    });

  campaign
    .command('failures')
    .description('The rows of an import that could not be used, as CSV. Kept for a week.')
    .argument('<campaign>', 'its id')
    .argument('<import>', 'the id that the import told')
    .option('--output <file>', 'into this file instead of standard output')
    .option('--json', 'one JSON array')
    .addHelpText(
      'after',
      examples(
        `failures ${AN_ID} imp_0123456789abcdef0123456789abcdef`,
        `failures ${AN_ID} imp_0123456789abcdef0123456789abcdef --output bad.csv`,
      ),
    )
    .action(async (id: string, importId: string, { output, json }: Json & { output?: string }) => {
      const path = pathOf(id, `/imports/${encodeURIComponent(importId)}/failures`);
      if (!json) return write(path, 'text/csv', output);
      const rows = parse(await context.api().text(path, 'text/csv'), { columns: true }) as unknown;
      terminal.out(JSON.stringify(rows, null, 2));
    });

  campaign
    .command('template')
    .description('A CSV file to fill in: the columns that this campaign’s agent needs.')
    .argument('<campaign>', 'its id')
    .option('--json', 'the columns and the example as JSON')
    .addHelpText('after', examples(`template ${AN_ID} > contacts.csv`, `template ${AN_ID} --json | jq -r .columns[]`))
    .action(async (id: string, { json }: Json) => {
      if (!json) return write(pathOf(id, '/template'), 'text/csv', undefined);
      const csv = await context.api().text(pathOf(id, '/template'), 'text/csv');
      const [columns = [], example = []] = parse(csv) as string[][];
      terminal.out(JSON.stringify({ columns, example }, null, 2));
    });

  /** As it comes: a million contacts are never held. */
  async function write(path: string, accept: string, output: string | undefined): Promise<void> {
    const chunks = context.api().read(path, accept, context.signal);
    if (output === undefined) {
      for await (const chunk of chunks) await terminal.write(chunk);
      return;
    }
    // A refusal must not empty a file that is there.
    const rest = chunks[Symbol.asyncIterator]();
    const first = await rest.next();
    const all = async function* (): AsyncGenerator<Uint8Array> {
      if (!first.done) yield first.value;
      yield* { [Symbol.asyncIterator]: () => rest };
    };
    try {
      await pipeline(all, createWriteStream(output));
    } catch (error) {
      if (error instanceof CommandFailed) throw error;
      throw new CommandFailed(`${output} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
    }
  }
}
