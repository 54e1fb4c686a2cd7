import { describe, expect, it } from 'vitest';
import { newCallId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { isStreamToken, streamToken } from './stream-token.js';

const callId = newCallId('a', systemChance.uuidv7());
const other = newCallId('a', systemChance.uuidv7());

describe('the stream token', () => {
  it('opens for its own call and attempt only', () => {
    const token = streamToken('secret', callId, 1);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(isStreamToken('secret', callId, 1, token)).toBe(true);
    expect(isStreamToken('secret', callId, 2, token)).toBe(false);
    expect(isStreamToken('secret', other, 1, token)).toBe(false);
    expect(isStreamToken('another', callId, 1, token)).toBe(false);
  });

  it('refuses anything else without a throw', () => {
    const token = streamToken('secret', callId, 1);
    for (const wrong of ['', token.slice(1), `${token}=`, token.toUpperCase(), undefined, null, 7, {}, 'é'.repeat(43)]) {
      expect(isStreamToken('secret', callId, 1, wrong)).toBe(false);
    }
  });
});
