import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Program } from '@onhook/onhook';
import { systemTimers } from '@onhook/service';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

/** Every step between the commit of a call and the answer of a receiver that was written down. */
const STEPS: readonly [string, string][] = [
  ['the outbox is read, nothing taken', 'outbox.read:after'],
  ['before an entry becomes a delivery', 'outbox.relay:before'],
  ['an entry became a delivery, nobody knows', 'outbox.relay:after'],
  ['a delivery has no job', 'queue.add(webhooks):before'],
  ['a delivery has its job', 'queue.add(webhooks):after'],
  ['a job was taken', 'webhooks.deliver:before'],
  ['a delivery is claimed', 'deliveries.claim:after'],
  ['the receiver has answered, nothing is written down', 'deliveries.settle:before'],
  ['the answer is written down', 'deliveries.settle:after'],
  ['a job is done', 'webhooks.deliver:after'],
];

interface Message {
  readonly type: string;
  readonly sequence: number;
  readonly data: { readonly id: string };
}

let house: TestHouse;
let running: Program;
let receiver: Server;
let secret = '';
const received: { readonly id: string; readonly message: Message }[] = [];

async function replace(env: NodeJS.ProcessEnv = {}): Promise<Program> {
  await running.stop(3_000);
  running = await house.startAnother('api', env);
  return running;
}

/** A call that is accepted for later and canceled: told of twice. */
async function placeAndCancel(key: string): Promise<string> {
  const body = JSON.stringify({
    to: '+14155552671',
    agentId: 'short',
    schedule: { earliestAt: new Date(Date.now() + 3_600_000).toISOString() },
  });
  const id = await untilAnswered('/v1/calls', body, key);
  await untilAnswered(`/v1/calls/${id}/end`, '{}', `${key}-end`).catch(() => undefined);
  return id;
}

/** As a client does: under one key until it is answered. */
async function untilAnswered(path: string, body: string, key: string): Promise<string> {
  const init = { method: 'POST', body, headers: { 'Idempotency-Key': key } };
  for (const giveUpAt = Date.now() + 60_000; ;) {
    const response = await house.api(path, init).catch(() => null);
    if (response?.ok) return ((await response.json()) as { id: string }).id;
    // Ended already, by the first of these requests.
    if (response?.status === 409 && path.endsWith('/end')) return '';
    if (Date.now() > giveUpAt) throw new Error(`${path} was not answered for a minute`);
    await systemTimers.sleep(100);
  }
}

beforeAll(async () => {
  house = await openTestHouse();
  running = house.program('api');
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
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const made = await house.api('/v1/webhook-endpoints', { method: 'POST', body: JSON.stringify({ url }) });
  ({ secret } = (await made.json()) as { secret: string });
});
afterAll(async () => {
  await house.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

describe('an api that is killed between a commit and its webhook', () => {
  for (const [step, place] of STEPS) {
    it(`${step}: each event arrives, in order, and repetitions have the same id`, async () => {
      const armed = await replace({ FAILPOINTS: `${place}=kill` });
      const placing = placeAndCancel(place);
      const how = await Promise.race([armed.exited, systemTimers.sleep(30_000).then(() => null)]);
      expect(how, `${place} was not reached`).toMatchObject({ signal: 'SIGKILL' });
      await replace();
      const id = await placing;
      // A claim of the dead lasts half a minute.
      const told = () => [
        ...new Map(received.filter(({ message }) => message.data.id === id).map((one) => [one.id, one])).values(),
      ];
      await expect
        .poll(() => told().map(({ message }) => message.type), { timeout: 60_000 })
        .toEqual(['call.created', 'call.ended']);
      const all = received.filter(({ message }) => message.data.id === id);
      expect(all.length).toBeLessThan(5);
      expect(all.map(({ message }) => message.sequence)).toEqual(
        all.map(({ message }) => message.sequence).toSorted((a, b) => a - b),
      );
      const log = await house.api(`/v1/webhook-deliveries?callId=${id}`);
      await expect(log.json()).resolves.toMatchObject({ data: [{ status: 'delivered' }, { type: 'call.ended' }] });
    });
  }
});
