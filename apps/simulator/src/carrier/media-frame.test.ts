import { expect, it } from 'vitest';
import { createMediaFrame } from './media-frame.js';
import { createCarrierMessages } from './stream-messages.js';
import { silentFrame } from './telephone-audio.js';

const streamSid = 'MZ0123456789abcdef0123456789abcdef';

/** The text in a masked frame whose length stands in two bytes. */
function textOf(frame: Uint8Array): string {
  expect([frame[0], frame[1]]).toEqual([0x81, 0xfe]);
  expect((frame[2]! << 8) | frame[3]!).toBe(frame.length - 8);
  const mask = frame.subarray(4, 8);
  return Buffer.from(frame.subarray(8).map((byte, i) => byte ^ mask[i % 4]!)).toString('latin1');
}

it('is the message that JSON would be, masked, through every change of length and sound', () => {
  const options = { streamSid, callSid: 'CA1', accountSid: 'AC1', firstTimestampMs: 155 };
  const [numbers, texts] = [createCarrierMessages(options), createCarrierMessages(options)];
  for (const messages of [numbers, texts]) messages.start({});
  const media = createMediaFrame({ streamSid, maskKey: Uint8Array.of(0x12, 0x00, 0xff, 0xa5) });
  for (let i = 0; i < 1200; i++) {
    const audio = i % 5 < 2 ? silentFrame : Uint8Array.from({ length: i % 7 === 0 ? 40 : 160 }, (_, n) => (n * i) & 0xff);
    if (i % 50 === 0) for (const messages of [numbers, texts]) messages.mark('between');
    const { sequence, chunk, timestampMs } = numbers.countMedia('inbound');
    expect(textOf(media.fill(sequence, chunk, timestampMs, audio))).toBe(texts.media(audio));
  }
});

it('leaves bytes alone that are still being sent', () => {
  const media = createMediaFrame({ streamSid, maskKey: new Uint8Array(4) });
  const first = media.fill(2, 1, 155, silentFrame);
  const kept = textOf(first);
  expect(media.fill(3, 2, 175, silentFrame)).toBe(first);
  media.fill(2, 1, 155, silentFrame);
  media.letGo();
  expect(media.fill(3, 2, 175, silentFrame)).not.toBe(first);
  expect(textOf(first)).toBe(kept);
});
