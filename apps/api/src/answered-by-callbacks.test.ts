import {
  answeredByPath,
  newCallId,
  type CallId,
  type CarrierCallId,
  type GatewayId,
  type GatewayOrder,
  type StreamSid,
} from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, SID, startTestApi, statusForm, testAgent, type TestApi } from './testing/test-api.js';

let test: TestApi;
let callId = '' as CallId;
let path = '';
const orders: GatewayOrder[] = [];
beforeEach(async () => {
  orders.length = 0;
  const agents = new Map([
    ['patient', testAgent('patient')],
    ['brisk', testAgent('brisk', { voicemail: {} })],
    ['leaves', testAgent('leaves', { voicemail: { machine: 'leave-message', unknown: 'hang-up', message: 'Call us.' } })],
  ]);
  test = await startTestApi({ agents, orders: { send: async (_, order) => void orders.push(order) } });
});
afterEach(() => test.stop());

async function answered(agentId: string): Promise<void> {
  callId = (await test.create({ to: '+14155552671', agentId })).body.id as CallId;
  path = answeredByPath(callId, 1);
  await dialed(test, callId);
  await test.store.calls.apply(callId, {
    type: 'stream-started',
    source: 'gateway',
    n: 1,
    sid: SID as CarrierCallId,
    streamSid: `MZ${'1'.repeat(32)}` as StreamSid,
    gatewayId: 'gw_1' as GatewayId,
  });
}
const verdict = (AnsweredBy: string): Record<string, string> => ({ CallSid: SID, AnsweredBy, MachineDetectionDuration: '4000' });
const record = async () => (await test.store.calls.load(callId))!.call;

describe("the carrier's verdict about who answered", () => {
  it('is kept, and told to the gateway that holds the call', async () => {
    await answered('leaves');
    expect((await test.callback(path, verdict('machine'))).status).toBe(204);
    expect(await record()).toMatchObject({ state: 'bridged', answeredBy: 'machine' });
    await test.api.idle();
    expect(orders).toEqual([expect.objectContaining({ type: 'answered-by', callId, who: 'machine' })]);
  });

  it.each([
    ['brisk', 'machine', 'ending'],
    ['brisk', 'fax', 'ending'],
    ['brisk', 'unknown', 'bridged'],
    ['brisk', 'human', 'bridged'],
    ['leaves', 'unknown', 'ending'],
    ['leaves', 'fax', 'ending'],
    ['patient', 'machine', 'bridged'],
    ['patient', 'fax', 'bridged'],
  ])('of a call of agent %s: %s, and the call is %s', async (agentId, who, state) => {
    await answered(agentId);
    await test.callback(path, verdict(who));
    expect((await record()).state).toBe(state);
  });

  it('is a question only for those who ask it', async () => {
    await answered('patient');
    expect((await record()).policy.detectsMachines).toBeUndefined();
    await answered('brisk');
    expect((await record()).policy).toMatchObject({ detectsMachines: true, voicemail: 'hang-up', unknownAnswer: 'continue' });
  });

  it('unsigned changes nothing, without a verdict neither, and for an unknown call it is taken', async () => {
    await answered('brisk');
    const before = test.snapshot();
    expect((await test.callback(path, verdict('machine'), { 'x-twilio-signature': 'no' })).status).toBe(403);
    expect((await test.callback(path, statusForm('in-progress'))).status).toBe(400);
    const nobody = answeredByPath(newCallId('b', '018bcfe5-6800-7000-8000-000000000000'), 1);
    expect((await test.callback(nobody, verdict('machine'))).status).toBe(204);
    expect(test.snapshot()).toBe(before);
  });
});
