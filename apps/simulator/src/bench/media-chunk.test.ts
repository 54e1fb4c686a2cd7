import { expect, it } from 'vitest';
import { createCarrierMessages } from '../carrier/stream-messages.js';
import { chunkOf } from './media-chunk.js';

function masked(text: string): { bytes: Buffer; from: number; to: number; maskKey: Uint8Array } {
  const maskKey = Buffer.of(7, 0, 255, 100);
  const bytes = Buffer.from(`--${text}--`);
  for (let i = 2; i < bytes.length - 2; i++) bytes[i] = bytes[i]! ^ maskKey[(i - 2) & 3]!;
  return { bytes, from: 2, to: bytes.length - 2, maskKey };
}

it('reads the number of a frame from the carrier’s own messages, and 0 from all others', () => {
  const messages = createCarrierMessages({ streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1', firstTimestampMs: 155 });
  expect(chunkOf(masked(messages.connected()))).toBe(0);
  expect(chunkOf(masked(messages.start({})))).toBe(0);
  for (let n = 1; n <= 1200; n++) expect(chunkOf(masked(messages.media(new Uint8Array(160))))).toBe(n);
  expect(chunkOf(masked(messages.mark('a')))).toBe(0);
  expect(chunkOf(masked(messages.stop()))).toBe(0);
});
