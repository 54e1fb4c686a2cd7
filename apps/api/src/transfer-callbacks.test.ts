import {
  afterTransferPath,
  transferPath,
  type CallId,
  type CarrierCallId,
  type GatewayId,
  type StreamSid,
} from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, OTHER_SID, SID, startTestApi, statusForm, testAgent, type TestApi } from './testing/test-api.js';

let test: TestApi;
let callId = '' as CallId;
let isDown = false;
const streamSid = `MZ${'1'.repeat(32)}` as StreamSid;
beforeEach(async () => {
  isDown = false;
  const targets = { desk: { number: '+14155550199', description: 'The front desk.' } };
  const agent = testAgent('demo', {
    variables: { name: 'you' },
    tools: { transfer: { targets, limitSeconds: 600, unreachable: 'Sorry, {{name}}.' } },
  });
  test = await startTestApi({ agents: new Map([['demo', agent]]), faults: { isDown: () => isDown } });
  callId = (await test.create({ to: '+14155552671', variables: { name: 'Ada' } })).body.id as CallId;
  await dialed(test, callId);
  const gateway = { source: 'gateway', streamSid } as const;
  await test.store.calls.apply(callId, {
    ...gateway,
    type: 'stream-started',
    n: 1,
    sid: SID as CarrierCallId,
    gatewayId: 'gw_1' as GatewayId,
  });
  await test.store.calls.apply(callId, { ...gateway, type: 'transfer-asked', targetId: 'desk' });
});
afterEach(() => test.stop());

const record = async () => (await test.store.calls.load(callId))!.call;
const child = (status: Parameters<typeof statusForm>[0]) => ({ ...statusForm(status, OTHER_SID), ParentCallSid: SID });
const after = (DialCallStatus: string) => test.callback(afterTransferPath(callId, 1), { CallSid: SID, DialCallStatus });

describe('a transfer', () => {
  it('is on as soon as the carrier speaks of the other leg, with the limit of the agent', async () => {
    expect((await test.callback(transferPath(callId, 1), child('initiated'))).status).toBe(204);
    expect(await record()).toMatchObject({ state: 'transferred', targetId: 'desk', policy: { transferLimitSec: 600 } });
  });

  it('whose other leg was answered ends as transferred', async () => {
    await test.callback(transferPath(callId, 1), child('in-progress'));
    await test.callback(transferPath(callId, 1), child('completed'));
    const answer = await after('completed');
    expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([
      200,
      'text/xml; charset=utf-8',
      '<hangs-up-after></hangs-up-after>',
    ]);
    await test.callback(`/carrier/twilio/status/${callId}/1`, statusForm('completed'));
    expect((await record()).attempts[0]?.over).toMatchObject({ cause: 'transferred' });
  });

  it.each(['busy', 'no-answer', 'failed'])('whose other leg is %s says so to the callee, and ends as failed', async (status) => {
    expect((await after(status)).text).toBe('<hangs-up-after>Sorry, Ada.</hangs-up-after>');
    await test.callback(`/carrier/twilio/status/${callId}/1`, statusForm('completed'));
    expect((await record()).attempts[0]?.over).toMatchObject({ cause: 'transfer-failed', disposition: 'completed' });
  });

  it('gets its document also while Redis is away: else the carrier would read an error aloud', async () => {
    isDown = true;
    const answer = await after('busy');
    expect([answer.status, answer.text]).toEqual([200, '<hangs-up-after></hangs-up-after>']);
  });

  it('is asked for again if the record could not be told of the other leg', async () => {
    isDown = true;
    expect((await test.callback(transferPath(callId, 1), child('initiated'))).status).toBe(503);
  });

  it('unsigned or misshapen words about it change nothing', async () => {
    const before = test.snapshot();
    expect((await test.callback(transferPath(callId, 1), child('busy'), { 'x-twilio-signature': 'no' })).status).toBe(403);
    expect((await test.callback(transferPath(callId, 1), statusForm('busy', OTHER_SID))).status).toBe(400);
    expect((await test.callback(afterTransferPath(callId, 1), { CallSid: SID })).status).toBe(400);
    const forged = await test.callback(
      afterTransferPath(callId, 1),
      { CallSid: SID, DialCallStatus: 'busy' },
      { 'x-twilio-signature': '' },
    );
    expect(forged.status).toBe(403);
    expect(test.snapshot()).toBe(before);
  });
});
