import twilio from 'twilio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from './scenarios.js';
import { openTestBench, testAccount, type TestBench } from './test-customer.js';

/** Faults over the real wire. */
const quick = { queuedMs: 50, postDialMs: 30, answerAfterMs: 60, hello: null, replies: [] } satisfies Partial<Scenario>;

describe('a fault', () => {
  let bench: TestBench;
  let client: twilio.Twilio;

  beforeAll(async () => {
    bench = await openTestBench({
      scenarios: [{ ...quick, to: '+14155557*' }],
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterEach(() => clear());
  afterAll(() => bench.close());

  const fault = (kind: string, more: object = {}) =>
    fetch(`${bench.url}/simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind, ...more }),
    });
  const clear = () => fetch(`${bench.url}/simulator/faults`, { method: 'DELETE' });
  const create = (to: string, more: object = {}) =>
    client.calls.create({
      to,
      from: '+15005550006',
      twiml: '<Response><Pause length="1"/></Response>',
      statusCallback: `${bench.customer.url}/${to.slice(1)}`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      ...more,
    });
  const statusesAt = (to: string): (string | undefined)[] =>
    bench.customer.requests.filter(({ url }) => url === `/${to.slice(1)}`).map(({ params }) => params['CallStatus']);
  const whenOf = (sid: string, kind: string, fits: (entry: Record<string, unknown>) => boolean = () => true) =>
    bench.whenEntry(kind, (entry) => entry.callSid === sid && fits(entry));
  const connect = (path: string): string =>
    `<Response><Connect><Stream url="${bench.customer.wsUrl}/${path}" statusCallback="${bench.customer.url}/${path}"/></Connect></Response>`;

  it('keeps a REST request from being answered, or answers it with what no API says', async () => {
    await fault('rest-429');
    await expect(client.calls.list()).rejects.toMatchObject({ status: 429, code: 20429 });
    await fault('rest-bad-gateway');
    await expect(client.calls.list()).rejects.toThrow();
    await fault('rest-garbled');
    await expect(fetch(`${bench.url}/2010-04-01/Accounts.json`)).rejects.toThrow();
    await fault('rest-half-open');
    await expect(fetch(`${bench.url}/2010-04-01/Accounts.json`, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(await bench.whenEntry('rest-request', (entry) => entry['httpStatus'] === null)).toMatchObject({ method: 'GET' });
    await fault('rest-slow', { delayMs: 300 });
    await client.calls.list({ limit: 1 });
    const slow = bench.ledger.entries({ kind: 'rest-request' }).at(-1);
    expect(Number(slow?.['tookMs'])).toBeGreaterThanOrEqual(290);
  });

  it('answers a create after its first callback', async () => {
    await fault('create-answer-last');
    const { sid } = await create('+14155557001');
    expect(statusesAt('+14155557001')[0]).toBe('initiated');
    const answered = bench.ledger.entries({ call: sid, kind: 'callback-answered' })[0];
    const request = bench.ledger.entries({ kind: 'rest-request' }).at(-1);
    expect(request!.seq).toBeGreaterThan(answered!.seq);
  });

  it('answers an update late, which was carried out at once', async () => {
    const { sid } = await create('+14155557002', { twiml: '<Response><Pause length="60"/></Response>' });
    await whenOf(sid, 'call-state', (entry) => entry['status'] === 'in-progress');
    await fault('update-slow-after', { delayMs: 400 });
    await client.calls(sid).update({ status: 'completed' });
    const ended = bench.ledger.entries({ call: sid, kind: 'carrier-ended' })[0]!;
    const request = bench.ledger.entries({ call: sid, kind: 'rest-request' }).at(-1)!;
    expect(request.mono - ended.mono).toBeGreaterThanOrEqual(390);
  });

  it('lets a callback be overtaken by the next one', async () => {
    await fault('callback-reordered', { to: '+14155557003', delayMs: 10_000 });
    const { sid } = await create('+14155557003');
    await whenOf(sid, 'callback-answered', (entry) => entry['status'] === 'completed');
    expect(statusesAt('+14155557003').slice(0, 2)).toEqual(['ringing', 'initiated']);
  });

  it('belongs to a scenario, and spares other numbers', async () => {
    const scenario: Scenario = { ...quick, to: '+14155558*', faults: [{ kind: 'callback-twice', probability: 1 }] };
    const scenarios = (method: string, body?: Scenario) =>
      fetch(`${bench.url}/simulator/scenarios`, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    expect((await scenarios('POST', scenario)).status).toBe(204);
    const [twice, once] = [await create('+14155558004'), await create('+14155557004')];
    for (const { sid } of [twice, once]) await whenOf(sid, 'callback-answered', (entry) => entry['status'] === 'completed');
    await bench.customer.whenRequest(() => statusesAt('+14155558004').length === 8);
    expect(statusesAt('+14155557004')).toHaveLength(4);
    await scenarios('DELETE');
    expect(await (await fetch(`${bench.url}/simulator/faults`)).json()).toMatchObject({ set: [] });
    // The table of this bench is empty now; the other tests need theirs back.
    await scenarios('POST', { ...quick, to: '+14155557*' });
  });

  it('of the REST API strikes what is about a call to its numbers, and nothing else', async () => {
    const [aimed, spared] = ['+14155557011', '+14155557012'];
    const always = { to: aimed, probability: 1 };
    await fault('rest-429', always);
    await expect(create(aimed)).rejects.toMatchObject({ status: 429 });
    await expect(client.calls.list({ to: aimed })).rejects.toMatchObject({ status: 429 });
    const other = await create(spared, { twiml: '<Response><Pause length="60"/></Response>' });
    await client.calls(other.sid).fetch();
    await client.calls.list({ limit: 1 });
    await clear();

    await fault('create-answer-last', always);
    const { sid } = await create(aimed, { twiml: '<Response><Pause length="60"/></Response>' });
    expect(statusesAt(aimed)[0]).toBe('initiated');
    await whenOf(sid, 'call-state', (entry) => entry['status'] === 'in-progress');
    await fault('update-slow-after', { ...always, delayMs: 300 });
    const beganMs = performance.now();
    await client.calls(sid).update({ timeLimit: 500 });
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(290);

    await fault('list-lag', { ...always, delayMs: 60_000 });
    const seen = (await client.calls.list()).map((call) => call.to);
    expect(seen).toContain(spared);
    expect(seen).not.toContain(aimed);
    await clear();

    await fault('update-5xx-after', always);
    await client.calls(other.sid).update({ status: 'completed' });
    await expect(client.calls(sid).update({ status: 'completed' })).rejects.toMatchObject({ status: 500 });
    expect(await whenOf(sid, 'carrier-ended')).toMatchObject({ by: 'rest' });
  });

  it('makes the customer unreachable for a webhook: no connection, and the call goes on', async () => {
    await fault('webhook-tls', { probability: 1 });
    const { sid } = await create('+14155557005');
    expect(await whenOf(sid, 'callback-failed')).toMatchObject({ failure: 'ct', detail: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await whenOf(sid, 'carrier-ended');
    expect(statusesAt('+14155557005')).toEqual([]);
  });

  it.each([
    ['stream-dns', '31902'],
    ['stream-tls', '31910'],
    ['stream-timeout', '31901'],
  ])('%s: the stream is reported as not opened with %s, and the document goes on', async (kind, code) => {
    await fault(kind, { delayMs: 100 });
    const { sid } = await create('+14155557006', { twiml: connect(kind) });
    expect(await whenOf(sid, 'stream-refused')).toMatchObject({ errorCode: Number(code) });
    const report = await bench.customer.whenRequest(({ url }) => url === `/${kind}`);
    expect(report.params).toMatchObject({ StreamEvent: 'stream-error', StreamError: code });
    expect(await whenOf(sid, 'carrier-ended')).toMatchObject({ by: 'end-of-document' });
  });

  it('stalls the media of an open stream, and sends what it held back at once; or loses the connection half', async () => {
    await fault('media-stall', { delayMs: 500 });
    const stalled = await create('+14155557007', { twiml: connect('stall') });
    const stream = await bench.customer.nextStream();
    await stream.when(() => stream.messages.length > 30);
    const chunks = stream.messages.flatMap(({ media }) => (media ? [Number((media as { chunk: string }).chunk)] : []));
    expect(chunks).toEqual(chunks.map((_, i) => i + 1));
    await client.calls(stalled.sid).update({ status: 'completed' });

    await fault('stream-half-open', { delayMs: 0 });
    const { sid } = await create('+14155557008', { twiml: connect('half') });
    const half = await bench.customer.nextStream();
    await whenOf(sid, 'stream-lost', (entry) => entry['how'] === 'half-open');
    await client.calls(sid).update({ status: 'completed' });
    await whenOf(sid, 'carrier-ended');
    // A next stream is served: what the half-open one was to hear would have come before that.
    const next = await create('+14155557009', { twiml: connect('next') });
    const whole = await bench.customer.nextStream();
    await whole.when(() => whole.messages.length > 5);
    await client.calls(next.sid).update({ status: 'completed' });
    expect(half.words()).not.toContain('stop');
    half.socket.terminate();
  });
});
