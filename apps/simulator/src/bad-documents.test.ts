import fc from 'fast-check';
import { silentLogger, type Logger } from '@onhook/service';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBench, testAccount } from './test-customer.js';
import { fast, openDocumentBench, type DocumentBench } from './test-documents.js';

describe.concurrent('a document with what cannot be done', () => {
  let documents: DocumentBench;
  let bench: DocumentBench['bench'];
  beforeAll(async () => {
    documents = await openDocumentBench();
    ({ bench } = documents);
  });
  afterAll(() => bench.close());

  it.each([
    ['a <Play> of no URL', '<Play>/rel.wav</Play><Hangup/>', 'twiml-hangup', [11100]],
    ['a <Stream> of no URL', '<Connect><Stream url="nowhere"/></Connect><Hangup/>', 'twiml-hangup', [11100]],
    ['a <Start> of a <Stream> of no URL', '<Start><Stream url="ftp://a.example/"/></Start><Hangup/>', 'twiml-hangup', [11100]],
    ['words that nobody here can say', '<Say>日本語</Say><Hangup/>', 'twiml-hangup', [13520]],
    ['a <Redirect> to no URL', '<Redirect>/rel</Redirect>', 'application-error', [11100]],
    [
      'an action that is no URL',
      '<Gather timeout="1" action="ftp://x/" actionOnEmptyResult="true"/>',
      'application-error',
      [11100],
    ],
  ])('with %s warns, and goes on or ends as the carrier would', async (_what, inside, by, codes) => {
    const sid = await documents.start(await documents.callee(), inside);
    expect(await documents.ended(sid)).toMatchObject({ by });
    expect(documents.warnings(sid)).toEqual(codes);
  });

  it('with callbacks of no URL fails to tell, and does not fall over', async () => {
    const to = await documents.callee({ steps: [{ wait: 200 }, { beep: { ms: 500 } }, { press: '1' }] });
    const [stream, record, dial] = await Promise.all([
      documents.start(to, '<Connect><Stream url="ws://127.0.0.1:1/" statusCallback="/rel"/></Connect><Hangup/>'),
      documents.start(to, '<Record playBeep="false" recordingStatusCallback="http://%ff@[" action="ftp://x/"/>'),
      documents.start(to, '<Dial timeout="1"><Number statusCallback="/rel">+14155550103</Number></Dial>'),
    ]);
    for (const sid of [stream, record, dial]) await documents.ended(sid);
    const [child] = bench.ledger.entries({ call: dial, kind: 'dialled' });
    for (const sid of [stream, record, String(child?.['childSid'])])
      expect(await documents.entry(sid, 'callback-failed')).toMatchObject({ detail: 'not a URL of the web', attempts: 0 });
  });

  it('may name its callbacks relative to itself', async () => {
    const to = await documents.callee({ steps: [{ wait: 200 }, { beep: { ms: 500 } }, { press: '1' }] });
    const page = documents.page({
      type: 'text/xml',
      body:
        '<Response><Connect><Stream url="/media" statusCallback="stream-told"/></Connect>' +
        '<Record playBeep="false" recordingStatusCallback="record-told" recordingStatusCallbackEvent="in-progress completed" action="/over"/></Response>',
    });
    const { sid } = await documents.client.calls.create({ to, from: '+15005550006', url: page.url });
    (await bench.customer.nextStream()).socket.close();
    expect((await bench.customer.whenRequest(({ url }) => url === '/stream-told')).params).toMatchObject({ CallSid: sid });
    expect((await bench.customer.whenRequest(({ url }) => url === '/record-told')).params).toMatchObject({
      CallSid: sid,
      RecordingStatus: 'completed',
    });
    await documents.ended(sid);
  });

  it('does not take a very long time for none', async () => {
    const sid = await documents.start(await documents.callee(), '<Pause length="99999999"/>');
    await bench.whenEntry('call-state', (entry) => entry.callSid === sid && entry['status'] === 'in-progress');
    await documents.client.calls(sid).fetch();
    expect(bench.ledger.entries({ call: sid, kind: 'carrier-ended' })).toEqual([]);
    await documents.client.calls(sid).update({ status: 'completed' });
    expect(await documents.ended(sid)).toMatchObject({ by: 'rest' });
  });
});

const names = `Response Say Play Pause Hangup Reject Redirect Gather Dial Number Connect Stream Start Stop Parameter Record Sms
  constructor __proto__`.split(/\s+/);
const attributes = `url action method statusCallback statusCallbackMethod statusCallbackEvent name value track loop length digits
  timeout timeLimit finishOnKey numDigits input callerId hangupOnStar sequential sendDigits recordingStatusCallback maxLength
  playBeep trim voice language __proto__`.split(/\s+/);
const values = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...`1 0 -1 99999999 true GET PUT # * w1 /rel http://127.0.0.1:1/ http://%ff@127.0.0.1:1/
    ws://127.0.0.1:1/ wss://[ ftp://x/ both_tracks +14155550103 911 dtmf`.split(/\s+/),
      '',
    ),
  },
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
);
const escaped = (text: string): string =>
  // Control characters are not XML, and a document that is none is tested beside.
  text
    .replace(/[\p{Cc}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
const element = fc.letrec<{ node: string }>((tie) => ({
  node: fc
    .tuple(
      fc.constantFrom(...names),
      fc.uniqueArray(fc.tuple(fc.constantFrom(...attributes), values), { selector: ([name]) => name, maxLength: 4 }),
      fc.oneof(
        { maxDepth: 3 },
        values.map(escaped),
        fc.array(tie('node'), { maxLength: 3 }).map((inside) => inside.join('')),
      ),
    )
    .map(
      ([name, given, inside]) =>
        `<${name}${given.map(([key, value]) => ` ${key}="${escaped(value)}"`).join('')}>${inside}</${name}>`,
    ),
})).node;
const document = fc.oneof(
  { weight: 9, arbitrary: fc.array(element, { maxLength: 5 }).map((inside) => `<Response>${inside.join('')}</Response>`) },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
);

describe('documents of any kind', () => {
  it('are run to an end that is explained, and never to an error of the simulator’s own', async () => {
    const errors: unknown[] = [];
    const logger = Object.create(silentLogger, { error: { value: (...what: unknown[]) => void errors.push(what) } }) as Logger;
    const bench = await openTestBench({ logger, scenarios: [{ to: '+1415555*', ...fast }] });
    const client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
    const sids: string[] = [];
    for (const twiml of fc.sample(document, 120)) {
      const made = client.calls.create({ to: '+14155551000', from: '+15005550006', twiml });
      // A blank document is refused as any other create without one.
      const call = await made.catch((error: { status?: number }) => (error.status === 400 ? undefined : Promise.reject(error)));
      if (call) sids.push(call.sid);
    }
    for (const sid of sids) {
      await client
        .calls(sid)
        .update({ status: 'completed' })
        .catch((error: { code?: number }) => expect(error.code).toBe(21220));
      await bench.whenEntry('carrier-ended', (entry) => entry.callSid === sid);
    }
    await bench.close();
    expect(errors).toEqual([]);
    expect(sids.length).toBeGreaterThan(100);
  });
});
