import type { Call, NewCall, NewCallEvent } from '@onhook/call';
import {
  newCallId,
  newGatewayId,
  type CallId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type StreamSid,
} from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import type { Applied, Calls, Idempotency } from '../ports/calls.js';
import { chooseShard } from '../shard.js';

export const TO = '+14155550123' as E164;
export const FROM = '+14155550199' as E164;
/** Nothing that is spoken may stand anywhere but in the record. */
export const WORDS = 'canary words about a secret appointment';

const hex = (): string => systemChance.uuid().replaceAll('-', '');
export const newSid = (): CarrierCallId => `CA${hex()}` as CarrierCallId;
export const newStreamSid = (): StreamSid => `MZ${hex()}` as StreamSid;
export const newGateway = (): GatewayId => newGatewayId(systemChance.uuidv7());
export const newAccount = (): string => `AC${hex()}`;

export function idFor(account: string, key: string | null): CallId {
  return newCallId(chooseShard(account, key, systemChance), systemChance.uuidv7());
}

export function sampleCall(given: Partial<NewCall> = {}, key: string | null = null): NewCall {
  const account = given.account ?? newAccount();
  return {
    callId: idFor(account, key),
    account,
    to: TO,
    from: null,
    agentId: 'demo',
    variables: { name: 'Ada' },
    metadata: { order: 7 },
    policy: {
      ringTimeoutSec: 30,
      maxDurationSec: 600,
      transferLimitSec: 600,
      latestAt: null,
      redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 },
      voicemail: 'continue',
    },
    notBefore: null,
    ...given,
  };
}

export function keyed(account: string, key: string, fingerprint = 'fingerprint-1'): Idempotency {
  return { account, key, fingerprint };
}

export async function createSample(calls: Calls, given: Partial<NewCall> = {}): Promise<CallId> {
  const asked = sampleCall(given);
  const created = await calls.create(asked, null);
  if (created.outcome !== 'created') throw new Error(`expected a new call, got ${created.outcome}`);
  return asked.callId;
}

export interface Leg {
  readonly sid: CarrierCallId;
  readonly streamSid: StreamSid;
  readonly gatewayId: GatewayId;
}

export const newLeg = (): Leg => ({ sid: newSid(), streamSid: newStreamSid(), gatewayId: newGateway() });

/** A call's ordinary life, event by event. */
export function ordinaryLife({ sid, streamSid, gatewayId }: Leg): NewCallEvent[] {
  const carrier = (status: 'ringing' | 'in-progress' | 'completed'): NewCallEvent => ({
    type: 'carrier',
    source: 'callback',
    n: 1,
    sid,
    status,
    via: 'callback',
  });
  return [
    { type: 'dial-started', source: 'dialer', n: 1, from: FROM },
    { type: 'accepted', source: 'dialer', n: 1, sid },
    carrier('ringing'),
    carrier('in-progress'),
    { type: 'stream-started', source: 'gateway', n: 1, sid, streamSid, gatewayId },
    { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator', words: WORDS },
    { type: 'end-asked', source: 'gateway', cause: 'agent-ended-call', by: 'agent', goodbye: 'played' },
    carrier('completed'),
    { type: 'settled', source: 'hangup', n: 1 },
  ];
}

export async function applyAll(calls: Calls, callId: CallId, events: readonly NewCallEvent[]): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const event of events) applied.push(await mustApply(calls, callId, event));
  return applied;
}

export async function mustApply(calls: Calls, callId: CallId, event: NewCallEvent): Promise<Applied> {
  const applied = await calls.apply(callId, event);
  if (!applied) throw new Error('the call is not there');
  return applied;
}

/** A call with its media stream open. */
export async function createBridged(calls: Calls, leg: Leg): Promise<CallId> {
  const callId = await createSample(calls);
  const applied = await applyAll(calls, callId, ordinaryLife(leg).slice(0, 5));
  const state: Call['state'] | undefined = applied.at(-1)?.call.state;
  if (state !== 'bridged') throw new Error(`expected a bridged call, got ${state}`);
  return callId;
}
