import type { GatewayId } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { idFor } from './conformance/sample-call.js';
import { createKeys } from './keys.js';

describe('keys', () => {
  it('of one call carry its shard as their only hash tag', () => {
    const keys = createKeys('onhook');
    const callId = idFor('account', 'key');
    const shard = callId[5];
    for (const key of [keys.call(callId), keys.timeline(callId), keys.due(callId[5] as 'a'), keys.index(callId[5] as 'a')]) {
      expect(/\{(.*?)\}/.exec(key)?.[1]).toBe(shard);
    }
    expect(keys.call(callId)).toBe(`onhook:{${shard}}:call:${callId}`);
  });

  it('never let a name from outside move the hash tag', () => {
    expect(createKeys('p').account('a}{b')('meters')).toBe('p:{acct:a%7D%7Bb}:meters');
    expect(createKeys('p').gatewayLease('gw_1' as GatewayId)).toBe('p:{gw:gw_1}:lease');
    for (const prefix of ['', 'a{b}', 'a b', 'x'.repeat(65)]) expect(() => createKeys(prefix)).toThrow('prefix');
  });
});
