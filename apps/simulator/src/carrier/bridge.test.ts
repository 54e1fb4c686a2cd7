import { describe, expect, it } from 'vitest';
import { createBridge } from './bridge.js';
import { silentFrame } from './telephone-audio.js';

const frame = (byte: number): Uint8Array => new Uint8Array(160).fill(byte);

describe('a bridge', () => {
  it('carries what is said on one line to the other, both ways', () => {
    const { parent, child } = createBridge();
    expect(parent.pass(frame(1))).toBeUndefined();
    expect(child.pass(frame(2))).toEqual(frame(1));
    expect(parent.pass(silentFrame)).toEqual(frame(2));
    expect(child.pass(frame(3))).toBe(silentFrame);
  });

  it('never falls further behind than three frames when one line stands still', () => {
    const { parent, child } = createBridge();
    for (let byte = 1; byte <= 10; byte++) parent.pass(frame(byte));
    expect(child.pass(silentFrame)).toEqual(frame(8));
  });
});
