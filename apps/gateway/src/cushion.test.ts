import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createCushion } from './cushion.js';
import { createPlayback } from './playback.js';
import type { Speaker } from './speaker.js';

const item = (turnId: string) => ({ turnId, itemId: `item-of-${turnId}` });
const ms = (count: number): Uint8Array => new Uint8Array(count * 8).fill(count);

function bench() {
  const time = createVirtualTime();
  const playback = createPlayback('s');
  const sent: { at: number; bytes: number }[] = [];
  const speaker: Speaker = {
    speak(audio, to) {
      if (!playback.generated(audio.length, to, time.monotonicMs())) return false;
      sent.push({ at: time.monotonicMs(), bytes: audio.length });
      return true;
    },
    mark: () => playback.mark(),
    silence: () => playback.interrupt(time.monotonicMs()),
    unheardMs: () => playback.unheardMs(time.monotonicMs()),
  };
  const cushion = createCushion({ speaker, playback, timers: time, guarded: (run) => run() });
  return { time, playback, sent, cushion, began: time.monotonicMs() };
}

describe('the cushion before the first sound', () => {
  it('holds small pieces until there are 60 ms, then lets all through', () => {
    const { cushion, sent } = bench();
    for (let i = 0; i < 5; i++) expect(cushion.speak(ms(20), item('t'))).toBe(true);
    expect(sent.map(({ bytes }) => bytes)).toEqual([480, 160, 160]);
  });

  it('passes large pieces on in the same moment', () => {
    const { cushion, sent } = bench();
    cushion.speak(ms(100), item('t'));
    expect(sent.map(({ bytes }) => bytes)).toEqual([800]);
  });

  it('does not hold a short word for longer than 60 ms', async () => {
    const { cushion, sent, time, began } = bench();
    cushion.speak(ms(20), item('t'));
    await time.advance(59);
    expect(sent).toEqual([]);
    expect(cushion.unheardMs()).toBe(20);
    await time.advance(1);
    expect(sent).toEqual([{ at: began + 60, bytes: 160 }]);
  });

  it('lets go of what it holds when a mark is sent behind it or another item begins', () => {
    const { cushion, sent } = bench();
    cushion.speak(ms(20), item('t1'));
    cushion.mark();
    expect(sent).toHaveLength(1);
    cushion.silence();
    cushion.speak(ms(20), item('t2'));
    cushion.speak(ms(20), item('t3'));
    expect(sent).toHaveLength(3);
  });

  it('tells of what it held when the callee takes the floor, as of audio that was not heard', () => {
    const { cushion } = bench();
    cushion.speak(ms(20), item('t'));
    expect(cushion.silence()).toEqual({ items: [{ itemId: 'item-of-t', heardMs: 0 }], clearedMs: 20 });
    expect(cushion.unheardMs()).toBe(0);
  });

  it('refuses at once what belongs to a cancelled turn', () => {
    const { cushion, playback, sent } = bench();
    playback.cancelTurn('t');
    expect(cushion.speak(ms(20), item('t'))).toBe(false);
    expect(sent).toEqual([]);
  });
});
