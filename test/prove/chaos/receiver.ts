import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@onhook/service';
import { Webhook } from 'standardwebhooks';
import type { WebhookLine } from '../evidence.js';
import type { Dice } from './seeded.js';

/** The user's own endpoint: verifies what comes with the official verifier, and is away now and then. */
export interface Receiver {
  /** Calls whose end it was told of, with a good signature, and answered 2xx. */
  readonly told: ReadonlySet<string>;
  close(): Promise<void>;
}

/** So often the first try of a message meets an answer of 503. */
const AWAY_SHARE = 0.04;

export async function openReceiver({
  apiUrl,
  apiKey,
  dice,
  write,
}: {
  apiUrl: string;
  apiKey: string;
  dice: Dice;
  write: (line: WebhookLine) => void;
}): Promise<Receiver> {
  const told = new Set<string>();
  const tried = new Set<string>();
  let webhook: Webhook | null = null;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const id = String(request.headers['webhook-id'] ?? '');
      const signed = verified(webhook, body, request.headers as Record<string, string>);
      const message = (signed ? JSON.parse(body) : {}) as { type?: string; data?: { id?: string } };
      const isFirst = !tried.has(id);
      tried.add(id);
      const answered = !signed ? 400 : isFirst && dice.fraction() < AWAY_SHARE ? 503 : 204;
      const callId = message.data?.id ?? null;
      write({ at: systemClock.now(), id, type: message.type ?? 'unknown', callId, signed, answered });
      if (answered === 204 && message.type === 'call.ended' && callId !== null) told.add(callId);
      response.writeHead(answered).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  const response = await fetch(`${apiUrl}/v1/webhook-endpoints`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ url, types: ['call.*'] }),
  });
  if (response.status !== 201) {
    await close();
    throw new Error(`the webhook endpoint was answered ${response.status}: ${await response.text()}`);
  }
  webhook = new Webhook(((await response.json()) as { secret: string }).secret);
  return { told, close };
}

function verified(webhook: Webhook | null, body: string, headers: Record<string, string>): boolean {
  try {
    webhook?.verify(body, headers);
    return webhook !== null;
  } catch {
    return false; // what it is, the log says
  }
}
