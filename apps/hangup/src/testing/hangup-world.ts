import type { NewCallEvent } from '@onhook/call';
import { createFakeCarrier } from '@onhook/carrier/fake';
import {
  newCallId,
  type CallId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type GatewayOrder,
  type StreamSid,
  type Wake,
} from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import type { Admission } from '@onhook/store';
import { createMemoryAdmission, createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { createLookForLeg } from '../look-for-leg.js';
import { createPerform } from '../perform.js';
import { createTend } from '../tend.js';

export const FROM = '+14155550199' as E164;
export const TO = '+14155552671' as E164;
export const GATEWAY = 'gw_01k00000000000000000000000' as GatewayId;
export const PRICE = 14_000;
export const STREAM = `MZ${'1'.repeat(32)}` as StreamSid;

/** What a dialer asks for before it dials. */
export async function redial(admission: Admission, callId: CallId, n = 1): Promise<void> {
  const destination = { country: 'US', type: 'mobile' } as const;
  await admission.ask({ account: 'default', callId, n, to: TO, from: null, destination, leaseMs: 700_000, mostMinutes: 11 });
}

/** What a hangup worker lives among: a store in memory, a carrier that does as it is told, a clock that stands. */
export type HangupWorld = ReturnType<typeof createHangupWorld>;

export function createHangupWorld() {
  const time = createVirtualTime();
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls } = createMemoryStore({ database, chance });
  const admission = createMemoryAdmission({ database, fromNumbers: [FROM], limits: { maxConcurrent: 10 } });
  const carrier = createFakeCarrier({ clock: time, timers: time });
  const orders: { gatewayId: GatewayId; order: GatewayOrder }[] = [];
  const wakes: Wake[] = [];
  const sender = { send: async (gatewayId: GatewayId, order: GatewayOrder) => void orders.push({ gatewayId, order }) };
  const perform = createPerform({ waker: async (more) => void wakes.push(...more), orders: sender, logger: silentLogger });
  const deps = { calls, carrier, orders: sender, admission, perform, clock: time, logger: silentLogger };
  const tend = createTend({ ...deps, lookForLeg: createLookForLeg({ carrier, calls, logger: silentLogger }) });

  const redialing: { maxAttempts: number } = { maxAttempts: 1 };

  async function queued(): Promise<CallId> {
    const callId = newCallId('c', chance.uuidv7());
    await calls.create(
      {
        callId,
        account: 'default',
        to: TO,
        from: null,
        agentId: 'demo',
        variables: {},
        metadata: {},
        notBefore: null,
        policy: {
          ringTimeoutSec: 30,
          maxDurationSec: 600,
          transferLimitSec: 0,
          latestAt: null,
          voicemail: 'continue',
          redial: { ...redialing, on: ['busy'], delaySec: 60, backoff: 'fixed', maxDelaySec: 60 },
        },
      },
      null,
    );
    return callId;
  }
  async function dialed(): Promise<CallId> {
    const callId = await queued();
    await redial(admission, callId);
    await calls.apply(callId, { type: 'dial-started', n: 1, from: FROM, microsPerMinute: PRICE, source: 'dialer' });
    return callId;
  }
  /** A call in conversation, with its leg at the carrier. */
  async function bridged(): Promise<{ callId: CallId; sid: CarrierCallId }> {
    const callId = await dialed();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    await calls.apply(callId, { type: 'accepted', n: 1, sid, source: 'dialer' });
    await calls.apply(callId, { type: 'stream-started', n: 1, sid, streamSid: STREAM, gatewayId: GATEWAY, source: 'gateway' });
    return { callId, sid };
  }
  const endAsked: NewCallEvent = {
    type: 'end-asked',
    cause: 'agent-ended-call',
    by: 'agent',
    n: 1,
    goodbye: 'played',
    source: 'gateway',
  };
  const call = async (callId: CallId) => (await calls.load(callId))!.call;
  const sent = (type: string) => carrier.requests.filter((request) => request.type === type);
  return {
    time,
    database,
    admission,
    calls,
    carrier,
    orders,
    wakes,
    perform,
    tend,
    queued,
    dialed,
    bridged,
    endAsked,
    call,
    sent,
    redialing,
  };
}
