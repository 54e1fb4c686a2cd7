import { expect, it } from 'vitest';
import { createHeardFrames, createSentFrames } from './frame-gaps.js';

it('tells of a frame that is sent 40 ms late or more, not of the first one and not of those that catch up', () => {
  const frames = createSentFrames();
  const gaps = [1000, 1020, 1079, 1080, 1140, 1140, 1160, 1680].map((atMs) => frames.sent(atMs));
  expect(gaps).toEqual([undefined, undefined, undefined, undefined, 60, undefined, undefined, 520]);
});

it('tells of audio that ran dry inside an utterance, to the byte, when it goes on', () => {
  const frames = createHeardFrames();
  const hear = (...bytes: number[]): (number | undefined)[] => bytes.map((one) => frames.heard(one));
  expect(hear(0, 0, 0, 160, 160)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  // 10 ms of silence in its last frame, then 40.
  expect(hear(80, 0, 0, 160)).toEqual([undefined, undefined, undefined, 50]);
  // One frame of silence is less than anybody notices.
  expect(hear(0, 160)).toEqual([undefined, undefined]);
});

it('takes 300 ms of silence, or a clear, for the end of the utterance', () => {
  const frames = createHeardFrames();
  frames.heard(160);
  for (let i = 0; i < 14; i++) frames.heard(0);
  expect(frames.heard(160)).toBe(280);
  for (let i = 0; i < 15; i++) frames.heard(0);
  expect(frames.heard(160)).toBeUndefined();
  for (let i = 0; i < 5; i++) frames.heard(0);
  frames.cleared();
  expect(frames.heard(160)).toBeUndefined();
});
