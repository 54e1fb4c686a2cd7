import { readFileSync } from 'node:fs';
import { SCOPE_NAMES, type ApiKeyView } from '@onhook/contracts';
import type { Command } from 'commander';
import type { Context } from './context.js';
import { CommandFailed, EXIT_FAILED, UsageError } from './errors.js';
import { table } from './terminal.js';

interface ImportReport {
  readonly added: number;
  readonly alreadyListed: number;
  readonly failed: number;
  readonly failures: readonly { readonly line: number; readonly message: string }[];
}

export function addSettingsCommands(program: Command, context: Context): void {
  const { terminal } = context;
  const json = (value: unknown): void => terminal.out(JSON.stringify(value, null, 2));

  const keys = program.command('keys').description('API keys: list, create, rotate, revoke.');
  keys
    .command('list')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', '\nExamples:\n  onhook keys list\n  onhook keys list --json')
    .action(async (options: { json?: boolean }) => {
      const page = await context.api().get<{ data: ApiKeyView[] }>('/v1/api-keys');
      if (options.json) return json(page);
      const rows = page.data.map((key) => [
        key.id,
        key.name,
        key.scopes.join(','),
        key.expiresAt ?? 'never',
        key.lastUsedAt ?? 'never',
      ]);
      table([['key', 'name', 'scopes', 'expires', 'last used'], ...rows]).forEach((line) => terminal.out(line));
    });
  keys
    .command('create')
    .argument('<name>', 'what for')
    .requiredOption('--scopes <scopes>', `some of ${SCOPE_NAMES.join(',')}`)
    .option('--expires <time>', 'ISO 8601')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook keys create "nightly reminders" --scopes calls:read,calls:write\n  onhook keys create ci --scopes calls:read --expires 2027-01-01T00:00:00Z',
    )
    .action(async (name: string, options: { scopes: string; expires?: string; json?: boolean }) => {
      const scopes = options.scopes.split(',').map((scope) => scope.trim());
      const unknown = scopes.filter((scope) => !SCOPE_NAMES.some((known) => known === scope));
      if (unknown.length > 0)
        throw new UsageError(`There is no scope ${unknown.join(', ')}. There are ${SCOPE_NAMES.join(', ')}.`);
      const key = await context.api().post<ApiKeyView & { key: string }>('/v1/api-keys', {
        name,
        scopes,
        ...(options.expires && { expiresAt: options.expires }),
      });
      if (options.json) return json(key);
      terminal.out(key.key);
      terminal.err('Shown this once: it is kept nowhere.');
    });
  keys
    .command('rotate')
    .argument('<key>', 'its id')
    .option('--overlap <seconds>', 'for so long the secret before still opens', '86400')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook keys rotate key_01kaq3v4e8f0zr2m5t7w9y1b3d\n  onhook keys rotate key_01kaq3v4e8f0zr2m5t7w9y1b3d --overlap 0',
    )
    .action(async (id: string, options: { overlap: string; json?: boolean }) => {
      const key = await context.api().post<ApiKeyView & { key: string }>(`/v1/api-keys/${encodeURIComponent(id)}/rotate`, {
        overlapSeconds: Number(options.overlap),
      });
      if (options.json) json(key);
      else terminal.out(key.key);
    });
  keys
    .command('revoke')
    .argument('<key>', 'its id')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook keys revoke key_01kaq3v4e8f0zr2m5t7w9y1b3d\n  onhook keys list --json | jq -r .data[].id | xargs -n1 onhook keys revoke',
    )
    .action(async (id: string) => {
      await context.api().delete(`/v1/api-keys/${encodeURIComponent(id)}`);
      terminal.err('Revoked.');
    });

  const dnc = program.command('dnc').description('The do-not-call list: add, check, remove, import, export.');
  dnc
    .command('add')
    .argument('<number...>', 'in E.164')
    .option('--note <text>', 'why')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook dnc add +14155552671 --note "asked for it"\n  onhook dnc add +14155552671 +14155552672',
    )
    .action(async (numbers: string[], options: { note?: string; json?: boolean }) => {
      const answer = await context.api().post<{ added: number; alreadyListed: number }>('/v1/do-not-call', {
        numbers,
        ...(options.note && { note: options.note }),
      });
      if (options.json) json(answer);
      else terminal.out(`${answer.added} added, ${answer.alreadyListed} were on the list.`);
    });
  dnc
    .command('check')
    .argument('<number>', 'in E.164')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExit code 1 if it is on the list.\n\nExamples:\n  onhook dnc check +14155552671\n  onhook dnc check +14155552671 --json',
    )
    .action(async (number: string, options: { json?: boolean }) => {
      const answer = await context
        .api()
        .get<{ listed: boolean; since: string | null }>(`/v1/do-not-call/${encodeURIComponent(number)}`);
      if (options.json) json(answer);
      else terminal.out(answer.listed ? `On the list since ${answer.since}.` : 'Not on the list.');
      if (answer.listed) context.exit(EXIT_FAILED);
    });
  dnc
    .command('remove')
    .argument('<number>', 'in E.164')
    .addHelpText('after', '\nExamples:\n  onhook dnc remove +14155552671\n  onhook dnc remove 14155552671')
    .action(async (number: string) => {
      await context.api().delete(`/v1/do-not-call/${encodeURIComponent(number)}`);
      terminal.err('Removed.');
    });
  dnc
    .command('import')
    .argument('<file.csv>', 'a column "number", and if you like "note"')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExit code 1 if a line could not be read.\n\nExamples:\n  onhook dnc import blocked.csv\n  onhook dnc import blocked.csv --json',
    )
    .action(async (file: string, options: { json?: boolean }) => {
      const report = await context.api().send<ImportReport>('POST', '/v1/do-not-call/import', 'text/csv', readFile(file));
      if (options.json) json(report);
      else {
        terminal.out(
          `${report.added} added, ${report.alreadyListed} were on the list, ${report.failed} lines could not be read.`,
        );
        for (const { line, message } of report.failures) terminal.err(`  line ${line}: ${message}`);
      }
      if (report.failed > 0) context.exit(EXIT_FAILED);
    });
  dnc
    .command('export')
    .addHelpText('after', '\nExamples:\n  onhook dnc export > do-not-call.csv\n  onhook dnc export | wc -l')
    .action(async () => terminal.out((await context.api().text('/v1/do-not-call/export', 'text/csv')).trimEnd()));
}

function readFile(file: string): Buffer<ArrayBuffer> {
  try {
    return Buffer.from(readFileSync(file));
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
  }
}
