import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlayedItem } from './playback.js';
import { createTranscript, splitHeard } from './transcript.js';

const played = (items: Record<string, PlayedItem>) => (itemId: string) => items[itemId] ?? null;
const whole = (fromMs: number, toMs: number): PlayedItem => ({
  generatedMs: toMs - fromMs,
  heardMs: toMs - fromMs,
  fromMs,
  toMs,
});

describe('the transcript of a call', () => {
  it('has both sides in the order in which they spoke, with their moments', () => {
    const t = createTranscript();
    t.agentSaid('a', 'Hello, this is Onhook.');
    t.calleeStarted(2_500, 'u');
    t.calleeStopped(3_100);
    t.agentSaid('b', 'How are you?');
    t.calleeSaid('u', ' Hello. ', 3_900);
    expect(t.lines(played({ a: whole(200, 2_000), b: whole(3_700, 4_600) }))).toEqual([
      { who: 'agent', text: 'Hello, this is Onhook.', fromMs: 200, toMs: 2_000 },
      { who: 'callee', text: 'Hello.', fromMs: 2_500, toMs: 3_100 },
      { who: 'agent', text: 'How are you?', fromMs: 3_700, toMs: 4_600 },
    ]);
  });

  it('marks what was generated and silenced before it was heard', () => {
    const t = createTranscript();
    t.agentSaid('a', 'We are open on Monday, on Tuesday and on Friday.');
    const item = { generatedMs: 4_800, heardMs: 2_400, fromMs: 0, toMs: 2_400 };
    expect(t.lines(played({ a: item }))).toEqual([
      { who: 'agent', text: 'We are open on Monday,', cleared: 'on Tuesday and on Friday.', fromMs: 0, toMs: 2_400 },
    ]);
  });

  it('keeps a line of which nothing was heard, as nothing but cleared', () => {
    const t = createTranscript();
    t.agentSaid('a', 'Wait, there is more.');
    expect(t.lines(played({ a: { generatedMs: 900, heardMs: 0, fromMs: 70, toMs: 70 } }))).toEqual([
      { who: 'agent', text: '', cleared: 'Wait, there is more.', fromMs: 70, toMs: 70 },
    ]);
  });

  it('leaves out words without audio, and audio without words', () => {
    const t = createTranscript();
    t.agentSaid('never-spoken', 'A thought.');
    t.calleeStarted(100);
    t.calleeStopped(300);
    expect(t.lines(played({ tones: whole(0, 500) }))).toEqual([]);
  });

  it('takes growing text of one item as one line', () => {
    const t = createTranscript();
    for (const text of ['Good', 'Good morning', 'Good morning.']) t.agentSaid('a', text);
    expect(t.lines(played({ a: whole(0, 900) })).map(({ text }) => text)).toEqual(['Good morning.']);
  });

  it('gives words that do not say whose they are to the oldest speech without words', () => {
    const t = createTranscript();
    t.calleeStarted(1_000);
    t.calleeStopped(1_400);
    t.calleeStarted(5_000);
    t.calleeSaid('u1', 'Yes.', 5_100);
    t.calleeStopped(6_000);
    t.calleeSaid('u2', 'And no.', 6_500);
    expect(t.lines(played({}))).toEqual([
      { who: 'callee', text: 'Yes.', fromMs: 1_000, toMs: 1_400 },
      { who: 'callee', text: 'And no.', fromMs: 5_000, toMs: 6_000 },
    ]);
  });

  it('is not confused by a speech whose words never came, if the provider names its items', () => {
    const t = createTranscript();
    t.calleeStarted(1_000, 'u1');
    t.calleeStopped(1_400);
    t.calleeStarted(5_000, 'u2');
    t.calleeStopped(6_000);
    t.calleeSaid('u2', 'Second.', 6_500);
    expect(t.lines(played({}))).toEqual([{ who: 'callee', text: 'Second.', fromMs: 5_000, toMs: 6_000 }]);
  });

  it('has the keys that were pressed, and how long an answer took', () => {
    const t = createTranscript();
    t.calleeDid('[pressed 1 2 3]', 800);
    t.agentSaid('a', 'Thank you.');
    t.answered('a', 640);
    expect(t.lines(played({ a: whole(1_500, 2_000) }))).toEqual([
      { who: 'callee', text: '[pressed 1 2 3]', fromMs: 800, toMs: 800 },
      { who: 'agent', text: 'Thank you.', fromMs: 1_500, toMs: 2_000, latencyMs: 640 },
    ]);
  });

  it('has a bound, and says that it was reached', () => {
    const t = createTranscript();
    for (let i = 0; i < 300; i++) t.calleeSaid(`u${i}`, 'x'.repeat(1_000), i);
    expect(t.isTruncated()).toBe(true);
    expect(t.lines(played({}))).toHaveLength(200);
  });
});

describe('the heard part of a text', () => {
  it('ends with a word; in languages without spaces with a character', () => {
    expect(splitHeard('one two three four', { heardMs: 550, generatedMs: 1_000 })).toEqual({
      heard: 'one two',
      cleared: 'three four',
    });
    expect(splitHeard('今日はとても良い天気です', { heardMs: 500, generatedMs: 1_000 })).toEqual({
      heard: '今日はとても',
      cleared: '良い天気です',
    });
    expect(splitHeard('👋👋👋👋', { heardMs: 500, generatedMs: 1_000 })).toEqual({ heard: '👋👋', cleared: '👋👋' });
  });

  it('never loses and never invents a word, whatever was heard', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^\S{1,12}$/u), { maxLength: 30 }),
        fc.nat(5_000),
        fc.nat(5_000),
        (words, heardMs, more) => {
          const text = words.join(' ').trim();
          const { heard, cleared } = splitHeard(text, { heardMs, generatedMs: heardMs + more });
          expect(`${heard}${cleared}`.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
          expect(text.startsWith(heard)).toBe(true);
          expect(text.endsWith(cleared)).toBe(true);
        },
      ),
    );
  });
});
