import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../speech/wav.js';
import { openTestBench, testAccount, type TestBench } from '../test-customer.js';

const from = '+15005550006';
const fast = { queuedMs: 0, postDialMs: 20, answerAfterMs: 40, hello: null, replies: [] };
const pause = '<Response><Pause length="600"/></Response>';
const hangUp = '<Response><Hangup/></Response>';

describe('a call in progress', () => {
  let bench: TestBench;
  let client: twilio.Twilio;
  beforeAll(async () => {
    bench = await openTestBench({
      scenarios: [
        { to: '+1415555*', ...fast },
        { to: '+14155553000', ...fast, answeredBy: 'machine_end_silence', amdDelayMs: 300 },
        { to: '+14155553001', ...fast, answeredBy: 'human', amdDelayMs: 300 },
        { to: '+14155553002', ...fast, answeredBy: 'fax', amdDelayMs: 60_000 },
        { to: '+14155554000', ...fast, hello: { say: 'Hello? Who is speaking, please?', afterMs: 100, when: 'always' } },
      ],
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterAll(() => bench.close());

  const ended = (sid: string) => bench.whenEntry('carrier-ended', (entry) => entry.callSid === sid);
  const stateIs = (sid: string, status: string) =>
    bench.whenEntry('call-state', (entry) => entry.callSid === sid && entry['status'] === status);
  const asked = (path: string, sid: string) =>
    bench.customer.whenRequest(({ url, params }) => url.startsWith(path) && params['CallSid'] === sid);

  it('is ended by a time limit that was changed while it went on', async () => {
    const call = await client.calls.create({ to: '+14155551000', from, twiml: pause });
    await stateIs(call.sid, 'in-progress');
    await client.calls(call.sid).update({ timeLimit: 1 });
    expect(await ended(call.sid)).toMatchObject({ by: 'time-limit', status: 'completed' });
  });

  it('waits for the verdict of synchronous machine detection, and tells it to the document and to the last callback', async () => {
    bench.customer.answer = ({ url }) => (url.startsWith('/voice') ? { status: 200, type: 'text/xml', body: hangUp } : undefined);
    const { url } = bench.customer;
    const call = await client.calls.create({
      to: '+14155553000',
      from,
      url: `${url}/voice`,
      machineDetection: 'DetectMessageEnd',
      statusCallback: `${url}/cb`,
      statusCallbackEvent: ['answered', 'completed'],
    });
    const document = await asked('/voice', call.sid);
    expect(document.params).toMatchObject({ AnsweredBy: 'machine_end_silence', MachineDetectionDuration: '300' });
    const verdict = await bench.whenEntry('amd-verdict', (entry) => entry.callSid === call.sid);
    const answered = await stateIs(call.sid, 'in-progress');
    expect(verdict.mono - answered.mono).toBeGreaterThanOrEqual(290);
    await ended(call.sid);
    const last = await bench.customer.whenRequest(
      ({ params }) => params['CallSid'] === call.sid && params['CallStatus'] === 'completed',
    );
    expect(last.params['AnsweredBy']).toBe('machine_end_silence');
    const first = bench.customer.requests.find(
      ({ params }) => params['CallSid'] === call.sid && params['CallbackSource'] && params['CallStatus'] === 'in-progress',
    );
    expect(first?.params).not.toHaveProperty('AnsweredBy');
    expect((await client.calls(call.sid).fetch()).answeredBy).toBe('machine');
  });

  it('runs its document at once under asynchronous detection, and posts the verdict signed to its own callback', async () => {
    const asyncAmdStatusCallback = `${bench.customer.url}/amd`;
    const more = { machineDetection: 'Enable', asyncAmd: 'true', asyncAmdStatusCallback };
    const call = await client.calls.create({
      to: '+14155553001',
      from,
      twiml: '<Response><Pause length="1"/></Response>',
      ...more,
    });
    const { params, headers, url } = await asked('/amd', call.sid);
    expect(params).toEqual({
      CallSid: call.sid,
      AccountSid: testAccount.accountSid,
      AnsweredBy: 'human',
      MachineDetectionDuration: '300',
    });
    const signature = String(headers['x-twilio-signature']);
    expect(twilio.validateRequest(testAccount.authToken, signature, bench.customer.url + url, params)).toBe(true);
    expect((await ended(call.sid))['connectedMs']).toBeLessThan(1_250);
    expect((await client.calls(call.sid).fetch()).answeredBy).toBe('human');
  });

  it('is not taken back by a late verdict when REST has given it another document', async () => {
    const call = await client.calls.create({
      to: '+14155553002',
      from,
      twiml: hangUp,
      machineDetection: 'Enable',
      machineDetectionTimeout: 3,
    });
    await stateIs(call.sid, 'in-progress');
    await client.calls(call.sid).update({ twiml: '<Response><Pause length="4"/></Response>' });
    const verdict = await bench.whenEntry('amd-verdict', (entry) => entry.callSid === call.sid);
    expect(verdict['answeredBy']).toBe('unknown');
    expect((await client.calls(call.sid).fetch()).answeredBy).toBeNull();
    expect(await ended(call.sid)).toMatchObject({ by: 'end-of-document' });
  });

  it('plays SendDigits to the callee before the document begins', async () => {
    const call = await client.calls.create({ to: '+14155551001', from, twiml: hangUp, sendDigits: 'w12' });
    expect((await ended(call.sid))['connectedMs']).toBeGreaterThan(850);
    const heard = bench.ledger.entries({ call: call.sid, kind: 'played' });
    expect(heard.reduce((sum, entry) => sum + Number(entry['ms']), 0)).toBeGreaterThan(200);
  });

  it('is recorded on both sides, as a list, a resource, a callback and a WAV file', async () => {
    const call = await client.calls.create({
      to: '+14155554000',
      from,
      twiml: '<Response><Pause length="2"/><Play digits="5555"/></Response>',
      record: true,
      recordingChannels: 'dual',
      recordingStatusCallback: `${bench.customer.url}/recording`,
      recordingStatusCallbackEvent: ['in-progress', 'completed'],
      statusCallback: `${bench.customer.url}/cb`,
    });
    await stateIs(call.sid, 'in-progress');
    const [going] = await client.calls(call.sid).recordings.list();
    expect(going).toMatchObject({ status: 'in-progress', duration: '-1', source: 'OutboundAPI', channels: 2 });
    await ended(call.sid);
    const told = await bench.customer.whenRequest(
      ({ url, params }) => url === '/recording' && params['RecordingStatus'] === 'completed',
    );
    expect(told.params).toMatchObject({
      AccountSid: testAccount.accountSid,
      CallSid: call.sid,
      RecordingSid: going!.sid,
      RecordingChannels: '2',
      RecordingTrack: 'both',
      RecordingSource: 'OutboundAPI',
      RecordingUrl: `${bench.url}/2010-04-01/Accounts/${testAccount.accountSid}/Recordings/${going!.sid}`,
      RecordingDuration: expect.stringMatching(/^[23]$/),
    });
    const last = await bench.customer.whenRequest(
      ({ params }) => params['CallSid'] === call.sid && params['CallStatus'] === 'completed',
    );
    expect(last.params).toMatchObject({ RecordingSid: going!.sid, RecordingUrl: told.params['RecordingUrl'] });

    const headers = { Authorization: `Basic ${Buffer.from(Object.values(testAccount).join(':')).toString('base64')}` };
    const file = await fetch(`${told.params['RecordingUrl']}.wav`, { headers });
    expect(file.headers.get('content-type')).toContain('audio/x-wav');
    const wav = Buffer.from(await file.arrayBuffer());
    expect([wav.toString('latin1', 0, 4), wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual(['RIFF', 2, 8_000]);
    const one = await fetch(`${told.params['RecordingUrl']}?RequestedChannels=1`, { headers });
    const { samples } = readWav(Buffer.from(await one.arrayBuffer()));
    // The callee said hello on its channel and nothing while the keys were played.
    expect(Math.max(...samples.subarray(0, 16_000).map(Math.abs))).toBeGreaterThan(1_000);
    expect((await fetch(`${told.params['RecordingUrl']}.wav`)).status).toBe(401);

    expect(await client.recordings(going!.sid).fetch()).toMatchObject({ status: 'completed', callSid: call.sid });
    expect((await client.recordings.list({ callSid: call.sid })).map(({ sid }) => sid)).toEqual([going!.sid]);
    expect(await client.calls(call.sid).recordings(going!.sid).remove()).toBe(true);
    await expect(client.recordings(going!.sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  it('is recorded from when REST says so, without what is said in a pause', async () => {
    const call = await client.calls.create({ to: '+14155554000', from, twiml: pause });
    await expect(client.calls(call.sid).recordings.create()).rejects.toMatchObject({ status: 400 });
    await stateIs(call.sid, 'in-progress');
    const begun = await client.calls(call.sid).recordings.create({
      recordingStatusCallback: `${bench.customer.url}/by-rest`,
      recordingStatusCallbackEvent: ['completed', 'absent'],
    });
    expect(begun).toMatchObject({ status: 'in-progress', source: 'StartCallRecordingAPI', callSid: call.sid });
    const current = client.calls(call.sid).recordings('Twilio.CURRENT');
    expect(await current.update({ status: 'paused', pauseBehavior: 'skip' })).toMatchObject({ sid: begun.sid, status: 'paused' });
    expect((await client.recordings(begun.sid).fetch()).status).toBe('paused');
    await bench.whenEntry('callee-spoke', (entry) => entry.callSid === call.sid);
    expect((await client.calls(call.sid).recordings(begun.sid).update({ status: 'in-progress' })).status).toBe('in-progress');
    expect((await current.update({ status: 'stopped' })).status).toBe('stopped');
    expect((await asked('/by-rest', call.sid)).params).toMatchObject({ RecordingSid: begun.sid, RecordingDuration: '0' });
    await expect(current.update({ status: 'stopped' })).rejects.toMatchObject({ status: 404, code: 20404 });
    await client.calls(call.sid).update({ status: 'completed' });
    expect(await client.calls(call.sid).recordings.list()).toHaveLength(1);
  });

  it('has an absent recording when there was nothing to hear', async () => {
    const recordingStatusCallback = `${bench.customer.url}/silent`;
    const more = { record: true, recordingStatusCallback, recordingStatusCallbackEvent: ['absent'] };
    const call = await client.calls.create({
      to: '+14155551002',
      from,
      twiml: '<Response><Pause length="1"/></Response>',
      ...more,
    });
    expect((await asked('/silent', call.sid)).params).toMatchObject({ RecordingStatus: 'absent', RecordingDuration: '0' });
  });

  it('shows what was asked of the customer in its Events, and what went wrong in its Notifications', async () => {
    bench.customer.answer = ({ url }) =>
      url.startsWith('/broken') ? { status: 500, type: 'text/plain', body: 'sorry' } : undefined;
    const call = await client.calls.create({
      to: '+14155551003',
      from,
      url: `${bench.customer.url}/broken`,
      statusCallback: `${bench.customer.url}/cb`,
    });
    await bench.whenEntry('callback-answered', (entry) => entry.callSid === call.sid);
    const events = await client.calls(call.sid).events.list();
    expect(events).toMatchObject([
      {
        request: { method: 'POST', url: `${bench.customer.url}/broken`, parameters: { call_sid: call.sid, from_city: '' } },
        response: { response_code: 500, response_body: 'sorry', content_type: 'text/plain' },
      },
      {
        request: { parameters: { callback_source: 'call-progress-events', sequence_number: '3' } },
        response: { response_code: 204 },
      },
    ]);
    const [notification, ...others] = await client.calls(call.sid).notifications.list();
    expect(others).toEqual([]);
    expect(notification).toMatchObject({ errorCode: '11200', log: '0', callSid: call.sid });
    expect(notification!.messageDate).toBeInstanceOf(Date);
    expect((await client.calls(call.sid).notifications(notification!.sid).fetch()).errorCode).toBe('11200');
    expect(
      (await client.api.v2010.accounts(testAccount.accountSid).notifications.list({ log: 1 })).map(({ log }) => log),
    ).not.toContain('0');
  });

  it('is given a stream that listens by REST, which is stopped by its name', async () => {
    const call = await client.calls.create({ to: '+14155554000', from, twiml: pause });
    await expect(client.calls(call.sid).streams.create({ url: 'https://a.example/' })).rejects.toMatchObject({ status: 400 });
    await stateIs(call.sid, 'in-progress');
    const more = { name: 'ear', track: 'both_tracks', 'parameter1.name': 'room', 'parameter1.value': 'kitchen' } as const;
    const created = await client.calls(call.sid).streams.create({ url: `${bench.customer.wsUrl}/ear`, ...more });
    expect(created).toMatchObject({
      status: 'in-progress',
      callSid: call.sid,
      name: 'ear',
      sid: expect.stringMatching(/^MZ[0-9a-f]{32}$/),
    });
    const stream = await bench.customer.nextStream();
    await stream.when(() => stream.messages.some((message) => message['event'] === 'media'));
    expect(stream.messages.find((message) => message['event'] === 'start')).toMatchObject({
      start: { streamSid: created.sid, customParameters: { room: 'kitchen' } },
    });
    expect(await client.calls(call.sid).streams('ear').update({ status: 'stopped' })).toMatchObject({
      status: 'stopped',
      sid: created.sid,
    });
    await stream.closed;
    await expect(client.calls(call.sid).streams('ear').update({ status: 'stopped' })).rejects.toMatchObject({ status: 404 });
    await client.calls(call.sid).update({ status: 'completed' });
    await expect(client.calls(call.sid).streams.create({ url: 'wss://a.example/' })).rejects.toMatchObject({ code: 21220 });
  });
});
