import { describe, expect, it } from 'vitest';
import { answered, heardKey, listen, understood, type FarEnd, type FarEndScript } from './far-end.js';
import type { Step } from './steps.js';

const free: FarEndScript = {
  hello: { lineMs: 500, afterMs: 300, when: 'always' },
  replyMs: [1_000],
  pauseMs: 700,
  replyAfterMs: 100,
};
const say = (line: number, lineMs = 1_000): Step => ({ do: 'say', line, lineMs });
const listening = (until: 'turn-over' | 'speech' | 'quiet', ms: number, atMostMs = 60_000): Step => ({
  do: 'listen',
  until,
  ms,
  atMostMs,
});

type Happening = { loud: boolean; ms: number } | { key: string } | { understands: string };
const loud = (ms: number): Happening => ({ loud: true, ms });
const quiet = (ms: number): Happening => ({ loud: false, ms });

/** What a callee with these steps does, and when. */
function live(steps: Step[], happenings: Happening[], more: Partial<FarEndScript> = {}): string[] {
  const script = { ...free, ...more, steps };
  let farEnd: FarEnd = answered();
  const acts: string[] = [];
  for (const happening of happenings) {
    if ('key' in happening) farEnd = heardKey(farEnd, happening.key);
    else if ('understands' in happening) farEnd = understood(farEnd, script, happening.understands);
    else {
      for (let passed = 0; passed < happening.ms; passed += 20) {
        const step = listen(farEnd, script, happening.loud, 20);
        ({ farEnd } = step);
        const { act } = step;
        if (act) acts.push([farEnd.sinceAnswerMs, act.type, ...Object.values(act).slice(1)].join(' '));
      }
    }
  }
  return acts;
}

describe('the steps of a callee', () => {
  it('come one after the other, and then it talks freely', () => {
    const acts = live([{ do: 'wait', ms: 300 }, say(0), { do: 'press', digits: '1w2', ms: 900 }], [quiet(5_000)]);
    expect(acts).toEqual(['320 say-line 0', '1320 press 1w2', '2520 say-hello']);
  });

  it('hang up, in mid-sentence too', () => {
    expect(live([say(0), { do: 'hang-up' }], [quiet(3_000)])).toEqual(['20 say-line 0', '1020 hang-up']);
    const cut: Step = { do: 'say', line: 0, lineMs: 1_000, cutAfterMs: 400 };
    expect(live([cut, { do: 'hang-up' }], [quiet(3_000)])).toEqual(['20 say-line 0', '420 hush', '440 hang-up']);
    expect(live([say(0, 9_000)], [quiet(3_000)], { hangUp: { when: 'after-answer', ms: 500 } })).toEqual([
      '20 say-line 0',
      '500 hang-up',
    ]);
  });

  it('wait until the agent pauses, until it speaks, until all is quiet, or until patience ends', () => {
    expect(live([listening('turn-over', 700), say(0)], [quiet(2_000), loud(500), quiet(300), loud(500), quiet(2_000)])[0]).toBe(
      '4000 say-line 0',
    );
    expect(live([listening('speech', 1_200), say(0)], [quiet(500), loud(2_000)])).toEqual(['1700 say-line 0']);
    expect(live([listening('quiet', 1_000), say(0)], [loud(500), quiet(2_000)])[0]).toBe('1500 say-line 0');
    expect(live([listening('turn-over', 700, 3_000), say(0)], [quiet(4_000)])[0]).toBe('3020 say-line 0');
  });

  it('wait for a line that they know', () => {
    const step: Step = { do: 'listen', until: 'heard', ms: 0, line: /name/i, atMostMs: 60_000 };
    const before = [quiet(200), { understands: 'Good morning' }, quiet(200)];
    expect(live([step, say(0)], before)).toEqual([]);
    expect(live([step, say(0)], [...before, { understands: 'My NAME is Ann' }, quiet(100)])).toEqual(['420 say-line 0']);
  });

  it('repeat, so often or for ever', () => {
    const turn: Step = { do: 'repeat', times: 2, steps: [say(0), { do: 'wait', ms: 500 }] };
    expect(live([turn, say(1)], [quiet(5_000)])).toEqual([
      '20 say-line 0',
      '1520 say-line 0',
      '3020 say-line 1',
      '4320 say-hello',
    ]);
    const forEver: Step = { do: 'repeat', times: Number.POSITIVE_INFINITY, steps: [say(0, 200)] };
    expect(live([forEver], [quiet(10_000)])).toHaveLength(50);
  });

  it('do not hang the line when they repeat nothing', () => {
    const nothing: Step = { do: 'repeat', times: Number.POSITIVE_INFINITY, steps: [] };
    expect(live([nothing], [quiet(1_000)])).toEqual([]);
  });

  describe('with a menu', () => {
    const menu: Step = {
      do: 'menu',
      line: 0,
      lineMs: 1_000,
      digits: 1,
      timeoutMs: 2_000,
      choices: { '1': [say(1), { do: 'talk' }], '2': [{ do: 'hang-up' }] },
      otherwise: [say(9, 500)],
    };
    const steps: Step[] = [{ do: 'repeat', times: 2, steps: [menu] }, { do: 'hang-up' }];

    it('go the way of the key', () => {
      expect(live(steps, [quiet(1_500), { key: '2' }, quiet(1_000)])).toEqual(['20 say-line 0', '1520 hang-up']);
      expect(live(steps, [quiet(1_500), { key: '1' }, quiet(5_000)])).toEqual([
        '20 say-line 0',
        '1520 say-line 1',
        '2820 say-hello',
      ]);
    });

    it('break off the words at the first key', () => {
      expect(live(steps, [quiet(500), { key: '2' }, quiet(1_000)])).toEqual(['20 say-line 0', '520 hush', '540 hang-up']);
    });

    it('ask again after a wrong key or none, and give up', () => {
      const acts = live(steps, [quiet(1_500), { key: '7' }, quiet(9_000)]);
      expect(acts).toEqual(['20 say-line 0', '1520 say-line 9', '2020 say-line 0', '5000 say-line 9', '5500 hang-up']);
    });

    it('wait for all the keys', () => {
      const code: Step = { ...menu, digits: 3, choices: { '123': [{ do: 'hang-up' }] } };
      const keys: Happening[] = ['1', '2', '3'].flatMap((key) => [{ key }, quiet(1_500)]);
      expect(live([code], [quiet(1_500), ...keys]).at(-1)).toBe('4520 hang-up');
    });
  });
});
