import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlayback, type Playback } from './playback.js';

const item = (itemId: string, turnId = `turn-of-${itemId}`) => ({ itemId, turnId });
const ms = (milliseconds: number): number => milliseconds * 8;
/** Marks only where a test asks for one. */
const playback = (): Playback => createPlayback('s1', { markEveryMs: 500, markOverdueMs: 1_000 });

describe('playback', () => {
  it('knows for every item what was sent and what was heard, from the echoes of marks', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    const afterA = p.mark();
    p.generated(ms(600), item('b'), 10);
    const afterB = p.mark();
    expect(p.echoed(afterA, 1_000)).toBe('heard');
    expect(p.heardMs('a', 1_000)).toBe(1_000);
    expect(p.heardMs('b', 1_000)).toBe(0);
    expect(p.echoed(afterB, 1_600)).toBe('heard');
    expect(p.heardMs('b', 1_600)).toBe(600);
    expect(p.unheardMs(1_600)).toBe(0);
    expect(p.totals(1_600)).toEqual({ generatedMs: 1_600, sentMs: 1_600, heardMs: 1_600, clearedMs: 0, droppedMs: 0 });
  });

  it('reckons by the clock between echoes, and never past a mark that has not come back', () => {
    const p = playback();
    p.generated(ms(500), item('a'), 0);
    p.mark();
    p.generated(ms(500), item('a'), 0);
    p.mark();
    expect(p.heardMs('a', 200)).toBe(200);
    // The first mark is due at 500 ms: until it is back the second half has not begun.
    expect(p.heardMs('a', 700)).toBe(499);
  });

  it('starts the clock anew when the queue of the carrier had run empty', () => {
    const p = playback();
    p.generated(ms(100), item('a'), 0);
    p.echoed(p.mark(), 100);
    p.generated(ms(1_000), item('b'), 5_000);
    expect(p.heardMs('b', 5_300)).toBe(300);
  });

  it('says when another mark is due, by sent audio and not by time', () => {
    const p = playback();
    p.generated(ms(499), item('a'), 0);
    expect(p.markIsDue()).toBe(false);
    p.generated(ms(1), item('a'), 0);
    expect(p.markIsDue()).toBe(true);
    p.mark();
    expect(p.markIsDue()).toBe(false);
  });

  it('never uses a mark name twice, also over a clear', () => {
    const p = playback();
    const names = new Set<string>();
    for (let i = 0; i < 50; i++) {
      p.generated(80, item(`i${i}`), i);
      names.add(p.mark());
      if (i % 7 === 0) p.interrupt(i);
    }
    expect(names.size).toBe(50);
  });

  it('takes an echo that clear released for no proof', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    const mark = p.mark();
    p.interrupt(300);
    expect(p.echoed(mark, 301)).toBe('released');
    expect(p.heardMs('a', 2_000)).toBe(300);
  });

  it('ignores the echo of a mark that was never sent, and the second echo of one that was', () => {
    const p = playback();
    p.generated(ms(100), item('a'), 0);
    const mark = p.mark();
    expect(p.echoed('s1:g0:m77', 1)).toBe('unknown');
    expect(p.echoed('', 1)).toBe('unknown');
    expect(p.echoed(mark, 100)).toBe('heard');
    expect(p.echoed(mark, 101)).toBe('unknown');
  });

  it('knows when an item was heard, and what of it was not', () => {
    const p = playback();
    expect(p.item('a', 0)).toBeNull();
    p.generated(ms(1_000), item('a'), 100);
    p.generated(ms(2_000), item('b'), 150);
    expect(p.item('a', 600)).toEqual({ generatedMs: 1_000, heardMs: 500, fromMs: 100, toMs: 600 });
    expect(p.item('b', 600)).toEqual({ generatedMs: 2_000, heardMs: 0, fromMs: 150, toMs: 150 });
    p.interrupt(1_600);
    p.generated(ms(500), item('b'), 1_650);
    expect(p.item('a', 5_000)).toEqual({ generatedMs: 1_000, heardMs: 1_000, fromMs: 100, toMs: 1_100 });
    expect(p.item('b', 5_000)).toEqual({ generatedMs: 2_500, heardMs: 500, fromMs: 1_100, toMs: 1_600 });
  });

  it('believes an echo more than the clock about when an item was heard', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    const mark = p.mark();
    p.generated(ms(1_000), item('b'), 0);
    p.echoed(mark, 1_300);
    expect(p.item('a', 1_300)).toEqual({ generatedMs: 1_000, heardMs: 1_000, fromMs: 0, toMs: 1_300 });
    expect(p.item('b', 1_500)).toMatchObject({ heardMs: 200, fromMs: 1_300, toMs: 1_500 });
  });

  it('drops late audio of a cancelled turn and counts it', () => {
    const p = playback();
    p.generated(ms(500), item('a', 't1'), 0);
    p.interrupt(100);
    expect(p.generated(ms(200), item('a', 't1'), 110)).toBe(false);
    expect(p.generated(ms(200), item('a2', 't1'), 110)).toBe(false);
    expect(p.generated(ms(200), item('b', 't2'), 120)).toBe(true);
    expect(p.totals(120)).toMatchObject({ generatedMs: 1_100, sentMs: 700, droppedMs: 400, clearedMs: 400 });
    p.cancelTurn('t2');
    expect(p.generated(ms(1), item('b', 't2'), 130)).toBe(false);
  });
});

describe('bugs that others had with barge-in (voice agents on media streams)', () => {
  it('interrupts although all audio was already flushed to the carrier and the item is done', () => {
    const p = playback();
    p.generated(ms(4_000), item('a'), 0);
    p.mark(); // the item is done: the provider has nothing more to say, the carrier has it all
    const interruption = p.interrupt(1_500);
    // Its marks every 500 ms would tell more; with one at the end the clock does.
    expect(interruption).toEqual({ items: [{ itemId: 'a', heardMs: 1_500 }], clearedMs: 2_500 });
  });

  it('does nothing when the callee speaks while nothing is playing', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    p.echoed(p.mark(), 1_000);
    expect(p.interrupt(1_500)).toBeNull();
    expect(p.heardMs('a', 1_500)).toBe(1_000);
  });

  it('does not wipe the greeting when the callee speaks before any audio is queued', () => {
    const p = playback();
    expect(p.interrupt(50)).toBeNull();
    expect(p.generated(ms(1_000), item('greeting'), 60)).toBe(true);
    expect(p.echoed(p.mark(), 1_060)).toBe('heard');
  });

  it('never reports more than was really sent, however long ago that was', () => {
    const p = playback();
    p.generated(ms(9_250), item('a'), 0);
    p.mark();
    const interruption = p.interrupt(10_000)!;
    expect(interruption.items[0]!.heardMs).toBeLessThanOrEqual(9_250);
    const q = playback();
    q.generated(ms(9_250), item('a'), 0);
    expect(q.heardMs('a', 57_340)).toBe(9_250);
  });

  it('reports what was heard, not what was sent: unheard words do not stay in the memory of the agent', () => {
    const p = playback();
    p.generated(ms(20_000), item('a'), 0);
    expect(p.interrupt(700)!.items).toEqual([{ itemId: 'a', heardMs: 700 }]);
  });

  it('counts anew when the item changes', () => {
    const p = playback();
    p.generated(ms(2_000), item('a'), 0);
    p.echoed(p.mark(), 2_000);
    p.generated(ms(2_000), item('b'), 2_500);
    expect(p.interrupt(3_000)!.items).toEqual([{ itemId: 'b', heardMs: 500 }]);
  });

  it('reports items that were not heard at all at 0 ms', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    p.generated(ms(1_000), item('b'), 0);
    expect(p.interrupt(400)!.items).toEqual([
      { itemId: 'a', heardMs: 400 },
      { itemId: 'b', heardMs: 0 },
    ]);
  });

  it('truncates at the heard position even if no mark was echoed yet', () => {
    const p = playback();
    p.generated(ms(1_500), item('a'), 0);
    p.mark();
    expect(p.interrupt(1_200)!.items).toEqual([{ itemId: 'a', heardMs: 1_200 }]);
  });

  it('lives with a carrier that loses the echo of a mark: the next one proves what stood before', () => {
    const p = playback();
    p.generated(ms(500), item('a'), 0);
    p.mark();
    p.generated(ms(500), item('a'), 0);
    const second = p.mark();
    expect(p.echoed(second, 1_000)).toBe('heard');
    expect(p.unheardMs(1_000)).toBe(0);
  });

  it('lives with a carrier that echoes nothing: an overdue mark no longer holds the clock', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    p.mark();
    expect(p.unheardMs(1_500)).toBeGreaterThan(0);
    expect(p.unheardMs(2_001)).toBe(0);
    expect(p.interrupt(2_001)).toBeNull();
  });

  it('does not wait for the old echoes again when new words come', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    p.mark();
    p.generated(ms(2_000), item('b'), 2_100);
    p.mark();
    expect(p.heardMs('a', 2_100)).toBe(1_000);
    expect(p.unheardMs(2_100)).toBe(2_000);
  });

  it('puts new words behind the clear: echoes of the old generation say nothing about them', () => {
    const p = playback();
    p.generated(ms(1_000), item('a'), 0);
    const old = p.mark();
    p.interrupt(200);
    p.generated(ms(1_000), item('b'), 300);
    const fresh = p.mark();
    expect(p.echoed(old, 301)).toBe('released');
    expect(p.unheardMs(301)).toBeGreaterThan(990);
    expect(p.echoed(fresh, 1_300)).toBe('heard');
    expect(p.heardMs('b', 1_300)).toBe(1_000);
  });
});

describe('playback over any course of a conversation', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('audio' as const),
      bytes: fc.integer({ min: 1, max: 4_000 }),
      item: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({ do: fc.constant('mark' as const) }),
    fc.record({ do: fc.constant('echo' as const), pick: fc.nat(30) }),
    fc.record({ do: fc.constant('interrupt' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
  );
  it('balances: generated = sent + dropped, heard + cleared + unheard = sent, and heard never falls', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const p = playback();
        const names: string[] = [];
        let at = 0;
        let heard = 0;
        const beyondSent: number[] = [];
        const unheardAfterClear: number[] = [];
        for (const s of steps) {
          if (s.do === 'audio') p.generated(s.bytes, item(`i${s.item}`), at);
          if (s.do === 'mark') names.push(p.mark());
          if (s.do === 'echo' && names.length > 0) p.echoed(names[s.pick % names.length]!, at);
          if (s.do === 'wait') at += s.ms;
          if (s.do === 'interrupt') {
            const before = p.totals(at);
            const interruption = p.interrupt(at);
            beyondSent.push(
              ...(interruption?.items ?? []).map(({ heardMs }) => heardMs).filter((heardMs) => heardMs > before.sentMs),
            );
            unheardAfterClear.push(p.unheardMs(at));
          }
          const totals = p.totals(at);
          expect(totals.generatedMs).toBeCloseTo(totals.sentMs + totals.droppedMs, 6);
          expect(totals.heardMs + totals.clearedMs + p.unheardMs(at)).toBeCloseTo(totals.sentMs, 6);
          // An echo may correct the clock back, never behind what was proven or by more than it ran ahead.
          expect(totals.heardMs).toBeGreaterThanOrEqual(0);
          heard = Math.max(heard, totals.heardMs);
          expect(heard).toBeLessThanOrEqual(totals.sentMs);
        }
        expect(beyondSent).toEqual([]);
        expect(unheardAfterClear.filter((ms) => ms > 0)).toEqual([]);
      }),
    );
  });
});
