import { expect, it } from 'vitest';
import { createSoundSpans, type SoundSpan } from './sound-spans.js';
import { silence } from './telephone-audio.js';

const sound = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x20);

it('finds stretches of sound to the byte and joins what a breath divides', () => {
  const spans: SoundSpan[] = [];
  const track = createSoundSpans({ joinMs: 100, onSpan: (span) => spans.push(span) });
  track.hear(Buffer.concat([silence(10), sound(80)]), 0);
  track.hear(silence(20), 20);
  track.hear(Buffer.concat([sound(40), silence(15)]), 40);
  for (let at = 60; at < 200; at += 20) track.hear(silence(20), at);
  expect(spans).toEqual([{ startMs: 10, endMs: 45, ms: 35 }]);
  track.hear(sound(160), 200);
  track.end();
  expect(spans[1]).toEqual({ startMs: 200, endMs: 220, ms: 20 });
});

it('does not hear either of the two zeros of µ-law', () => {
  const spans: SoundSpan[] = [];
  const track = createSoundSpans({ onSpan: (span) => spans.push(span) });
  track.hear(Uint8Array.from([0xff, 0x7f, 0xfe, 0x7e]), 0);
  track.end();
  expect(spans).toEqual([]);
});
