import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from './house.js';

/** However busy the machine is. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000 });

const root = path.resolve(import.meta.dirname, '..');

interface Message {
  readonly type: string;
  readonly sequence: number;
  readonly data: { readonly id: string; readonly state: string; readonly cause: string | null };
}

let house: TestHouse;
let receiver: Server;
let url: string;
let secret = '';
const received: { readonly id: string; readonly message: Message }[] = [];

/** By the official verifier: what it refuses is not received. */
async function startReceiver(): Promise<void> {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
    request.on('end', () => {
      const message = new Webhook(secret).verify(body, request.headers as Record<string, string>) as Message;
      received.push({ id: String(request.headers['webhook-id']), message });
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
}

async function addEndpoint(body: Record<string, unknown>): Promise<{ id: string; secret: string }> {
  const response = await house.api('/v1/webhook-endpoints', { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string; secret: string };
}

beforeAll(async () => {
  house = await openTestHouse();
  await startReceiver();
  ({ secret } = await addEndpoint({ url, types: ['call.*'] }));
});
afterAll(async () => {
  await house.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const toldOf = (id: string): Message[] => received.map(({ message }) => message).filter(({ data }) => data.id === id);

/** Live events of all calls, as a terminal would show them. */
async function listen(): Promise<{ types: string[]; close(): void }> {
  const aborter = new AbortController();
  const response = await house.api('/v1/events', { signal: aborter.signal });
  const types: string[] = [];
  void (async () => {
    try {
      let text = '';
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString('utf8');
        types.splice(0, types.length, ...[...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]!));
      }
    } catch {
      // Closed by the test.
    }
  })();
  return { types, close: () => aborter.abort() };
}

describe('a webhook endpoint', () => {
  it('is told of a conversation from beginning to end, in order, each event once, and so is who watches', async () => {
    const watching = await listen();
    const { id } = await house.placeCall({ to: '+14155552671', agentId: 'short' });
    await house.until(id, ['ended']);
    const wanted = ['call.created', 'call.dialing', 'call.ringing', 'call.answered', 'call.attempt_ended', 'call.ended'];
    await eventually(() => toldOf(id).map(({ type }) => type)).toEqual(expect.arrayContaining(wanted));
    const told = toldOf(id);
    expect(told.map(({ type }) => type).filter((type) => type !== 'call.recording_ready')).toEqual(wanted);
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map(({ sequence }) => sequence).toSorted((a, b) => a - b));
    expect(new Set(received.map((one) => one.id)).size).toBe(received.length);
    expect(told.at(-1)?.data).toMatchObject({ state: 'ended', cause: 'agent-ended-call' });
    await eventually(() => watching.types).toEqual(expect.arrayContaining(wanted));
    watching.close();
  });

  it('is told of the end of a call that reached nobody', async () => {
    // The simulator's own number for it.
    const { id } = await house.placeCall({ to: '+14155550103', agentId: 'short' });
    await eventually(() => toldOf(id).at(-1)).toMatchObject({ type: 'call.ended', data: { cause: 'busy' } });
    expect(toldOf(id).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['call.created', 'call.dialing', 'call.attempt_ended']),
    );
  });

  it('is told of the end of a call that was never dialed', async () => {
    const canceled = await house.placeCall({
      to: '+14155552673',
      agentId: 'short',
      schedule: { earliestAt: new Date(Date.now() + 3_600_000).toISOString() },
    });
    const ended = await house.api(`/v1/calls/${canceled.id}/end`, { method: 'POST', body: '{}' });
    expect(ended.status).toBe(202);
    await eventually(() => toldOf(canceled.id).map(({ type }) => type)).toEqual(['call.created', 'call.ended']);
    expect(toldOf(canceled.id).at(-1)?.data.cause).toBe('canceled');
  });

  it('may be the receiver of the documentation, word for word', async () => {
    const page = readFileSync(path.join(root, 'docs/webhooks.md'), 'utf8');
    const program = /```js\n([\s\S]*?)```/.exec(page)![1]!;
    const port = await freePort({ taken: new Set() });
    const endpoint = await addEndpoint({ url: `http://127.0.0.1:${port}/` });
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: path.join(root, 'apps/api'),
      env: { PATH: process.env['PATH'], PORT: String(port), WEBHOOK_SECRET: endpoint.secret },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      let output = '';
      child.stdout!.on('data', (piece: Buffer) => (output += piece.toString('utf8')));
      await eventually(() => output).toContain('listening');
      const tested = await house.api(`/v1/webhook-endpoints/${endpoint.id}/test`, { method: 'POST' });
      expect(await tested.json()).toMatchObject({ delivered: true, result: 204 });
      const { id } = await house.placeCall({
        to: '+14155552674',
        agentId: 'short',
        schedule: { earliestAt: new Date(Date.now() + 3_600_000).toISOString() },
      });
      await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
      await eventually(() => output).toMatch(new RegExp(`call.created ${id}[\\s\\S]*call.ended ${id} canceled`));
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});
