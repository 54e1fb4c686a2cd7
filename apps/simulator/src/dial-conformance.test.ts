import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentLines, calleeLines } from './speech/index.js';
import { hangup, openDocumentBench, type DocumentBench } from './test-documents.js';

describe('a document with <Dial>', () => {
  let documents: DocumentBench;
  let bench: DocumentBench['bench'];
  let client: DocumentBench['client'];
  beforeAll(async () => {
    documents = await openDocumentBench();
    ({ bench, client } = documents);
  });
  afterAll(() => bench.close());

  it('connects a leg of its own, and tells the action how it went', async () => {
    const to = await documents.callee();
    const child = await documents.callee({ hangUp: { when: 'after-answer', ms: 300 } });
    const [done, legEvents] = [documents.page({ body: hangup }), documents.page({ status: 204, body: '' })];
    const sid = await documents.start(
      to,
      `<Dial action="${done.url}" callerId="+14155550199"><Number statusCallback="${legEvents.url}" ` +
        `statusCallbackEvent="ringing answered completed">${child}</Number></Dial>`,
    );
    const params = await documents.paramsAt(done.path);
    expect(params).toMatchObject({ CallSid: sid, DialCallStatus: 'completed', DialBridged: 'true', DialCallDuration: '1' });
    const childSid = params['DialCallSid']!;
    expect(await client.calls(childSid).fetch()).toMatchObject({
      parentCallSid: sid,
      direction: 'outbound-dial',
      from: '+14155550199',
      to: child,
      status: 'completed',
    });
    expect((await client.calls.list({ parentCallSid: sid })).map((call) => call.sid)).toEqual([childSid]);
    expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    await bench.customer.whenRequest(({ url, params: told }) => url === legEvents.path && told['CallStatus'] === 'completed');
    const told = documents.requestsAt(legEvents.path).map((request) => request.params);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatchObject({ CallSid: childSid, ParentCallSid: sid, Direction: 'outbound-dial' });
  });

  it('lets both parties hear each other', async () => {
    const child = await documents.callee({ steps: [{ wait: 300 }, { say: calleeLines.confirm }] });
    const to = await documents.callee({
      steps: [{ wait: 600 }, { say: calleeLines.thatIsMe }, { wait: 2_500 }, { hangUp: true }],
    });
    const sid = await documents.start(to, `<Dial>${child}</Dial>`);
    const childSid = String((await documents.entry(sid, 'bridged'))['childSid']);
    expect(await documents.entry(childSid, 'line-heard')).toMatchObject({ text: calleeLines.thatIsMe });
    expect(await documents.entry(sid, 'line-heard')).toMatchObject({ text: calleeLines.confirm });
    expect(await documents.ended(sid)).toMatchObject({ by: 'callee' });
    expect(await documents.ended(childSid)).toMatchObject({ status: 'completed', by: 'dial-over' });
  });

  it('that nobody takes tells busy, no-answer or failed, with no bridge, and goes on', async () => {
    const outcomes = [
      ['busy', await documents.callee({ outcome: 'busy' })],
      ['no-answer', await documents.callee({ outcome: 'rings' })],
      ['failed', await documents.callee({ outcome: 'fails' })],
      ['failed', 'nobody'],
    ] as const;
    for (const [status, child] of outcomes) {
      const done = documents.page({ body: hangup });
      const sid = await documents.start(await documents.callee(), `<Dial timeout="1" action="${done.url}">${child}</Dial>`);
      const params = await documents.paramsAt(done.path);
      expect(params).toMatchObject({ DialCallStatus: status, DialBridged: 'false' });
      await documents.ended(sid);
    }
  });

  it('connects the first that answers, and cancels the others', async () => {
    const quick = await documents.callee({ hangUp: { when: 'after-answer', ms: 200 } });
    const slow = await documents.callee({ outcome: 'rings' });
    const sid = await documents.start(await documents.callee(), `<Dial><Number>${slow}</Number><Number>${quick}</Number></Dial>`);
    expect(await documents.ended(sid)).toMatchObject({ by: 'end-of-document' });
    const legs = bench.ledger.entries({ call: sid, kind: 'dialled' }).map(({ childSid }) => String(childSid));
    expect(await documents.ended(legs[0]!)).toMatchObject({ status: 'canceled', by: 'dial-over' });
    expect(await documents.ended(legs[1]!)).toMatchObject({ status: 'completed', by: 'callee' });
  });

  it('calls one number after another, if it is told so, until one answers', async () => {
    const busy = await documents.callee({ outcome: 'busy' });
    const takes = await documents.callee({ hangUp: { when: 'after-answer', ms: 200 } });
    const spared = await documents.callee();
    const numbers = [busy, takes, spared].map((number) => `<Number>${number}</Number>`).join('');
    const done = documents.page({ body: hangup });
    const sid = await documents.start(await documents.callee(), `<Dial sequential="true" action="${done.url}">${numbers}</Dial>`);
    expect(await documents.paramsAt(done.path)).toMatchObject({ DialCallStatus: 'completed', DialBridged: 'true' });
    await documents.ended(sid);
    const legs = bench.ledger.entries({ call: sid, kind: 'dialled' });
    expect(legs.map(({ to }) => to)).toEqual([busy, takes]);
    const busyEnded = await documents.ended(String(legs[0]!['childSid']));
    expect(legs[1]!.seq).toBeGreaterThan(busyEnded.seq);
  });

  it('does not call what a create could not call either, and says why', async () => {
    const strict = await openDocumentBench({ ownedNumbers: new Set(['+14155550199']), permittedPrefixes: ['+1'] });
    const dial = async (inside: string): Promise<unknown[]> => {
      const { sid } = await strict.client.calls.create({
        to: await strict.callee(),
        from: '+14155550199',
        twiml: `<Response>${inside}<Hangup/></Response>`,
      });
      expect(await strict.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
      return strict.warnings(sid);
    };
    const warnings = await Promise.all([
      dial('<Dial callerId="+14155550198">+14155550103</Dial>'),
      dial('<Dial>12</Dial>'),
      dial('<Dial>+15005550001</Dial>'),
      dial('<Dial>+15005550004</Dial>'),
      dial('<Dial>+493012345678</Dial>'),
      dial('<Dial timeout="1">+14155550103</Dial>'),
    ]);
    await strict.bench.close();
    expect(warnings).toEqual([[13214], [13223], [13224], [13225], [13227], []]);
  });

  it('runs a document for the ear of the callee alone before it is connected', async () => {
    const whisper = documents.page({ body: `<Response><Say>${agentLines.misheard}</Say></Response>` });
    const child = await documents.callee();
    const sid = await documents.start(
      await documents.callee(),
      `<Dial timeLimit="1"><Number url="${whisper.url}">${child}</Number></Dial><Hangup/>`,
    );
    const childSid = String((await documents.entry(sid, 'bridged'))['childSid']);
    expect(bench.ledger.entries({ call: childSid, kind: 'line-heard' })).toMatchObject([{ text: agentLines.misheard }]);
    expect(documents.requestsAt(whisper.path)).toMatchObject([{ params: { CallSid: childSid, ParentCallSid: sid } }]);
    expect(await documents.ended(childSid)).toMatchObject({ by: 'time-limit' });
    expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    expect(bench.ledger.entries({ call: sid, kind: 'line-heard' })).toEqual([]);
  });

  it('ends when the caller presses star, if it is told so', async () => {
    const to = await documents.callee({ steps: [{ wait: 400 }, { press: '*' }] });
    const sid = await documents.start(to, `<Dial hangupOnStar="true">${await documents.callee()}</Dial><Hangup/>`);
    const childSid = String((await documents.entry(sid, 'bridged'))['childSid']);
    expect(await documents.ended(childSid)).toMatchObject({ by: 'hangup-on-star' });
    expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
  });

  it('that an update interrupts asks its action first, whose answer does not run, and ends the leg', async () => {
    const [stray, target] = [
      documents.page({ body: '<Response><Pause length="60"/></Response>' }),
      documents.page({ body: hangup }),
    ];
    const sid = await documents.start(await documents.callee(), `<Dial action="${stray.url}">${await documents.callee()}</Dial>`);
    const childSid = String((await documents.entry(sid, 'bridged'))['childSid']);
    await client.calls(sid).update({ url: target.url });
    expect(await documents.ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    expect(await documents.paramsAt(stray.path)).toMatchObject({ DialCallStatus: 'completed', DialCallSid: childSid });
    expect(await documents.ended(childSid)).toMatchObject({ by: 'dial-over' });
    expect(documents.requestsAt(target.path)).toHaveLength(1);
  });

  it('asks nothing more when the caller hangs up, and goes on when REST ends the leg', async () => {
    const unasked = documents.page({ body: hangup });
    const to = await documents.callee({ hangUp: { when: 'after-answer', ms: 500 } });
    const left = await documents.start(to, `<Dial action="${unasked.url}">${await documents.callee()}</Dial>`);
    const stays = await documents.start(await documents.callee(), `<Dial>${await documents.callee()}</Dial><Hangup/>`);
    const childSid = String((await documents.entry(stays, 'bridged'))['childSid']);
    await client.calls(childSid).update({ status: 'completed' });
    expect(await documents.ended(childSid)).toMatchObject({ by: 'rest' });
    expect(await documents.ended(stays)).toMatchObject({ by: 'twiml-hangup' });
    expect(await documents.ended(left)).toMatchObject({ by: 'callee' });
    expect(documents.requestsAt(unasked.path)).toEqual([]);
  });
});
