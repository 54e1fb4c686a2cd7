import type { CallView, TranscriptView } from '@onhook/contracts';
import type { Command } from 'commander';
import type { Api } from './api.js';
import { CommandFailed, EXIT_FAILED, EXIT_OK, UsageError } from './errors.js';
import { callLine, describeCall, outcomeOf } from './call-lines.js';
import type { Context } from './context.js';
import { table } from './terminal.js';
import { watchCall } from './watch-call.js';

const pairs = (text: string, before: Record<string, string> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`"${text}" is not name=value.`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

interface CallOptions {
  readonly agent?: string;
  readonly from?: string;
  readonly var?: Record<string, string>;
  readonly meta?: Record<string, string>;
  readonly at?: string;
  readonly until?: string;
  readonly key?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addCallCommands(program: Command, context: Context): void {
  const { terminal } = context;
  const json = (value: unknown): void => terminal.out(JSON.stringify(value, null, 2));

  program
    .command('call')
    .description('Call somebody. With --watch: shows the conversation, and exit code 0 only if it was one.')
    .argument('<number>', 'whom to call, in E.164: +14155552671')
    .option('--agent <id>', 'the agent; may be left out if there is one')
    .option('--from <number>', 'one of the configured numbers')
    .option('--var <name=value>', 'fills {{name}} in the agent’s texts; may be repeated', pairs)
    .option('--meta <name=value>', 'yours: stored and returned; may be repeated', pairs)
    .option('--at <time>', 'not before: ISO 8601 like 2026-12-01T09:00:00-08:00')
    .option('--until <time>', 'not after')
    .option('--key <text>', 'Idempotency-Key: the same key again is the same call')
    .option('--dry-run', 'check everything, say what would happen, call nobody')
    .option('--watch', 'stay until the call is over')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook call +14155552671 --agent reminder --var name=Ada --watch\n  onhook call +14155552671 --at 2026-12-01T09:00:00Z --key order-8841',
    )
    .action(async (to: string, options: CallOptions) => {
      const api = context.api();
      const body = {
        to,
        ...(options.agent !== undefined && { agentId: options.agent }),
        ...(options.from !== undefined && { from: options.from }),
        ...(options.var && { variables: options.var }),
        ...(options.meta && { metadata: options.meta }),
        ...((options.at ?? options.until) !== undefined && {
          schedule: { ...(options.at && { earliestAt: options.at }), ...(options.until && { latestAt: options.until }) },
        }),
      };
      if (options.dryRun) {
        const plan = await api.post<Record<string, string | number | boolean | null>>('/v1/calls', body, {
          query: { dryRun: true },
        });
        if (options.json) json(plan);
        else
          table(Object.entries(plan).map(([name, value]) => [name, String(value ?? '–')])).forEach((line) => terminal.out(line));
        return;
      }
      const call = await api.post<CallView>('/v1/calls', body, { key: options.key ?? context.chance.uuid() });
      if (!options.watch) {
        if (options.json) json(call);
        else terminal.out(callLine(call, terminal));
        return;
      }
      const ended = await watchCall(call.id, { ...context, api, isSilent: options.json === true });
      if (options.json) json(ended);
      context.exit(ended.causeGroup === 'completed' ? EXIT_OK : EXIT_FAILED);
    });

  program
    .command('calls')
    .description('List calls, newest first.')
    .option('--status <status>', 'scheduled, queued, dialing, ringing, in-progress, forwarding, ended; several with commas')
    .option('--cause <cause>', 'why it ended; several with commas')
    .option('--to <number>', 'to this number')
    .option('--limit <n>', 'how many at most', '20')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', '\nExamples:\n  onhook calls --status ringing,in-progress\n  onhook calls --cause no-answer --json')
    .action(async ({ status, cause, to, limit, json: asJson }: Record<string, string | undefined>) => {
      const page = await context.api().get<{ data: CallView[] }>('/v1/calls', { status, cause, to, limit });
      if (asJson) return json(page);
      if (page.data.length === 0) return terminal.err('No calls.');
      const rows = page.data.map((call) => [
        call.id,
        call.createdAt.slice(0, 19).replace('T', ' '),
        call.to,
        call.agentId,
        outcomeOf(call, terminal),
      ]);
      table([['call', 'created (UTC)', 'to', 'agent', 'how it stands'], ...rows]).forEach((line) => terminal.out(line));
    });

  program
    .command('show')
    .description('Everything about one call: attempts, timeline, transcript.')
    .argument('<call>', 'its id')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook show call_c_01kaq3v4e8f0zr2m5t7w9y1b3d\n  onhook show call_c_01kaq3v4e8f0zr2m5t7w9y1b3d --json',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      const call = await context
        .api()
        .get<CallView & { transcript?: TranscriptView | null }>(`/v1/calls/${encodeURIComponent(id)}`, {
          include: 'timeline,transcript',
        });
      if (options.json) return json(call);
      describeCall(call, terminal).forEach((line) => terminal.out(line));
    });

  program
    .command('end')
    .description('End a call: cancels it before it is dialed, hangs up after.')
    .argument('<call>', 'its id, or "all"')
    .option('--say <words>', 'last words, which the agent says first')
    .option('--yes', 'with "all": you mean it; nothing is dialed afterwards until `onhook dialing on`')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook end call_c_01kaq3v4e8f0zr2m5t7w9y1b3d --say "I have to go now. Goodbye!"\n  onhook end all --yes',
    )
    .action(async (id: string, options: { say?: string; yes?: boolean; json?: boolean }) => {
      const api = context.api();
      const answer = id === 'all' ? await endAll(api, options.yes === true) : await endOne(api, id, options.say);
      if (options.json) json(answer);
      else
        terminal.out(
          id === 'all' ? 'Every live call is being ended, and nothing is dialed.' : callLine(answer as CallView, terminal),
        );
    });

  program
    .command('dialing')
    .description('Switch dialing off and on, for everybody.')
    .argument('[on|off]', 'without it: says which')
    .option('--json', 'JSON on standard output')
    .addHelpText('after', '\nExamples:\n  onhook dialing off\n  onhook dialing on')
    .action(async (what: string | undefined, options: { json?: boolean }) => {
      if (what !== undefined && what !== 'on' && what !== 'off') throw new UsageError('Say on or off.');
      const api = context.api();
      const answer =
        what === undefined
          ? await api.get<{ enabled: boolean }>('/v1/dialing')
          : await api.put<{ enabled: boolean }>('/v1/dialing', { enabled: what === 'on' });
      if (options.json) json(answer);
      else terminal.out(`Dialing is ${answer.enabled ? 'on' : 'off'}.`);
    });
}

const endOne = (api: Api, id: string, message: string | undefined): Promise<CallView> =>
  api.post<CallView>(`/v1/calls/${encodeURIComponent(id)}/end`, message === undefined ? {} : { message });

async function endAll(api: Api, isMeant: boolean): Promise<unknown> {
  if (!isMeant) throw new CommandFailed('This hangs up on everybody. Say --yes if you mean it.');
  return api.post('/v1/end-all', { confirm: 'end-all-calls' });
}
