import { describe, expect, it } from 'vitest';
import { isCallId, isCarrierCallId, isStreamSid, newCallId, newGatewayId, SHARDS, shardOf } from './ids.js';

const OLD = '018bcfe5-6800-7000-8000-000000000000';
const NEW = '018bcfe5-6801-7000-8000-000000000000';

describe('ids', () => {
  it('a call id carries its shard, for every shard', () => {
    for (const shard of SHARDS) {
      const callId = newCallId(shard, OLD);
      expect(callId).toMatch(new RegExp(`^call_${shard}_[0-9a-z]{26}$`));
      expect(isCallId(callId)).toBe(true);
      expect(shardOf(callId)).toBe(shard);
    }
  });

  it('call ids of one shard sort by age', () => {
    expect(newCallId('c', OLD) < newCallId('c', NEW)).toBe(true);
  });

  it.each([
    '',
    'call_c',
    'call_q_01hjyybse0e00800000000000',
    'call_01hjyybse0e008000000000000',
    'CALL_c_01hjyybse0e008000000000000',
    'call_c_01hjyybse0e008000000000000 ',
    'call_c_01hjyybse0e008000000000000\n',
    'call_c_81hjyybse0e0080000000000000',
    'call_c_01hjyybse0e00800000000000i',
    'call_c_../../etc/passwd',
    'call_c_01hjyybse0e008000000000000.wav',
  ])('%j is no call id', (text) => expect(isCallId(text)).toBe(false));

  it('what is no call id has no shard', () => {
    expect(() => shardOf('call_z_0' as ReturnType<typeof newCallId>)).toThrow('not a call id');
  });

  it('a gateway id says what it is', () => {
    expect(newGatewayId(NEW)).toMatch(/^gw_[0-9a-z]{26}$/);
  });

  it("knows the carrier's names by their form", () => {
    const hex = '0123456789abcdef0123456789ABCDEF';
    expect([isCarrierCallId(`CA${hex}`), isStreamSid(`MZ${hex}`)]).toEqual([true, true]);
    expect([isCarrierCallId(`MZ${hex}`), isStreamSid(`CA${hex}`), isCarrierCallId(`CA${hex}0`), isCarrierCallId('CA')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
