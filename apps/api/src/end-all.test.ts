import type { CallId, CarrierCallId, GatewayId, GatewayOrder, StreamSid } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, SID, startTestApi, type TestApi } from './testing/test-api.js';

const GATEWAY = 'gw_01k00000000000000000000000' as GatewayId;
const CONFIRMED = { confirm: 'end-all-calls' };

let test: TestApi;
let orders: { gatewayId: GatewayId; order: GatewayOrder }[];
beforeEach(async () => {
  orders = [];
  test = await startTestApi({ orders: { send: async (gatewayId, order) => void orders.push({ gatewayId, order }) } });
});
afterEach(() => test.stop());

async function bridged(to: string, i: number): Promise<CallId> {
  const { body } = await test.create({ to });
  const callId = body.id as CallId;
  const sid = `CA${String(i).repeat(32)}` as CarrierCallId;
  await test.store.calls.apply(callId, { type: 'dial-started', n: 1, from: '+14155550100' as never, source: 'dialer' });
  await test.store.calls.apply(callId, { type: 'accepted', n: 1, sid, source: 'dialer' });
  const streamSid = `MZ${String(i).repeat(32)}` as StreamSid;
  await test.store.calls.apply(callId, { type: 'stream-started', n: 1, sid, streamSid, gatewayId: GATEWAY, source: 'gateway' });
  return callId;
}
const stateOf = async (callId: CallId) => (await test.store.calls.load(callId))?.call.state;

describe('POST /v1/end-all', () => {
  it('ends every call that is up, tells their gateways at once, and leaves those that wait', async () => {
    const up = [await bridged('+14155552671', 1), await bridged('+14155552672', 2)];
    const ringing = (await test.create()).body.id as CallId;
    await dialed(test, ringing);
    const waiting = (await test.create({ to: '+14155552674' })).body.id as CallId;
    const { status, body } = await test.send('POST', '/v1/end-all', CONFIRMED);
    expect([status, body]).toEqual([202, { calls: 3, dialing: { enabled: false } }]);
    for (const callId of [...up, ringing]) expect(await stateOf(callId)).toBe('ending');
    expect(await stateOf(waiting)).toBe('queued');
    expect(new Set(orders.map(({ gatewayId, order }) => `${gatewayId} ${order.type} ${order.callId}`))).toEqual(
      new Set(up.map((callId) => `${GATEWAY} close ${callId}`)),
    );
    expect(orders).toHaveLength(2);
    await test.api.idle();
    expect(test.wakes.filter(({ type }) => type === 'wake-hangup')).toHaveLength(3);
    const { attempts } = (await test.store.calls.load(ringing))!.call;
    expect(attempts[0]?.sid).toBe(SID);
    expect((await test.store.calls.load(up[0]!))!.call).toMatchObject({ cause: 'operator-ended-call', by: 'operator' });
  });

  it('stops dialing first, and ends those that it has found while it still looks for others', async () => {
    const up = [await bridged('+14155552671', 1), await bridged('+14155552672', 2)];
    const seen: unknown[] = [];
    const { underWay } = test.store.calls;
    test.store.calls.underWay = async (onPage) => {
      seen.push((await test.send('GET', '/v1/dialing')).body);
      await onPage!([up[0]!]);
      seen.push(orders.map(({ order }) => order.callId));
      await onPage!([up[1]!]);
      return up;
    };
    const { body } = await test.send('POST', '/v1/end-all', CONFIRMED);
    test.store.calls.underWay = underWay;
    expect(body).toMatchObject({ calls: 2 });
    expect(seen).toEqual([{ enabled: false }, [up[0]]]);
    expect(orders).toHaveLength(2);
  });

  it.each([
    ['without its word', {}],
    ['with another word', { confirm: true }],
    ['with a field too many', { ...CONFIRMED, force: true }],
  ])('%s ends nothing', async (_, body) => {
    const callId = await bridged('+14155552671', 1);
    expect((await test.send('POST', '/v1/end-all', body)).status).toBe(422);
    expect(await stateOf(callId)).toBe('bridged');
    expect((await test.send('GET', '/v1/dialing')).body).toEqual({ enabled: true });
  });

  it('stops dialing unless told otherwise, until it is switched on again', async () => {
    await test.send('POST', '/v1/end-all', { ...CONFIRMED, stopDialing: false });
    expect((await test.send('GET', '/v1/dialing')).body).toEqual({ enabled: true });
    await test.send('POST', '/v1/end-all', CONFIRMED);
    expect((await test.send('GET', '/v1/dialing')).body).toEqual({ enabled: false });
    expect((await test.send('PUT', '/v1/dialing', { enabled: true })).body).toEqual({ enabled: true });
    expect((await test.send('GET', '/v1/dialing')).body).toEqual({ enabled: true });
  });

  it('ends what began since, once more, at the latest when the process stops', async () => {
    await test.send('POST', '/v1/end-all', CONFIRMED);
    const callId = await bridged('+14155552671', 1);
    await test.api.idle();
    expect(await stateOf(callId)).toBe('ending');
  });

  it('says 503 if an end could not be asked for, so that it is repeated', async () => {
    await test.stop();
    let isLost = true;
    test = await startTestApi({ faults: { losesReply: () => isLost } });
    isLost = false;
    const callId = await bridged('+14155552671', 1);
    isLost = true;
    const refused = await test.send('POST', '/v1/end-all', CONFIRMED);
    isLost = false;
    expect([refused.status, refused.body.code]).toEqual([503, 'redis-unavailable']);
    expect((await test.send('POST', '/v1/end-all', CONFIRMED)).status).toBe(202);
    expect(await stateOf(callId)).toBe('ending');
  });
});
