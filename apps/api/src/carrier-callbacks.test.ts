import { newCallId, statusCallbackPath, type CallView } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, OTHER_SID, SID, sign, startTestApi, statusForm, type TestApi } from './testing/test-api.js';

let test: TestApi;
let callId = '';
let path = '';
beforeEach(async () => {
  test = await startTestApi();
  callId = (await test.create()).body.id;
  path = statusCallbackPath(callId, 1);
  await dialed(test, callId);
  await test.api.idle();
  test.wakes.length = 0;
});
afterEach(() => test.stop());

const state = async (): Promise<CallView> => (await test.send<CallView>('GET', `/v1/calls/${callId}`)).body;

describe('a genuine callback', () => {
  it('moves the call, is answered 204, and the end wakes the hangup worker', async () => {
    expect((await test.callback(path, statusForm('ringing'))).status).toBe(204);
    expect((await state()).state).toBe('ringing');
    expect((await test.callback(path, statusForm('in-progress'))).status).toBe(204);
    expect((await state()).state).toBe('answered');
    expect((await test.callback(path, { ...statusForm('completed'), CallDuration: '7' })).status).toBe(204);
    expect(await state()).toMatchObject({ state: 'settling', disposition: 'completed', endedBy: 'carrier' });
    await test.api.idle();
    expect(test.wakes).toEqual([{ type: 'wake-hangup', callId }]);
  });

  it('needs no API key', async () => {
    expect((await test.callback(path, statusForm('ringing'), { authorization: '' })).status).toBe(204);
  });

  it('replayed: answered again, and nothing is changed but a line of the timeline', async () => {
    await test.callback(path, statusForm('ringing'));
    await test.callback(path, statusForm('in-progress'));
    const before = await state();
    for (const status of ['ringing', 'in-progress', 'initiated', 'ringing'] as const)
      expect((await test.callback(path, statusForm(status))).status).toBe(204);
    const { timeline: _now, ...after } = await state();
    const { timeline: _then, ...earlier } = before;
    expect(after).toEqual(earlier);
    await test.api.idle();
    expect(test.wakes).toEqual([]);
  });

  it('of another leg for the same attempt: the stray is hung up, the call is left alone', async () => {
    expect((await test.callback(path, statusForm('in-progress', OTHER_SID))).status).toBe(204);
    expect((await state()).state).toBe('placed');
    expect(test.wakes).toEqual([{ type: 'stray', sid: OTHER_SID }]);
  });

  it.each([
    ['an unknown call', statusCallbackPath(newCallId('b', '018bcfe5-6800-7000-8000-000000000000'), 1)],
    ['no call id at all', statusCallbackPath('call_of_nobody', 1)],
    ['no attempt', statusCallbackPath(newCallId('b', '018bcfe5-6800-7000-8000-000000000000'), 0)],
  ])('for %s: a live leg is looked after, one that is over is not', async (_what, elsewhere) => {
    expect((await test.callback(elsewhere, statusForm('ringing', OTHER_SID))).status).toBe(204);
    expect((await test.callback(elsewhere, statusForm('completed', OTHER_SID))).status).toBe(204);
    expect((await test.callback(elsewhere, { ...statusForm('ringing', OTHER_SID), Direction: 'inbound' })).status).toBe(204);
    expect(test.wakes).toEqual([{ type: 'stray', sid: OTHER_SID }]);
  });

  it('of a child leg is left alone', async () => {
    const before = test.snapshot();
    expect((await test.callback(path, { ...statusForm('in-progress', OTHER_SID), ParentCallSid: SID })).status).toBe(204);
    expect(test.snapshot()).toBe(before);
  });

  it('is asked for again (503) when a stray could not be handed on', async () => {
    const deaf = await startTestApi({ waker: () => Promise.reject(new Error('the queue is away')) });
    const answer = await deaf.callback(statusCallbackPath('call_of_nobody', 1), statusForm('ringing', OTHER_SID));
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'redis-unavailable', '1']);
    await deaf.stop();
  });
});

describe('a callback that changes nothing', () => {
  let before = '';
  beforeEach(() => {
    before = test.snapshot();
  });
  afterEach(() => {
    if (test.snapshot() !== before) throw new Error('a refused callback changed something');
  });

  it('unsigned', async () => {
    const answer = await test.callback(path, statusForm('completed'), { 'x-twilio-signature': '' });
    expect([answer.status, answer.body.code]).toEqual([403, 'forged-callback']);
  });

  it.each([
    ['with another secret', () => sign(path, statusForm('completed'), 'another')],
    ['for another form', () => sign(path, statusForm('ringing'))],
    ['for another path', () => sign(statusCallbackPath(callId, 2), statusForm('completed'))],
    ['for the same path with a query', () => sign(`${path}?a=1`, statusForm('completed'))],
    ['by guessing', () => 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
  ])('signed %s', async (_how, signature) => {
    const answer = await test.callback(path, statusForm('completed'), { 'x-twilio-signature': signature() });
    expect([answer.status, answer.body.code]).toEqual([403, 'forged-callback']);
  });

  it('with a genuine signature and other fields added', async () => {
    const signature = sign(path, statusForm('ringing'));
    const answer = await test.callback(
      path,
      { ...statusForm('ringing'), CallStatus: 'completed' },
      { 'x-twilio-signature': signature },
    );
    expect(answer.status).toBe(403);
  });

  it('as JSON', async () => {
    const answer = await test.send('POST', path, statusForm('completed'), {
      'x-twilio-signature': sign(path, statusForm('completed')),
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'forged-callback']);
  });

  it('oversized', async () => {
    const answer = await test.callback(path, { ...statusForm('completed'), Long: 'x'.repeat(70_000) });
    expect([answer.status, answer.body.code]).toEqual([413, 'payload-too-large']);
  });

  it.each([
    ['a status that nobody knows', { CallStatus: 'exploded' }],
    ['no status', { CallStatus: '' }],
  ])('signed, but with %s', async (_what, odd) => {
    const answer = await test.callback(path, { ...statusForm('ringing'), ...odd });
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed-callback']);
  });
});

describe('a signature', () => {
  it('is checked over the path and query exactly as they came', async () => {
    for (const odd of [`${path}?x=1&y=%20`, path.replace('call_', '%63all_'), `${path}/`]) {
      expect([odd, (await test.callback(odd, statusForm('ringing'))).status]).toEqual([odd, 204]);
    }
  });
});
