import { describe, expect, it } from 'vitest';
import { answered, listen, understood, type FarEnd, type FarEndScript } from './far-end.js';

const script: FarEndScript = {
  hello: { lineMs: 500, afterMs: 1_000, when: 'if-quiet' },
  replyMs: [1_000, 1_000],
  pauseMs: 700,
  replyAfterMs: 100,
};

/** Plays a timeline of [loud?, ms] and notes what the callee did, and when. */
function live(given: FarEndScript, timeline: [boolean, number][], from: FarEnd = answered()): { farEnd: FarEnd; acts: string[] } {
  let farEnd = from;
  const acts: string[] = [];
  for (const [loud, ms] of timeline) {
    for (let passed = 0; passed < ms; passed += 20) {
      const step = listen(farEnd, given, loud, 20);
      farEnd = step.farEnd;
      if (step.act)
        acts.push(`${farEnd.sinceAnswerMs} ${step.act.type}${step.act.type === 'say-reply' ? ` ${step.act.reply}` : ''}`);
    }
  }
  return { farEnd, acts };
}

describe('the far end', () => {
  it('says hello into a silent line, once', () => {
    expect(live(script, [[false, 5_000]]).acts).toEqual(['1000 say-hello']);
  });

  it('hears an agent out that speaks first, and replies instead of saying hello', () => {
    expect(
      live(script, [
        [false, 100],
        [true, 2_000],
        [false, 3_000],
      ]).acts,
    ).toEqual(['2900 say-reply 0']);
  });

  it('gives one reply to each turn, and none when it has no more', () => {
    const turn: [boolean, number][] = [
      [true, 1_000],
      [false, 3_000],
    ];
    expect(live(script, [...turn, ...turn, ...turn]).acts).toEqual(['1800 say-reply 0', '5800 say-reply 1']);
  });

  it('takes a breath of the agent for no end of its turn', () => {
    expect(
      live(script, [
        [true, 1_000],
        [false, 600],
        [true, 500],
        [false, 1_000],
      ]).acts,
    ).toEqual(['2900 say-reply 0']);
  });

  it('takes a click for no turn', () => {
    expect(
      live({ ...script, hello: undefined }, [
        [true, 40],
        [false, 3_000],
      ]).acts,
    ).toEqual([]);
  });

  it('says nothing more once it has understood the farewell', () => {
    const polite = { ...script, quietOnceHeard: /goodbye/i };
    const { farEnd } = live(polite, [[true, 1_000]]);
    const heard = understood(farEnd, polite, 'Thank you. Goodbye!');
    expect(live(polite, [[false, 5_000]], heard).acts).toEqual([]);
  });

  it('barges in', () => {
    expect(live({ ...script, bargeInAfterMs: 400 }, [[true, 1_000]]).acts).toEqual(['400 say-reply 0']);
  });

  it('does not reply to the rest of a turn that it has interrupted', () => {
    const bold = { ...script, bargeInAfterMs: 400 };
    expect(
      live(bold, [
        [true, 700],
        [false, 4_000],
      ]).acts,
    ).toEqual(['400 say-reply 0']);
  });

  it('hangs up after the answer, after its last word, in the middle of its reply or of a turn of the agent', () => {
    const turn: [boolean, number][] = [
      [true, 1_000],
      [false, 3_000],
    ];
    expect(live({ ...script, hangUp: { when: 'after-answer', ms: 300 } }, [[false, 2_000]]).acts).toEqual(['300 hang-up']);
    expect(live({ ...script, hangUp: { when: 'mid-reply', reply: 0, ms: 400 } }, turn).acts.at(-1)).toBe('2200 hang-up');
    expect(live({ ...script, hangUp: { when: 'mid-agent-turn', turn: 2, ms: 200 } }, [...turn, ...turn]).acts.at(-1)).toBe(
      '4200 hang-up',
    );
    const last = live({ ...script, replyMs: [1_000], hangUp: { when: 'after-lines', ms: 300 } }, turn).acts;
    expect(last).toEqual(['1800 say-reply 0', '3100 hang-up']);
  });
});
