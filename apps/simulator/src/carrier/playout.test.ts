import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPlayout } from './playout.js';
import { silentByte } from './telephone-audio.js';

const audio = (bytes: number, value = 1): Uint8Array => new Uint8Array(bytes).fill(value);

describe('playout', () => {
  it('plays 160 bytes per 20 ms and fills with silence', () => {
    const playout = createPlayout();
    playout.append(audio(200));
    expect(playout.next().heardBytes).toBe(0);
    expect(playout.next()).toMatchObject({ heardBytes: 160 });
    const last = playout.next();
    expect(last.heardBytes).toBe(40);
    expect([...last.heard.subarray(38, 42)]).toEqual([1, 1, silentByte, silentByte]);
    expect(playout.next().heardBytes).toBe(0);
  });

  it('reaches a mark only when everything before it has been heard', () => {
    const playout = createPlayout();
    playout.append(audio(320));
    expect(playout.mark('end')).toBe(false);
    expect(playout.next().reachedMarks).toEqual([]);
    expect(playout.next().reachedMarks).toEqual([]);
    expect(playout.bufferedBytes()).toBe(160);
    expect(playout.next().reachedMarks).toEqual(['end']);
  });

  it('reaches a mark at once when nothing is buffered, but not while the last frame still sounds', () => {
    const playout = createPlayout();
    expect(playout.mark('empty')).toBe(true);
    playout.append(audio(160));
    playout.next();
    expect(playout.mark('sounding')).toBe(false);
    expect(playout.next().reachedMarks).toEqual(['sounding']);
    expect(playout.mark('after')).toBe(true);
  });

  it('clear drops what is buffered and releases every mark, also that of the frame which sounds', () => {
    const playout = createPlayout();
    playout.append(audio(160));
    playout.mark('one');
    playout.append(audio(800));
    playout.mark('two');
    playout.next();
    expect(playout.clear()).toEqual({ clearedBytes: 800, marks: ['one', 'two'] });
    expect(playout.next()).toMatchObject({ heardBytes: 160, reachedMarks: [] });
    expect(playout.bufferedBytes()).toBe(0);
  });

  it('tells to the millisecond what was heard when the line is cut', () => {
    const playout = createPlayout();
    playout.append(audio(400));
    playout.mark('never');
    playout.next();
    expect(playout.cut(7.5)).toMatchObject({ heardBytes: 60, unplayedBytes: 340, marks: ['never'] });
  });

  it('neither loses nor invents a byte, and keeps marks in order', () => {
    const action = fc.oneof(
      fc.integer({ min: 1, max: 700 }).map((bytes) => ({ type: 'append' as const, bytes })),
      fc.constant({ type: 'mark' as const }),
      fc.constant({ type: 'next' as const }),
      fc.constant({ type: 'clear' as const }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const playout = createPlayout();
        const sum = { in: 0, out: 0 };
        const marks: number[] = [];
        let named = 0;
        for (const one of actions) {
          if (one.type === 'append') {
            playout.append(audio(one.bytes));
            sum.in += one.bytes;
          } else if (one.type === 'mark') {
            const name = named++;
            if (playout.mark(String(name))) marks.push(name);
          } else if (one.type === 'next') {
            const played = playout.next();
            sum.out += played.heardBytes;
            marks.push(...played.reachedMarks.map(Number));
          } else {
            const cleared = playout.clear();
            sum.out += cleared.clearedBytes;
            marks.push(...cleared.marks.map(Number));
          }
        }
        expect(sum.out + playout.bufferedBytes()).toBe(sum.in);
        expect(marks).toEqual([...marks].sort((a, b) => a - b));
      }),
    );
  });
});
