import {
  deliveryId,
  newEndpointId,
  PER_CALL_ENDPOINT,
  type CallId,
  type DeliveryView,
  type EndpointView,
} from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { createMemoryNews, type MemoryNews } from '@onhook/store/memory';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiver, type Receiver } from './testing/receiver.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

type WithSecret = EndpointView & { secret: string };

let test: TestApi;
let news: MemoryNews;
let receiver: Receiver;
beforeEach(async () => {
  test = await startTestApi();
  news = createMemoryNews({ database: test.database });
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await test.stop();
});

const make = (body: unknown = { url: receiver.url }) => test.send<WithSecret>('POST', '/v1/webhook-endpoints', body);
const list = async (): Promise<EndpointView[]> =>
  (await test.send<{ data: EndpointView[] }>('GET', '/v1/webhook-endpoints')).body.data;

/** As the relay would, to one endpoint. */
async function relayed(endpointId: string): Promise<CallId> {
  const { body: call } = await test.create();
  for (const item of (await news.outbox.read(100)).items) await news.outbox.relay(item, 'call.created', [endpointId as never]);
  return call.id as CallId;
}

describe('/v1/webhook-endpoints', () => {
  it('makes one, shows its secret once, and lists it without', async () => {
    const made = await make({ url: receiver.url, types: ['call.ended', 'campaign.*'], description: 'CRM' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ url: receiver.url, types: ['call.ended', 'campaign.*'], enabled: true, status: 'ok' });
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { secret, ...shown } = made.body;
    expect(await list()).toEqual([shown]);
    expect((await test.send('GET', `/v1/webhook-endpoints/${shown.id}`)).text).not.toContain(secret);
    expect((await test.send('GET', `/v1/webhook-endpoints/${newEndpointId(systemChance.uuidv7())}`)).status).toBe(404);
  });

  it.each([
    ['a private address', { url: 'https://169.254.169.254/latest/meta-data/' }, 'forbidden-url'],
    ['the same as a number', { url: 'https://2852039166/' }, 'forbidden-url'],
    ['what is not encrypted', { url: 'http://93.184.216.34/' }, 'forbidden-url'],
    ['no URL', { url: 'example' }, 'invalid-format'],
    ['another protocol', { url: 'ftp://example.com/' }, 'invalid-format'],
    ['no type of event', { url: 'https://example.com/', types: ['Call Ended'] }, 'invalid-format'],
    ['a misspelt field', { url: 'https://example.com/', type: 'call.ended' }, 'unrecognized-key'],
  ])('refuses %s', async (_, body, code) => {
    const answer = await test.send('POST', '/v1/webhook-endpoints', body);
    expect([answer.status, answer.body.errors?.[0]?.code]).toEqual([422, code]);
    expect(await list()).toEqual([]);
  });

  it('makes no more than fifty', async () => {
    const made = await Promise.all(Array.from({ length: 55 }, () => make()));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(made.find(({ status }) => status !== 201)?.body).toMatchObject({ code: 'too-many-endpoints' });
  });

  it('changes it, switches it off and on again, and removes it', async () => {
    const { id } = (await make()).body;
    const change = (body: unknown) => test.send<EndpointView>('PATCH', `/v1/webhook-endpoints/${id}`, body);
    expect((await change({ types: ['call.*'], description: 'new' })).body).toMatchObject({
      types: ['call.*'],
      description: 'new',
    });
    expect((await change({ enabled: false })).body).toMatchObject({
      enabled: false,
      status: 'disabled',
      since: expect.any(String),
    });
    expect((await change({ enabled: true })).body).toMatchObject({ enabled: true, status: 'ok', since: null });
    expect((await change({ url: 'https://10.0.0.1.nip.example:1/' })).status).toBe(200);
    expect((await change({ url: 'gopher://x/' })).status).toBe(422);
    const remove = () => test.send('DELETE', `/v1/webhook-endpoints/${id}`);
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
    expect((await change({ enabled: true })).status).toBe(404);
  });

  it('shows one that answered 410, and begins anew when asked', async () => {
    const { id } = (await make()).body;
    await news.endpoints.change(id as never, (was) => ({ ...was, disabled: { at: 1, why: 'gone' }, failingSince: 1 }));
    expect((await list())[0]).toMatchObject({ status: 'gone', enabled: false });
    await test.send('PATCH', `/v1/webhook-endpoints/${id}`, { enabled: true });
    expect((await list())[0]).toMatchObject({ status: 'ok', enabled: true });
  });

  it('rotates its secret, and the one before signs beside it', async () => {
    const { id, secret } = (await make()).body;
    const rotated = (await test.send<WithSecret>('POST', `/v1/webhook-endpoints/${id}/rotate-secret`)).body;
    expect(rotated.secret).not.toBe(secret);
    expect(Date.parse(rotated.oldSecretUntil!) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const tested = await test.send<{ delivered: boolean; result: number }>('POST', `/v1/webhook-endpoints/${id}/test`);
    expect(tested.body).toMatchObject({ delivered: true, result: 204 });
    const [received] = receiver.received;
    for (const either of [secret, rotated.secret]) {
      expect(new Webhook(either).verify(received!.body, received!.headers as Record<string, string>)).toMatchObject({
        type: 'webhook.test',
        data: { endpointId: id },
      });
    }
  });

  it('shows a secret to a repeated request as little as it keeps it', async () => {
    const once = () =>
      test.send<WithSecret>('POST', '/v1/webhook-endpoints', { url: receiver.url }, { 'idempotency-key': 'one' });
    expect((await once()).status).toBe(201);
    expect((await once()).body).toMatchObject({ code: 'answer-not-kept' });
    expect(await list()).toHaveLength(1);
  });

  it('tells how a test went, and nothing of what was answered', async () => {
    const { id } = (await make()).body;
    receiver.answer = () => ({ status: 500, headers: { 'x-secret': 'inside' } });
    const tested = await test.send('POST', `/v1/webhook-endpoints/${id}/test`);
    expect(tested.body).toMatchObject({ delivered: false, result: 500 });
    expect(tested.text).not.toContain('inside');
  });

  it('has a secret for the addresses of single calls, and nothing else for them', async () => {
    const rotate = () => test.send<WithSecret>('POST', `/v1/webhook-endpoints/${PER_CALL_ENDPOINT}/rotate-secret`);
    const first = (await rotate()).body;
    expect(first.secret).toMatch(/^whsec_/);
    expect((await rotate()).body.secret).not.toBe(first.secret);
    for (const [method, path] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/test'],
    ] as const) {
      const refused = await test.send(
        method,
        `/v1/webhook-endpoints/${PER_CALL_ENDPOINT}${path}`,
        method === 'DELETE' ? undefined : {},
      );
      expect([refused.status, refused.body.code]).toEqual([409, 'not-for-single-calls']);
    }
  });
});

describe('webhookUrl of a call', () => {
  it('is kept with it, and shown nowhere that is not for it', async () => {
    const { status, body, text } = await test.create({ to: '+14155552671', webhookUrl: 'https://canary.example/own?token=1' });
    expect(status).toBe(201);
    expect(text).not.toContain('canary');
    expect((await test.store.calls.load(body.id as CallId))?.call.webhookUrl).toContain('canary');
  });

  it('is refused where nothing could be sent', async () => {
    const { status, body } = await test.send('POST', '/v1/calls', { to: '+14155552671', webhookUrl: 'https://169.254.169.254/' });
    expect([status, body.errors?.[0]]).toMatchObject([422, { pointer: '/webhookUrl', code: 'forbidden-url' }]);
  });
});

describe('/v1/webhook-deliveries', () => {
  const page = (query = '') =>
    test.send<{ data: DeliveryView[]; nextCursor: string | null }>('GET', `/v1/webhook-deliveries${query}`);

  it('lists what was sent and what waits, page by page, by endpoint, call and status', async () => {
    const [one, two] = [(await make()).body.id, (await make()).body.id];
    const ofOne = [await relayed(one), await relayed(one)];
    const ofTwo = await relayed(two);
    const all = (await page()).body.data;
    expect(all.map(({ callId }) => callId)).toEqual([ofTwo, ...ofOne.toReversed()]);
    expect(all[0]).toMatchObject({ type: 'call.created', status: 'pending', tries: 0, endpointId: two, sequence: 1 });
    const first = (await page('?limit=2')).body;
    expect((await page(`?limit=2&cursor=${first.nextCursor}`)).body.data.map(({ callId }) => callId)).toEqual([ofOne[0]]);
    expect((await page(`?endpointId=${two}`)).body.data).toHaveLength(1);
    expect((await page(`?callId=${ofOne[0]}`)).body.data).toHaveLength(1);
    expect((await page('?status=failed')).body.data).toEqual([]);
    for (const bad of ['?cursor=nonsense', '?endpointId=x', '?callId=x', '?status=x', '?limit=0']) {
      expect((await page(bad)).status).toBe(422);
    }
  });

  it('sends one once more when asked, which is a new beginning', async () => {
    const endpointId = (await make()).body.id as never;
    const callId = await relayed(endpointId);
    const name = { callId, endpointId, sequence: 1 };
    const claim = (await news.deliveries.claim(name, 'token', 1_000))!;
    await news.deliveries.settle(claim, { status: 'failed', tries: 10, triedAt: 5, result: 500, retryAt: null });
    const path = `/v1/webhook-deliveries/${deliveryId(name)}`;
    expect((await test.send<DeliveryView>('GET', path)).body).toMatchObject({ status: 'failed', tries: 10, result: 500 });
    const again = await test.send<DeliveryView>('POST', `${path}/redeliver`);
    expect([again.status, again.body]).toMatchObject([202, { status: 'pending', tries: 0, nextTryAt: expect.any(String) }]);
    expect((await test.send('POST', `/v1/webhook-deliveries/${deliveryId({ ...name, sequence: 2 })}/redeliver`)).status).toBe(
      404,
    );
    expect((await test.send('GET', '/v1/webhook-deliveries/whd_1')).status).toBe(404);
  });
});
