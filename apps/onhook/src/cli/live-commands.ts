import type { CallView } from '@onhook/contracts';
import type { Command } from 'commander';
import { Webhook } from 'standardwebhooks';
import { callLine } from './call-lines.js';
import type { Context } from './context.js';
import { CommandFailed } from './errors.js';

interface CallMessage {
  readonly type: string;
  readonly timestamp: string;
  readonly data: CallView;
}

const isCallMessage = (data: unknown): data is CallMessage =>
  typeof data === 'object' && data !== null && 'timestamp' in data && 'data' in data;
const FORWARD_WITHIN_MS = 15_000;

export function addLiveCommands(program: Command, context: Context): void {
  const { terminal } = context;

  program
    .command('tail')
    .description('Follow what happens to all calls, a line each, until Ctrl-C.')
    .option('--types <types>', 'call.ended, call.*; several with commas')
    .option('--call <id>', 'one call only')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExamples:\n  onhook tail --types call.ended\n  onhook tail --json')
    .action(async ({ types, call, json }: { types?: string; call?: string; json?: boolean }) => {
      const path = call === undefined ? '/v1/events' : `/v1/calls/${encodeURIComponent(call)}/events`;
      for await (const event of context.api().follow(path, call === undefined ? { types } : {}, context.signal)) {
        if (json) terminal.out(JSON.stringify({ id: event.id, type: event.type, ...(event.data as object) }));
        else if (event.type === 'reset') terminal.err('Some events are gone: more happened than was kept.');
        else if (isCallMessage(event.data))
          terminal.out(`${event.data.timestamp.slice(11, 23)}  ${event.type.padEnd(20)} ${callLine(event.data.data, terminal)}`);
      }
    });

  program
    .command('listen')
    .description('Have the webhooks of all calls sent to a program on this machine, signed as in production.')
    .requiredOption('--forward <url>', 'where to: http://localhost:4000/hook')
    .option('--types <types>', 'call.ended, call.*; several with commas', 'call.*')
    .option('--secret <secret>', 'whsec_…; without it one is made, and printed')
    .addHelpText(
      'after',
      '\nExamples:\n  onhook listen --forward http://localhost:4000/hook\n  onhook listen --forward http://localhost:4000/hook --types call.ended',
    )
    .action(async ({ forward, types, secret: given }: { forward: string; types: string; secret?: string }) => {
      const secret = given ?? `whsec_${Buffer.from(context.chance.bytes(24)).toString('base64')}`;
      const webhook = readSecret(secret);
      if (given === undefined) terminal.err(`The secret of this session: ${secret}`);
      terminal.err(`Forwarding to ${forward} until Ctrl-C.`);
      for await (const event of context.api().follow('/v1/events', { types }, context.signal)) {
        if (!isCallMessage(event.data)) continue;
        const body = JSON.stringify(event.data);
        const id = `evt_${event.id ?? context.chance.uuid()}`;
        const at = new Date(context.clock.now());
        const headers = {
          'Content-Type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': webhook.sign(id, at, body),
        };
        const status = await deliver(forward, body, headers, context.fetch);
        terminal.out(`${event.type.padEnd(20)} ${event.data.data.id}  ${status}`);
      }
    });
}

function readSecret(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new CommandFailed('The secret must be whsec_ and base64.');
  }
}

async function deliver(url: string, body: string, headers: Record<string, string>, request: typeof fetch): Promise<string> {
  try {
    const response = await request(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(FORWARD_WITHIN_MS),
    });
    return String(response.status);
  } catch (error) {
    return `not delivered (${(error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name})`;
  }
}
