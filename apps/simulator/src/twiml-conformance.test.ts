import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentLines, calleeLines } from './speech/index.js';
import { openTestBench, testAccount } from './test-customer.js';
import { fast, hangup, openDocumentBench, type DocumentBench, type Page } from './test-documents.js';

describe('a document', () => {
  let documents: DocumentBench;
  let bench: DocumentBench['bench'];
  let client: DocumentBench['client'];
  beforeAll(async () => {
    documents = await openDocumentBench();
    ({ bench, client } = documents);
  });
  afterAll(() => bench.close());

  describe('with <Gather>', () => {
    it('is given what was pressed before the key that finishes, and the first key stops the prompt', async () => {
      const to = await documents.callee({ steps: [{ wait: 200 }, { press: '12#' }] });
      const menu = documents.page({ body: hangup });
      const sid = await documents.start(to, `<Gather action="${menu.url}"><Pause length="60"/></Gather>`);
      expect(await documents.paramsAt(menu.path)).toMatchObject({ CallSid: sid, Digits: '12', CallStatus: 'in-progress' });
      expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
      expect(bench.ledger.entries({ call: sid, kind: 'key-pressed' }).map(({ key }) => key)).toEqual(['1', '2', '#']);
    });

    it('that names no action asks its own URL again', async () => {
      const to = await documents.callee({ steps: [{ wait: 200 }, { press: '7' }] });
      const ivr = documents.page(({ Digits }) =>
        Digits === undefined ? '<Response><Gather numDigits="1"/></Response>' : hangup,
      );
      const { sid } = await client.calls.create({ to, from: '+15005550006', url: ivr.url });
      expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
      expect(documents.requestsAt(ivr.path).map(({ params }) => params['Digits'])).toEqual([undefined, '7']);
    });

    it('goes on with the next verb when nothing was pressed, or only the key that finishes', async () => {
      const menu = documents.page({ body: hangup });
      const gather = `<Gather action="${menu.url}" timeout="1"/><Hangup/>`;
      const sids = await Promise.all([
        documents.start(await documents.callee(), gather),
        documents.start(await documents.callee({ steps: [{ wait: 100 }, { press: '#' }] }), gather),
      ]);
      for (const sid of sids) expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
      expect(documents.requestsAt(menu.path)).toEqual([]);
    });

    it('tells its action of nothing too, if it is asked to', async () => {
      const menu = documents.page({ body: hangup });
      const sid = await documents.start(
        await documents.callee(),
        `<Gather action="${menu.url}" timeout="1" actionOnEmptyResult="true"/>`,
      );
      expect(await documents.paramsAt(menu.path)).toMatchObject({ Digits: '' });
      expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    });
  });

  describe('with <Record>', () => {
    it('records the callee after the beep, until a key, and tells the action where', async () => {
      const to = await documents.callee({ steps: [{ wait: 600 }, { say: calleeLines.thatIsMe }, { press: '9' }] });
      const done = documents.page({ body: hangup });
      const sid = await documents.start(to, `<Record action="${done.url}" maxLength="20"/>`);
      const params = await documents.paramsAt(done.path);
      expect(params).toMatchObject({ CallSid: sid, Digits: '9' });
      expect(params['RecordingUrl']).toMatch(/\/Recordings\/RE[0-9a-f]{32}$/);
      const spokenMs = (await bench.speech.line(calleeLines.thatIsMe, 'rms')).durationMs;
      expect(Math.abs(Number(params['RecordingDuration']) * 1000 - spokenMs)).toBeLessThanOrEqual(600);
      await documents.ended(sid);
    });

    it('goes on with the next verb when nobody spoke', async () => {
      const unasked = documents.page({ body: hangup });
      const sid = await documents.start(
        await documents.callee(),
        `<Record action="${unasked.url}" timeout="1" playBeep="false"/><Hangup/>`,
      );
      expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
      expect(documents.requestsAt(unasked.path)).toEqual([]);
    });

    it('tells the action of a hangup in the middle of it', async () => {
      const to = await documents.callee({ steps: [{ say: calleeLines.thatIsMe }, { hangUp: true }] });
      const done = documents.page({ body: hangup });
      const sid = await documents.start(to, `<Record action="${done.url}" playBeep="false"/>`);
      expect(await documents.paramsAt(done.path)).toMatchObject({ CallSid: sid, Digits: 'hangup', CallStatus: 'completed' });
    });
  });

  describe('with streams', () => {
    it('sends the keys of the callee to the stream of a <Connect>', async () => {
      const to = await documents.callee({ steps: [{ wait: 400 }, { press: '5#' }] });
      const sid = await documents.start(to, `<Connect><Stream url="${bench.customer.wsUrl}/media"/></Connect>`);
      const stream = await bench.customer.nextStream();
      const digits = () => stream.messages.filter(({ event }) => event === 'dtmf').map(({ dtmf }) => dtmf);
      await stream.when(() => digits().length === 2);
      expect(digits()).toEqual([
        { track: 'inbound_track', digit: '5' },
        { track: 'inbound_track', digit: '#' },
      ]);
      stream.socket.close();
      await documents.ended(sid);
    });

    it('lets a stream of <Start> listen to both tracks while it goes on, until <Stop>', async () => {
      const sid = await documents.start(
        await documents.callee(),
        `<Start><Stream name="tap" track="both_tracks" url="${bench.customer.wsUrl}/tap"/></Start>` +
          '<Pause length="1"/><Stop><Stream name="tap"/></Stop><Stop><Stream name="tap2"/></Stop><Pause length="1"/>',
      );
      const stream = await bench.customer.nextStream();
      await stream.when(() => stream.words().includes('stop'));
      expect(bench.ledger.entries({ call: sid, kind: 'carrier-ended' })).toEqual([]);
      expect(stream.messages[1]).toMatchObject({ event: 'start', start: { tracks: ['inbound', 'outbound'] } });
      const media = stream.messages.filter(({ event }) => event === 'media') as { media: { track: string } }[];
      const [inbound, outbound] = ['inbound', 'outbound'].map((track) => media.filter((one) => one.media.track === track).length);
      expect(inbound).toBeGreaterThan(30);
      expect(outbound).toBe(inbound);
      await documents.ended(sid);
      expect(documents.warnings(sid)).toEqual([12200]);
    });

    it('ends a stream that only listens with the call', async () => {
      const sid = await documents.start(
        await documents.callee(),
        `<Start><Stream url="${bench.customer.wsUrl}/tap"/></Start><Pause length="60"/>`,
      );
      const stream = await bench.customer.nextStream();
      await stream.when(() => stream.messages.length > 5);
      await client.calls(sid).update({ status: 'completed' });
      await stream.closed;
      expect(stream.words().at(-1)).toBe('stop');
    });
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('whose <Connect> an update interrupts asks its action by a switch (%s)', async (requestsInterruptedConnectAction, asked) => {
    const other = await openTestBench({ scenarios: [{ to: '+1415555*', ...fast }], requestsInterruptedConnectAction });
    const rest = twilio(testAccount.accountSid, testAccount.authToken);
    rest.api.baseUrl = other.url;
    const { wsUrl, url } = other.customer;
    const twiml = `<Response><Connect action="${url}/action"><Stream url="${wsUrl}/media"/></Connect></Response>`;
    const { sid } = await rest.calls.create({ to: '+14155550000', from: '+15005550006', twiml });
    const stream = await other.customer.nextStream();
    await stream.when(() => stream.words().includes('start'));
    await rest.calls(sid).update({ twiml: '<Response><Pause length="1"/></Response>' });
    await other.whenEntry('carrier-ended');
    expect(other.customer.requests).toHaveLength(asked);
    await other.close();
  });

  describe('from a URL', () => {
    it('is TwiML as XML and HTML, is spoken as plain text, and is played as sound', async () => {
      const beep = Buffer.alloc(4_000, 0x20).toString('latin1');
      const said = `<Response><Say>${agentLines.misheard}</Say></Response>`;
      const cases: [Page, number][] = [
        [{ type: 'application/xml; charset=utf-8', body: said }, 1],
        [{ type: 'text/html', body: said }, 1],
        [{ type: 'text/plain', body: agentLines.misheard }, 1],
        [{ type: 'text/plain', body: said }, 1],
        [{ type: 'audio/basic', body: beep }, 0],
      ];
      await Promise.all(
        cases.map(async ([answer, lines]) => {
          const { sid } = await client.calls.create({
            to: await documents.callee(),
            from: '+15005550006',
            url: documents.page(answer).url,
          });
          expect(await documents.ended(sid)).toMatchObject({ by: 'end-of-document' });
          const heard = bench.ledger.entries({ call: sid, kind: 'line-heard' });
          expect(heard.map(({ text }) => text)).toEqual(Array.from({ length: lines }, () => agentLines.misheard));
          expect(bench.ledger.entries({ call: sid, kind: 'played' })).not.toEqual([]);
          expect(documents.warnings(sid)).toEqual([]);
        }),
      );
    });

    it('that cannot be run is replaced by the fallback, which is told why; so is any later one', async () => {
      const broken: [Page, number][] = [
        [{ status: 500, body: 'no' }, 11200],
        [{ type: 'text/xml', body: '<Response>' }, 12100],
        [{ type: 'application/json', body: '{}' }, 12300],
        [{ type: 'text/xml', body: `<Response><!-- ${'x'.repeat(65_536)} --></Response>` }, 11750],
      ];
      await Promise.all(
        broken.map(async ([answer, code]) => {
          const [bad, fallback] = [documents.page(answer), documents.page({ body: hangup })];
          const first = documents.page({ body: `<Response><Redirect>${bad.path}</Redirect></Response>` });
          const order = { to: await documents.callee(), from: '+15005550006', url: first.url, fallbackUrl: fallback.url };
          const { sid } = await client.calls.create(order);
          expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
          expect(await documents.paramsAt(fallback.path)).toMatchObject({
            ErrorCode: String(code),
            ErrorUrl: bad.url,
            CallSid: sid,
          });
          expect(documents.warnings(sid)).toEqual([code]);
        }),
      );
    });

    it('that has no fallback, or leads to itself without end, ends the call with an apology', async () => {
      const broken = documents.page({ type: 'text/xml', body: '<Nothing/>' });
      const circle = documents.page({ body: '<Response><Redirect/></Response>' });
      const [sid, circling] = await Promise.all(
        [broken, circle].map(
          async ({ url }) => (await client.calls.create({ to: await documents.callee(), from: '+15005550006', url })).sid,
        ),
      );
      expect(await documents.ended(sid!)).toMatchObject({ by: 'application-error', status: 'completed' });
      expect(documents.warnings(sid!)).toEqual([12100]);
      expect(bench.ledger.entries({ call: sid!, kind: 'line-heard' })).toHaveLength(1);
      expect(await documents.ended(circling!)).toMatchObject({ by: 'application-error' });
      expect(documents.requestsAt(circle.path).length).toBeGreaterThanOrEqual(100);
    });
  });
});
