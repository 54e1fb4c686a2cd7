import { describe, expect, it } from 'vitest';
import { CALL_EVENT_TYPES, callEventOf, isWanted, type CallNews } from './call-events.js';
import { newCallId } from './ids.js';
import { deliveryId, eventId, isEndpointId, newEndpointId, PER_CALL_ENDPOINT, readDeliveryId } from './webhook-ids.js';
import { STATES } from './words.js';

const told = (from: CallNews['from'], state: CallNews['state'], event = 'carrier') => callEventOf({ event, from, state });

describe('what people are told of a call', () => {
  it('is its beginning and its end, whatever came between', () => {
    for (const state of STATES) expect(told(null, state)).toBe('call.created');
    for (const from of STATES) if (from !== 'ended') expect(told(from, 'ended')).toBe('call.ended');
  });

  it('is one answer, whichever of carrier and media stream comes first', () => {
    expect([told('ringing', 'answered'), told('answered', 'bridged')]).toEqual(['call.answered', null]);
    expect([told('dialing', 'bridged'), told('placed', 'bridged')]).toEqual(['call.answered', 'call.answered']);
  });

  it('is the end of an attempt only if there was one', () => {
    expect([told('queued', 'settling'), told('scheduled', 'settling')]).toEqual([null, null]);
    for (const from of ['dialing', 'unconfirmed', 'ringing', 'bridged', 'ending'] as const) {
      expect(told(from, 'settling')).toBe('call.attempt_ended');
    }
  });

  it('is a recording, and nothing of states that only we know', () => {
    expect(told('ended', 'ended', 'noted')).toBe('call.recording_ready');
    expect(told('ended', 'ended', 'carrier')).toBeNull();
    expect([told('dialing', 'unconfirmed'), told('dialing', 'placed'), told('bridged', 'ending')]).toEqual([null, null, null]);
  });

  it('has a name for everything that can happen', () => {
    const all = new Set(STATES.flatMap((from) => STATES.map((state) => told(from, state, 'noted'))));
    all.add(told(null, 'queued'));
    expect([...all].filter((type) => type !== null).toSorted()).toEqual(CALL_EVENT_TYPES.toSorted());
  });
});

describe('a filter', () => {
  it('is a type, a beginning of types, or everything', () => {
    expect(isWanted('call.ended', [])).toBe(true);
    expect(isWanted('call.ended', ['*'])).toBe(true);
    expect(isWanted('call.ended', ['call.*'])).toBe(true);
    expect(isWanted('call.ended', ['call.created', 'call.ended'])).toBe(true);
    expect(isWanted('call.ended', ['call.end', 'campaign.*', 'call.ended.*'])).toBe(false);
    expect(isWanted('caller.ended', ['call.*'])).toBe(false);
  });
});

describe('the id of a delivery', () => {
  const uuid = '0199b1f0-7c00-7000-8000-000000000001';
  it('says where it is stored', () => {
    const callId = newCallId('c', uuid);
    for (const endpointId of [newEndpointId(uuid), PER_CALL_ENDPOINT]) {
      expect(isEndpointId(endpointId)).toBe(true);
      expect(readDeliveryId(deliveryId({ callId, endpointId, sequence: 12 }))).toEqual({ callId, endpointId, sequence: 12 });
    }
    expect(eventId(callId, 12)).toMatch(/^evt_c_\w{26}_12$/);
  });

  it.each(['', 'whd_', 'whd_c_1_2_3', `whd_c_${'0'.repeat(26)}_x_call`, `whd_z_${'0'.repeat(26)}_1_call`])(
    'is not %j',
    (text) => {
      expect(readDeliveryId(text)).toBeNull();
    },
  );
});
