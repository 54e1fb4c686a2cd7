import { newCallId, PER_CALL_ENDPOINT, type CallId, type E164 } from '@onhook/contracts';
import type { LookUp } from '@onhook/outbound';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { chooseShard } from '@onhook/store';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver, type Received, type Receiver } from '../testing/receiver.js';
import { createWebhookBench, type WebhookBench } from '../testing/webhook-bench.js';
import { withNewSecret } from './endpoint.js';

/** However busy the machine is. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const chance = createSeededChance(11, createVirtualTime());

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const policy = {
  ringTimeoutSec: 30,
  maxDurationSec: 600,
  transferLimitSec: 0,
  latestAt: null,
  redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed' as const, maxDelaySec: 600 },
  voicemail: 'continue' as const,
};

async function placeCall(
  { store }: WebhookBench,
  more: { webhookUrl?: string; variables?: Record<string, string> } = {},
): Promise<CallId> {
  const callId = newCallId(chooseShard('default', null, chance), chance.uuidv7());
  const asked = { callId, account: 'default', to: '+14155550123' as E164, from: null, agentId: 'demo', metadata: {}, policy };
  await store.calls.create({ ...asked, variables: {}, notBefore: null, ...more }, null);
  return callId;
}

async function cancel({ store }: WebhookBench, callId: CallId): Promise<void> {
  await store.calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'canceled', by: 'operator' });
  await store.calls.apply(callId, { type: 'settled', source: 'hangup', n: 0 });
}

const types = (): string[] => receiver.received.map(({ message }) => message.type);

/** By the official verifier, which also looks at the timestamp. */
function verified({ body, headers }: Received, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

describe('a webhook', () => {
  it('tells of a call from its beginning to its end, in order, signed as the standard says, connected or not', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    const callId = await placeCall(bench);
    await cancel(bench, callId);
    await bench.settle();
    expect(types()).toEqual(['call.created', 'call.ended']);
    for (const received of receiver.received) {
      expect(verified(received, endpoint.secrets[0]!.secret)).toMatchObject({
        data: { id: callId, to: '+14155550123', state: 'ended' },
      });
      expect(() => verified({ ...received, body: received.body.replace('+1415', '+1416') }, endpoint.secrets[0]!.secret)).toThrow(
        WebhookVerificationError,
      );
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(await bench.news.outbox.length()).toBe(0);
  });

  it('is of the types that were asked for, to each endpoint of its own', async () => {
    const bench = createWebhookBench();
    await bench.addEndpoint(receiver.url, { types: ['call.ended', 'campaign.*'] });
    await bench.addEndpoint(`${receiver.url}/off`, { disabled: { at: 0, why: 'operator' } });
    await cancel(bench, await placeCall(bench));
    await bench.settle();
    expect(types()).toEqual(['call.ended']);
  });

  it('is sent to nobody where nobody asked, and the outbox is emptied all the same', async () => {
    const bench = createWebhookBench();
    await cancel(bench, await placeCall(bench));
    await bench.settle();
    expect(await bench.news.outbox.length()).toBe(0);
    expect(receiver.received).toEqual([]);
  });

  it('goes to the address of its call too, signed with the secret of single calls', async () => {
    const bench = createWebhookBench();
    const callId = await placeCall(bench, { webhookUrl: receiver.url });
    await cancel(bench, callId);
    await placeCall(bench);
    await bench.settle();
    const { secrets } = (await bench.news.endpoints.load(PER_CALL_ENDPOINT))!;
    expect(types()).toEqual(['call.created', 'call.ended']);
    expect(verified(receiver.received[0]!, secrets[0]!.secret)).toMatchObject({ data: { id: callId } });
    expect(await bench.deliveries(callId, PER_CALL_ENDPOINT)).toHaveLength(2);
  });

  it('has fewer than 20 kB, whatever users have written on the call', async () => {
    const bench = createWebhookBench();
    await bench.addEndpoint(receiver.url);
    const variables = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`v${i}`, 'ü'.repeat(400)]));
    await placeCall(bench, { variables });
    await bench.settle();
    expect(Buffer.byteLength(receiver.received[0]!.body)).toBeLessThan(20_000);
    expect(receiver.received[0]!.message.data).toMatchObject({ variables: {}, state: 'queued' });
  });
});

describe('a receiver that is away', () => {
  it('gets everything once it is back, in order, with the same ids', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    let isBack = false;
    receiver.answer = () => ({ status: isBack ? 200 : 503 });
    const callId = await placeCall(bench);
    await bench.settle();
    await cancel(bench, callId);
    await bench.settle(10_000);
    expect(types()).toEqual(['call.created', 'call.created']);
    isBack = true;
    await bench.settle(HOUR);
    expect(types()).toEqual(['call.created', 'call.created', 'call.created', 'call.ended']);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    const [first, last] = await bench.deliveries(callId, endpoint.id);
    expect([first, last]).toMatchObject([
      { status: 'delivered', tries: 3, result: 200 },
      { status: 'delivered', tries: 1, result: 200 },
    ]);
  });

  it('is given up after ten tries in three days, marked failing until something arrives, and keeps nothing for weeks', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    receiver.answer = () => ({ status: 500 });
    const callId = await placeCall(bench);
    await cancel(bench, callId);
    await bench.settle(2 * HOUR);
    expect((await bench.news.endpoints.load(endpoint.id))!.failingSince).toBeNull();
    await bench.settle(4 * DAY);
    const [first, second] = await bench.deliveries(callId, endpoint.id);
    expect(first).toMatchObject({ status: 'failed', tries: 10 });
    // It waited behind the first for three days: a few tries more, and not three days more.
    expect(second!.status).toBe('failed');
    expect(second!.tries).toBeLessThan(8);
    expect((await bench.news.endpoints.load(endpoint.id))!.failingSince).not.toBeNull();

    receiver.answer = () => ({ status: 202 });
    await placeCall(bench);
    await bench.settle();
    expect((await bench.news.endpoints.load(endpoint.id))!.failingSince).toBeNull();
  });

  it('says when it wants to be asked again', async () => {
    const bench = createWebhookBench();
    await bench.addEndpoint(receiver.url);
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '120' } });
    await placeCall(bench);
    await bench.settle(100_000);
    expect(receiver.received).toHaveLength(1);
    await bench.settle(60_000);
    expect(receiver.received).toHaveLength(2);
  });

  it('that has gone for good is left alone: 410 disables it', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    receiver.answer = () => ({ status: 410 });
    const callId = await placeCall(bench);
    await cancel(bench, callId);
    await bench.settle(DAY);
    expect(receiver.received).toHaveLength(1);
    expect((await bench.news.endpoints.load(endpoint.id))!.disabled).toMatchObject({ why: 'gone' });
    expect((await bench.deliveries(callId, endpoint.id)).map(({ status }) => status)).toEqual(['failed', 'skipped']);
  });

  it('that was removed is sent nothing of what waits', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    receiver.answer = () => ({ status: 500 });
    const callId = await placeCall(bench);
    await bench.settle();
    await bench.news.endpoints.remove(endpoint.id);
    await bench.settle(HOUR);
    expect(receiver.received).toHaveLength(1);
    expect((await bench.deliveries(callId, endpoint.id))[0]).toMatchObject({ status: 'skipped', result: 500 });
  });

  it('does not keep others waiting, nor more than a few hands', async () => {
    const bench = createWebhookBench();
    const slow = await bench.addEndpoint(receiver.url);
    const other = await startReceiver();
    await bench.addEndpoint(other.url);
    let release = (): void => undefined;
    const held = new Promise<{ status: number }>((resolve) => (release = () => resolve({ status: 200 })));
    receiver.answer = () => held;
    const callIds = await Promise.all(Array.from({ length: 30 }, () => placeCall(bench)));
    const settled = bench.settle();
    const others = async (): Promise<number> => {
      await bench.time.advance(1_500);
      return other.received.length;
    };
    await eventually(others).toBe(30);
    expect(receiver.received).toHaveLength(8);
    release();
    await settled;
    await bench.settle(30_000);
    expect(receiver.received).toHaveLength(30);
    const all = await Promise.all(callIds.map((callId) => bench.deliveries(callId, slow.id)));
    expect(all.flat().map(({ status, tries }) => [status, tries])).toEqual(callIds.map(() => ['delivered', 1]));
    await other.close();
  });
});

describe('a secret', () => {
  it('that was rotated signs beside the new one for a day', async () => {
    const bench = createWebhookBench();
    const { id, secrets } = await bench.addEndpoint(receiver.url);
    const rotated = (await bench.news.endpoints.change(id, (was) => withNewSecret(was, chance, bench.time.now())))!;
    const [older, newer] = [secrets[0]!.secret, rotated.secrets[0]!.secret];
    await placeCall(bench);
    await bench.settle();
    const [first] = receiver.received;
    expect(verified(first!, older)).toEqual(verified(first!, newer));
    expect(String(first!.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });
});

describe('a delivery', () => {
  it('whose job was lost is found by its due moment', async () => {
    const bench = createWebhookBench();
    await bench.addEndpoint(receiver.url);
    bench.loseJobs(true);
    await placeCall(bench);
    await bench.settle();
    expect(receiver.received).toEqual([]);
    bench.loseJobs(false);
    await bench.settle(20_000);
    expect(types()).toEqual(['call.created']);
  });

  it('is broken off when the process stops, counts as none, and is done by the next', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    receiver.answer = () => new Promise(() => undefined);
    const callId = await placeCall(bench);
    const settled = bench.settle();
    await eventually(() => receiver.received.length).toBe(1);
    bench.stopping.abort();
    await settled;
    expect(await bench.deliveries(callId, endpoint.id)).toMatchObject([
      { status: 'pending', tries: 0, nextTryAt: bench.time.now() },
    ]);
  });

  it('never reaches a private address, whatever its name meant when it was looked at', async () => {
    const meanings = ['93.184.216.34', '169.254.169.254'];
    const asked: string[] = [];
    const rebinding: LookUp = (name, _, callback) => {
      asked.push(name);
      callback(null, [{ address: meanings.at(-1)!, family: 4 }]);
    };
    const bench = createWebhookBench({ lookUp: rebinding });
    const endpoint = await bench.addEndpoint('https://rebinds.example/hook');
    const callId = await placeCall(bench);
    await bench.settle();
    expect(asked).toEqual(['rebinds.example']);
    expect(await bench.deliveries(callId, endpoint.id)).toMatchObject([{ status: 'pending', tries: 1, result: 'forbidden' }]);
  });

  it('goes nowhere else', async () => {
    const bench = createWebhookBench();
    const endpoint = await bench.addEndpoint(receiver.url);
    receiver.answer = () => ({ status: 307, headers: { location: 'http://169.254.169.254/latest/meta-data/' } });
    const callId = await placeCall(bench);
    await bench.settle();
    expect(await bench.deliveries(callId, endpoint.id)).toMatchObject([{ status: 'pending', result: 'redirect' }]);
  });
});
