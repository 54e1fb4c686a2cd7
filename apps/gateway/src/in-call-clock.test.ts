import { describe, expect, it } from 'vitest';
import { createInCallClock, type InCallClock, type InCallFacts, type InCallLimits, type TimerAct } from './in-call-clock.js';

const LIMITS: InCallLimits = {
  agentReadyWithinMs: 5_000,
  mediaLostAfterMs: 8_000,
  silencePromptAfterMs: 10_000,
  silencePrompts: 2,
  silenceEndsAfterMs: 40_000,
  agentSilentAfterMs: 15_000,
  warnBeforeEndMs: 60_000,
};
const WORDS = { stillThere: 'Still there?', nobodyThere: 'Nobody. Bye.', almostOver: 'A minute.', timeIsUp: 'Time. Bye.' };
const QUIET: InCallFacts = { unheardMs: 0, agentOwes: false, saysFarewell: false };

interface Call {
  readonly clock: InCallClock;
  readonly acts: [number, TimerAct | 'agent-silent'][];
  /** Looks every half second until then, frames flowing. */
  until(atMs: number, facts?: InCallFacts, options?: { media?: boolean }): void;
}

function begin({
  maxDurationMs = 600_000,
  limits = {},
  ready = true,
}: { maxDurationMs?: number; limits?: Partial<InCallLimits>; ready?: boolean } = {}): Call {
  const clock = createInCallClock({ openedAtMs: 0, maxDurationMs, limits: { ...LIMITS, ...limits }, words: WORDS });
  if (ready) clock.agentReady();
  const acts: Call['acts'] = [];
  let now = 0;
  return {
    clock,
    acts,
    until(atMs, facts = QUIET, { media = true } = {}) {
      for (; now < atMs;) {
        now += 500;
        if (media) clock.media(now);
        const act = clock.look(now, facts);
        if (act) acts.push([now, act]);
      }
    },
  };
}
const say = (words: string): TimerAct => ({ do: 'say', words });
const silenceGoodbye: TimerAct = { do: 'say-and-end', words: 'Nobody. Bye.', cause: 'silence-timed-out', by: 'platform' };

describe('silence', () => {
  it('is asked about twice, ten seconds apart, and ends the call ten seconds later', () => {
    const { acts, until } = begin();
    until(30_000);
    expect(acts).toEqual([
      [10_000, say('Still there?')],
      [20_000, say('Still there?')],
      [30_000, silenceGoodbye],
    ]);
  });

  it('begins anew with the answer to the question, and after a word of the callee it is asked about as often again', () => {
    const { clock, acts, until } = begin();
    until(11_000);
    clock.agentSpoke(11_000);
    until(12_000, { ...QUIET, unheardMs: 900 });
    until(20_000);
    clock.calleeSpeaks(true, 20_000);
    until(25_000);
    clock.calleeSpeaks(false, 25_000);
    until(55_000);
    expect(acts.map(([at, act]) => [at, (act as { do: string }).do])).toEqual([
      [10_000, 'say'],
      [35_000, 'say'],
      [45_000, 'say'],
      [55_000, 'say-and-end'],
    ]);
  });

  it('is no silence while what the agent said is being heard, and none while the callee speaks', () => {
    const { clock, acts, until } = begin();
    until(60_000, { ...QUIET, unheardMs: 1 });
    clock.calleeSpeaks(true, 60_000);
    until(110_000);
    expect(acts).toEqual([]);
  });

  it('is silence again when voice detection is stuck in noise for a minute', () => {
    const { clock, acts, until } = begin();
    clock.calleeSpeaks(true, 0);
    until(71_000);
    expect(acts).toEqual([[69_500, say('Still there?')]]);
  });

  it('ends without a question where none is wanted, and comes again if its goodbye was not said', () => {
    const { acts, until } = begin({ limits: { silencePromptAfterMs: 0, silenceEndsAfterMs: 30_000 } });
    until(60_000);
    expect(acts).toEqual([
      [30_000, silenceGoodbye],
      [60_000, silenceGoodbye],
    ]);
  });
});

describe('an agent that owes an answer', () => {
  it('is what is silent: the callee is not asked, the session is given up', () => {
    const { clock, acts, until } = begin();
    clock.calleeSpeaks(true, 0);
    clock.calleeSpeaks(false, 2_000);
    until(20_000, { ...QUIET, agentOwes: true });
    expect(acts).toEqual([[17_000, 'agent-silent']]);
  });

  it('has its time from when it was asked, however long the silence was before', () => {
    const { acts, until } = begin({ limits: { silencePromptAfterMs: 0, silenceEndsAfterMs: 60_000 } });
    until(14_000);
    until(28_500, { ...QUIET, agentOwes: true });
    expect(acts).toEqual([]);
    until(29_500, { ...QUIET, agentOwes: true });
    expect(acts).toEqual([[29_500, 'agent-silent']]);
  });

  it('must be ready in time, else somebody apologises for it', () => {
    const { acts, until } = begin({ ready: false });
    until(5_000);
    expect(acts).toEqual([[5_000, { do: 'apologise', cause: 'agent-connect-failed', by: 'platform' }]]);
  });
});

describe('the longest duration', () => {
  const talk: InCallFacts = { unheardMs: 500, agentOwes: false, saysFarewell: false };

  it('is announced a minute before, in a pause, and closed with a last sentence that begins five seconds before', () => {
    const { acts, until } = begin();
    until(544_000, talk);
    until(545_000);
    until(595_000, talk);
    expect(acts).toEqual([
      [544_500, say('A minute.')],
      [595_000, { do: 'say-and-end', words: 'Time. Bye.', cause: 'max-duration', by: 'platform' }],
    ]);
  });

  it('is announced after fifteen seconds though somebody still speaks', () => {
    const { acts, until } = begin();
    until(556_000, talk);
    expect(acts).toEqual([[555_000, say('A minute.')]]);
  });

  it('waits with its last sentence for a farewell that is under way, and says it if that was taken back', () => {
    const { acts, until } = begin({ maxDurationMs: 60_000 });
    until(57_000, { ...talk, saysFarewell: true });
    expect(acts).toEqual([]);
    until(60_000, talk);
    expect(acts).toEqual([[57_500, { do: 'say-and-end', words: 'Time. Bye.', cause: 'max-duration', by: 'platform' }]]);
  });

  it('is announced after a farewell that was taken back, and not any more when the half of that minute is over', () => {
    const early = begin();
    early.until(550_000, { ...talk, saysFarewell: true });
    early.until(551_000);
    expect(early.acts).toEqual([[550_500, say('A minute.')]]);
    const late = begin();
    late.until(571_000, { ...talk, saysFarewell: true });
    late.until(573_000);
    expect(late.acts).toEqual([]);
  });

  it('of a short call is not announced', () => {
    const { acts, until } = begin({ maxDurationMs: 100_000 });
    until(94_500, talk);
    expect(acts).toEqual([]);
  });

  it('does not wait longer than five seconds for the last words', () => {
    const { acts, until } = begin({ maxDurationMs: 60_000 });
    until(65_000, talk);
    expect(acts.at(-1)).toEqual([65_000, { do: 'end', cause: 'max-duration', by: 'platform' }]);
    expect(acts).toHaveLength(2);
  });
});

describe('a stream without frames', () => {
  it('is dead after eight seconds', () => {
    const { acts, until } = begin();
    until(3_000);
    until(11_000, QUIET, { media: false });
    expect(acts.at(-1)).toEqual([11_000, { do: 'end', cause: 'media-lost', by: 'carrier' }]);
  });
});
