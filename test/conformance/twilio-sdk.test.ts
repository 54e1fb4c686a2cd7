import path from 'node:path';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type LedgerEntry, type Simulator } from '@onhook/simulator';
import { openCustomer, type Customer, type Received } from './customer.js';
import { complaints, type Table } from './shape.js';
import { restTables, streamTables, webhookTables } from './tables.js';

interface Answer {
  statusCode: number;
  body: unknown;
}

const fast = { queuedMs: 0, postDialMs: 20, answerAfterMs: 40, hello: null, replies: [] };
const from = '+15005550006';
const human = '+14155551000';
const busy = '+14155552000';
const silence = '<Response><Pause length="600"/></Response>';

describe('the official SDK drives every endpoint', () => {
  const answers: Answer[] = [];
  let simulator: Simulator;
  let customer: Customer;
  let client: twilio.Twilio;

  beforeAll(async () => {
    customer = await openCustomer();
    simulator = await startSimulator({
      speechCacheDir: path.resolve(import.meta.dirname, '../../.onhook/speech'),
      scenarios: [
        { to: '+1415555*', ...fast },
        { to: human, ...fast, answeredBy: 'human', amdDelayMs: 100 },
        { to: busy, ...fast, outcome: 'busy' },
      ],
    });
    // The SDK's own client, with an ear at what came over the wire.
    const wire = new twilio.RequestClient();
    const httpClient: twilio.RequestClient = Object.assign(Object.create(wire) as twilio.RequestClient, {
      async request(options: Parameters<typeof wire.request>[0]) {
        const answer = await wire.request<unknown>(options);
        const { statusCode, body } = answer as { statusCode: number; body: unknown };
        answers.push({ statusCode, body: typeof body === 'string' && body !== '' ? JSON.parse(body) : body });
        return answer;
      },
    });
    client = twilio(simulator.accountSid, simulator.authToken, { httpClient });
    client.api.baseUrl = simulator.url;
  });
  afterAll(async () => {
    await simulator.close();
    await customer.close();
  });

  function expectAnswer(status: number, table?: Table): void {
    const last = answers.at(-1);
    expect(last?.statusCode).toBe(status);
    if (table) expect(complaints(table, last?.body)).toEqual([]);
  }
  const entry = (kind: string, sid: string, fits: (entry: LedgerEntry) => boolean = () => true): Promise<LedgerEntry> =>
    simulator.whenEntry((one) => one.kind === kind && one.callSid === sid && fits(one), 20_000);
  const isUp = (sid: string): Promise<LedgerEntry> => entry('call-state', sid, (one) => one['status'] === 'in-progress');
  /** The page as it came, without the list in it, and the list. */
  function lastPage(name: string): unknown[] {
    expectAnswer(200);
    const { [name]: list, ...envelope } = (answers.at(-1)?.body ?? {}) as Record<string, unknown>;
    expect(complaints(restTables.envelope, envelope)).toEqual([]);
    return list as unknown[];
  }
  /** A resource as the SDK understands it has a value, or null, for everything that the SDK would read. */
  const unread = (resource: { toJSON(): object }): string[] =>
    Object.entries(resource.toJSON()).flatMap(([name, value]) => (value === undefined || Number.isNaN(value) ? [name] : []));

  it('creates, fetches, updates, lists and deletes a call', async () => {
    const { sid } = await client.calls.create({ to: '+14155551001', from, twiml: silence });
    expectAnswer(201, restTables.newCall);
    await isUp(sid);
    expect(unread(await client.calls(sid).fetch())).toEqual([]);
    expectAnswer(200, restTables.call);
    await client.calls(sid).update({ timeLimit: 300 });
    expectAnswer(200, restTables.call);
    await client.calls(sid).update({ twiml: '<Response><Pause length="500"/></Response>' });
    expectAnswer(200, restTables.call);
    await client.calls(sid).update({ status: 'completed' });
    expectAnswer(200, restTables.endedCall);

    await client.calls.create({ to: '+14155551001', from, twiml: '<Response/>' });
    const first = await client.calls.page({ to: '+14155551001', pageSize: 1 });
    expect(first.instances).toHaveLength(1);
    const [listed] = lastPage('calls');
    expect(complaints(restTables.call, listed)).toEqual([]);
    const second = await first.nextPage();
    expect(second?.instances.map((call) => call.sid)).toEqual([sid]);
    lastPage('calls');
    expect((await client.calls.list({ to: '+14155551001' })).length).toBe(2);

    expect(await client.calls(sid).remove()).toBe(true);
    expectAnswer(204);
    await expect(client.calls(sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    expectAnswer(404, restTables.error);
  });

  it('starts and stops a stream that only listens', async () => {
    const { sid } = await client.calls.create({ to: '+14155551002', from, twiml: silence });
    await isUp(sid);
    const parameters = { 'parameter1.name': 'tenant', 'parameter1.value': 'a&b' };
    const stream = await client.calls(sid).streams.create({ url: `${customer.wsUrl}/listen`, name: 'ear', ...parameters });
    expectAnswer(200, restTables.stream);
    expect(stream).toMatchObject({ callSid: sid, status: 'in-progress' });
    await client.calls(sid).streams('ear').update({ status: 'stopped' });
    expectAnswer(200, restTables.stream);
    await client.calls(sid).update({ status: 'completed' });
  });

  it('records a call, lists, fetches and deletes the recording, and its sound is a WAV file', async () => {
    const twiml = '<Response><Say>Hello, this is the clinic.</Say></Response>';
    const { sid } = await client.calls.create({ to: '+14155551003', from, twiml, record: true });
    await entry('carrier-ended', sid);
    const [recording] = await client.calls(sid).recordings.list();
    if (!recording) throw new Error('was not recorded');
    lastPage('recordings');
    // Of these the documents do not say that they are always there.
    const unsaid = ['encryptionDetails', 'mediaUrl', 'subresourceUris'];
    expect(unread(recording).filter((name) => !unsaid.includes(name))).toEqual([]);
    expect(unread(await client.recordings(recording.sid).fetch()).filter((name) => !unsaid.includes(name))).toEqual([]);
    expectAnswer(200);
    expect((await client.recordings.list({ callSid: sid })).map((one) => one.sid)).toEqual([recording.sid]);
    lastPage('recordings');
    const basic = Buffer.from(`${simulator.accountSid}:${simulator.authToken}`).toString('base64');
    const address = `${simulator.url}/2010-04-01/Accounts/${simulator.accountSid}/Recordings/${recording.sid}`;
    const sound = await fetch(`${address}.wav`, { headers: { Authorization: `Basic ${basic}` } });
    const bytes = Buffer.from(await sound.arrayBuffer());
    expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12)]).toEqual(['RIFF', 'WAVE']);
    expect(await client.recordings(recording.sid).remove()).toBe(true);
    expectAnswer(204);
  });

  it('lists what was asked of the customer about a call, and what was wrong with it', async () => {
    const { sid } = await client.calls.create({ to: '+14155551004', from, url: `${customer.url}/broken` });
    customer.documents.set('/broken', '<Response>');
    await entry('carrier-ended', sid);
    const [event] = await client.calls(sid).events.list();
    lastPage('events');
    expect(event && unread(event)).toEqual([]);
    const [notification] = await client.calls(sid).notifications.list();
    lastPage('notifications');
    if (!notification) throw new Error('nothing was found wrong');
    expect(notification.errorCode).toBe('12100');
    const fetched = await client.calls(sid).notifications(notification.sid).fetch();
    expectAnswer(200);
    expect(fetched).toMatchObject({ callSid: sid, errorCode: '12100' });
  });

  it.each([
    ['a bad To', { to: '911' }, 21211],
    ['a bad From', { from: 'nobody' }, 21212],
    ['a bad Url', { url: 'ftp://example.com/' }, 21205],
    ['a bad Timeout', { timeout: 601 }, 21208],
    ['bad SendDigits', { sendDigits: 'x' }, 21206],
    ['a document of more than 4000 characters', { twiml: `<Response><Say>${'a'.repeat(4000)}</Say></Response>` }, undefined],
  ])('refuses %s in the shape of Twilio', async (_what, wrong, code) => {
    const order = { to: '+14155551005', from, ...('url' in wrong ? {} : { twiml: silence }), ...wrong };
    await expect(client.calls.create(order)).rejects.toMatchObject({ status: 400, ...(code !== undefined && { code }) });
    expectAnswer(400, restTables.error);
  });

  describe('and is called back', () => {
    let sid: string;
    beforeAll(async () => {
      const { url, wsUrl, documents } = customer;
      documents.set('/first', `<Response><Gather timeout="1" actionOnEmptyResult="true" action="/gathered"/></Response>`);
      documents.set('/gathered', `<Response><Dial action="/dialled" callerId="${from}">${busy}</Dial></Response>`);
      documents.set(
        '/dialled',
        `<Response><Connect action="/connected"><Stream url="${wsUrl}/media" statusCallback="${url}/stream">` +
          '<Parameter name="tenant" value="a&amp;b"/></Stream></Connect></Response>',
      );
      documents.set('/connected', '<Response><Redirect method="GET">/last?a=1&amp;b=2</Redirect></Response>');
      documents.set('/last', '<Response><Hangup/></Response>');
      const call = await client.calls.create({
        to: human,
        from,
        url: `${url}/first`,
        statusCallback: `${url}/status?of=1#rc=2`,
        statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        machineDetection: 'Enable',
        asyncAmd: 'true',
        asyncAmdStatusCallback: `${url}/amd`,
        record: true,
        recordingStatusCallback: `${url}/recorded`,
      });
      sid = call.sid;
      expect(await entry('carrier-ended', sid)).toMatchObject({ by: 'twiml-hangup' });
      await customer.whenRequest(({ params }) => params['CallSid'] === sid && params['SequenceNumber'] === '3');
      await customer.whenRequest(({ target }) => target === '/recorded');
    });
    const at = (where: string): Received[] => customer.requests.filter(({ target }) => target.startsWith(where));

    it.each([
      ['/first', 'document', 1],
      ['/gathered', 'gather', 1],
      ['/dialled', 'dial', 1],
      ['/connected', 'document', 1],
      ['/status', 'status', 4],
      ['/amd', 'amd', 1],
      ['/recorded', 'recording', 1],
      ['/stream', 'stream', 2],
    ] as const)('at %s in the shape of the table', (where, table, times) => {
      const received = at(where);
      expect(received).toHaveLength(times);
      for (const { params, method } of received) {
        expect(method).toBe('POST');
        expect(complaints(webhookTables[table], params)).toEqual([]);
      }
    });

    it('by GET with the same fields in the query', () => {
      const [last] = at('/last');
      const query = new URLSearchParams(last?.target.split('?')[1]);
      expect([query.get('a'), query.get('b')]).toEqual(['1', '2']);
      for (const own of ['a', 'b']) query.delete(own);
      expect(complaints(webhookTables.document, Object.fromEntries(query))).toEqual([]);
    });

    it('with a signature that the SDK accepts, each time, and only for what was sent', () => {
      const { authToken } = simulator;
      expect(customer.requests.length).toBeGreaterThan(12);
      for (const { target, headers, params } of customer.requests) {
        const signature = String(headers['x-twilio-signature']);
        const url = customer.url + target;
        const accepts = (token: string, fields: Record<string, string>): boolean =>
          twilio.validateRequest(token, signature, url, fields);
        const verdicts = [accepts(authToken, params), accepts(authToken, { ...params, Digits: '1' }), accepts('another', params)];
        expect({ target, verdicts }).toEqual({ target, verdicts: [true, false, false] });
        expect(headers).toMatchObject({
          'user-agent': 'TwilioProxy/1.1',
          'i-twilio-idempotency-token': expect.stringMatching(/\S/),
        });
      }
    });

    it('with upgrades that the SDK accepts, without Origin, protocol or extensions', () => {
      expect(customer.upgrades.length).toBeGreaterThan(0);
      for (const { target, headers } of customer.upgrades) {
        const signature = String(headers['x-twilio-signature']);
        expect(twilio.validateRequest(simulator.authToken, signature, customer.wsUrl + target, {})).toBe(true);
        for (const absent of ['origin', 'sec-websocket-protocol', 'sec-websocket-extensions'])
          expect(headers).not.toHaveProperty(absent);
      }
    });

    it('over a stream whose every message is in the shape of the table', () => {
      const [start] = customer.messages.filter(
        ({ event, start }) => event === 'start' && (start as { callSid: string }).callSid === sid,
      );
      const messages = customer.messages.filter(({ streamSid }) => streamSid === start?.['streamSid']);
      expect(new Set(messages.map(({ event }) => event))).toEqual(new Set(['start', 'media', 'mark']));
      for (const message of [
        ...messages,
        ...customer.messages.filter(({ event }) => event === 'connected' || event === 'stop'),
      ]) {
        const event = String(message['event']);
        expect({ event, wrong: complaints(streamTables[event] ?? {}, message) }).toEqual({ event, wrong: [] });
      }
      expect(messages.map(({ sequenceNumber }) => Number(sequenceNumber))).toEqual(messages.map((_, at) => at + 1));
    });
  });
});
