import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBench, testAccount, type TestBench } from './test-customer.js';

describe('the control API', () => {
  let bench: TestBench;
  let client: twilio.Twilio;

  beforeAll(async () => {
    bench = await openTestBench({
      scenarios: [{ to: '+14155551*', queuedMs: 0, postDialMs: 20, answerAfterMs: 40, hello: null, replies: [] }],
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterAll(() => bench.close());

  const create = (to: string, more: object = {}) =>
    client.calls.create({
      to,
      from: '+15005550006',
      twiml: '<Response><Pause length="600"/></Response>',
      statusCallback: `${bench.customer.url}/cb`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      ...more,
    });
  const stateIs = (sid: string, status: string) =>
    bench.whenEntry('call-state', (entry) => entry.callSid === sid && entry['status'] === status);
  const fault = (kind: string, more: object = {}) =>
    fetch(`${bench.url}/simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind, ...more }),
    });

  it('plays the faults that were set, and writes down what really happened', async () => {
    const requests = () => bench.ledger.entries({ kind: 'create-request' }).at(-1);
    await fault('create-429');
    await expect(create('+14155551005')).rejects.toMatchObject({ status: 429, code: 20429 });
    expect(requests()).toMatchObject({ outcome: 'refused', fault: 'create-429' });
    await fault('create-5xx-before');
    await expect(create('+14155551005')).rejects.toMatchObject({ status: 500 });
    await fault('create-5xx-after');
    await expect(create('+14155551005')).rejects.toMatchObject({ status: 500 });
    expect(requests()).toMatchObject({ outcome: 'accepted', fault: 'create-5xx-after' });
    await fault('create-drop-after');
    await expect(create('+14155551005')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(requests()).toMatchObject({ outcome: 'accepted', fault: 'create-drop-after' });
    await fault('list-away');
    await expect(client.calls.list()).rejects.toMatchObject({ status: 503 });
    // Two of the four rang although the customer was told otherwise.
    const carried = await client.calls.list({ to: '+14155551005' });
    expect(carried).toHaveLength(2);
    await fault('update-5xx');
    await expect(client.calls(carried[0]!.sid).update({ status: 'completed' })).rejects.toMatchObject({ status: 503 });
    for (const call of carried) await client.calls(call.sid).update({ status: 'completed' });
    await fault('callback-lost');
    const lost = await create('+14155551006', { statusCallbackEvent: ['completed'], twiml: '<Response/>' });
    await bench.whenEntry('callback-lost', (entry) => entry.callSid === lost.sid);
    expect(await (await fetch(`${bench.url}/simulator/faults`)).json()).toMatchObject({ set: [] });
  });

  it('has doors of its own: scenarios, hands on the phone, the ledger', async () => {
    const post = (path: string, body?: unknown) =>
      fetch(`${bench.url}/simulator${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    expect((await post('/scenarios', { to: '+14155553000', persona: 'no-answer', queuedMs: 0, postDialMs: 10 })).status).toBe(
      204,
    );
    expect((await post('/scenarios', { to: '+14155553000', persona: 'nobody' })).status).toBe(400);
    expect((await post('/faults', { kind: 'earthquake' })).status).toBe(400);
    const call = await create('+14155553000');
    expect((await post(`/calls/${call.sid}/hang-up`)).status).toBe(409);
    await stateIs(call.sid, 'ringing');
    expect((await post(`/calls/${call.sid}/answer`)).status).toBe(204);
    await stateIs(call.sid, 'in-progress');
    expect((await post(`/calls/${call.sid}/hang-up`)).status).toBe(204);
    const entries = (await (await fetch(`${bench.url}/simulator/ledger?call=${call.sid}&kind=call-state`)).json()) as {
      status: string;
    }[];
    expect(entries.map((entry) => entry.status)).toEqual(['initiated', 'ringing', 'in-progress', 'completed']);
    const tail = await fetch(`${bench.url}/simulator/ledger/tail?call=${call.sid}`);
    const { value } = await tail.body!.getReader().read();
    expect(JSON.parse(Buffer.from(value!).toString().split('\n')[0]!)).toMatchObject({ callSid: call.sid });
  });

  it('shows a page with no foreign code in it, and lets no foreign page act', async () => {
    const page = await fetch(`${bench.url}/simulator/`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const html = await page.text();
    for (const [, address = ''] of html.matchAll(/(?:src|href)="(page\.[a-z]+)"/g))
      expect((await fetch(`${bench.url}/simulator/${address}`)).status).toBe(200);
    const foreign = { method: 'DELETE', headers: { Origin: 'https://example.com' } };
    expect((await fetch(`${bench.url}/simulator/faults`, foreign)).status).toBe(403);
    expect((await fetch(`${bench.url}/simulator/faults`, { method: 'DELETE', headers: { Origin: bench.url } })).status).toBe(204);
    expect((await fetch(`${bench.url}/simulator/no-such-door`)).status).toBe(404);
  });

  it('streams the ledger as events too, from where a reader broke off, several kinds at once', async () => {
    const { sid } = await create('+14155551020', { twiml: '<Response/>' });
    await bench.whenEntry('carrier-ended', (entry) => entry.callSid === sid);
    const [first] = bench.ledger.entries({ call: sid, kind: 'call-state' });
    const tail = await fetch(`${bench.url}/simulator/ledger/tail?call=${sid}&kind=call-state,carrier-ended`, {
      headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(first!.seq) },
    });
    const reader = tail.body!.getReader();
    let text = '';
    while (!text.includes('carrier-ended')) text += Buffer.from((await reader.read()).value ?? []).toString();
    await reader.cancel();
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => event.split('\n'));
    const entries = events.map(([, data = '']) => JSON.parse(data.replace('data: ', '')) as { seq: number; kind: string });
    expect(events.map(([id]) => id)).toEqual(entries.map((entry) => `id: ${entry.seq}`));
    expect(entries[0]!.seq).toBeGreaterThan(first!.seq);
    expect(entries.map((entry) => entry.kind)).toEqual(['call-state', 'call-state', 'call-state', 'carrier-ended']);
  });
});
