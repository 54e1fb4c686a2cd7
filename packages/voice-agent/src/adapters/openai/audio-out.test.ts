import { audioBytes, createAudioMessages } from '@onhook/audio';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAudioOut } from './audio-out.js';

const frame = (n: number): Uint8Array => new Uint8Array(160).fill(n);

it('sends each frame as it comes, or three or five of them at once', () => {
  for (const [appendMs, lengths] of [
    [20, Array.from({ length: 15 }, () => 160)],
    [60, Array.from({ length: 5 }, () => 480)],
    [100, Array.from({ length: 3 }, () => 800)],
  ] as const) {
    const sent: number[] = [];
    const out = createAudioOut({ append: (audio) => void sent.push(audio.length), appendMs: () => appendMs });
    for (let n = 0; n < 15; n++) out.hear(frame(n));
    expect(sent).toEqual(lengths);
  }
});

it('loses nothing, repeats nothing and keeps the order while the length changes', () => {
  const audio = fc.record({ bytes: fc.constantFrom(0, 1, 79, 160, 160, 160, 320, 1_000), encoded: fc.boolean() });
  const step = fc.record({ appendMs: fc.constantFrom(20, 60, 100), audio });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let appendMs = 20;
      const sent: Uint8Array[] = [];
      // A copy, as the socket makes one: the bytes are the sender's again afterwards.
      const out = createAudioOut({ append: (one) => void sent.push(Uint8Array.from(audioBytes(one))), appendMs: () => appendMs });
      const heard: Uint8Array[] = [];
      let waitingMost = 0;
      steps.forEach((one, n) => {
        appendMs = one.appendMs;
        const bytes = Uint8Array.from({ length: one.audio.bytes }, (_, i) => (n * 31 + i) % 256);
        heard.push(bytes);
        const messages = createAudioMessages<null>({ audio: 'payload', free: [] });
        const message = Buffer.from(JSON.stringify({ payload: Buffer.from(bytes).toString('base64') }));
        messages.study(message, null);
        out.hear(one.audio.encoded ? messages.find(message)! : bytes);
        waitingMost = Math.max(waitingMost, Buffer.concat(heard).length - Buffer.concat(sent).length - (appendMs * 8 - 1));
      });
      expect(waitingMost).toBeLessThanOrEqual(0);
      appendMs = 20;
      out.hear(frame(1));
      expect(Buffer.concat(sent)).toEqual(Buffer.concat([...heard, frame(1)]));
    }),
    { numRuns: 300 },
  );
});
