import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsTurn,
  calleeMayInterrupt,
  END_OF_CALL_LIMITS,
  isInProgress,
  openCall,
  type EndOfCall,
  type EndOfCallAct,
  type EndOfCallEvent,
} from './end-of-call-state.js';
import { endOfCall } from './end-of-call.js';

/** Plays events one after the other and keeps what was done. */
function play(...events: EndOfCallEvent[]): { state: EndOfCall; acts: EndOfCallAct[]; last: readonly EndOfCallAct[] } {
  let state = openCall;
  const acts: EndOfCallAct[] = [];
  let last: readonly EndOfCallAct[] = [];
  for (const event of events) {
    const step = endOfCall(state, event, END_OF_CALL_LIMITS);
    ({ state } = step);
    last = step.acts;
    acts.push(...step.acts);
  }
  return { state, acts, last };
}

const endCall = (
  at: number,
  more: { unheardMs?: number; turnHasAudio?: boolean; greeting?: boolean; turnId?: string; toolCallId?: string } = {},
): EndOfCallEvent => ({
  type: 'end-call',
  at,
  unheardMs: 0,
  toolCallId: 'tool-1',
  turnId: 't1',
  turnHasAudio: true,
  greeting: false,
  ...more,
});
const turnDone = (at: number, turnId = 't1', unheardMs = 0, completed = true): EndOfCallEvent => ({
  type: 'turn-done',
  at,
  turnId,
  unheardMs,
  completed,
});
const audio = (at: number, turnId: string): EndOfCallEvent => ({ type: 'audio', at, turnId, unheardMs: 100 });
const markSent = (at: number, mark: string, unheardMs: number): EndOfCallEvent => ({ type: 'mark-sent', at, mark, unheardMs });
const heard = (at: number, mark: string, unheardMs = 0): EndOfCallEvent => ({ type: 'heard', at, mark, unheardMs });
const calleeSpoke = (at: number): EndOfCallEvent => ({ type: 'callee-spoke', at, unheardMs: 500 });
const time = (at: number, unheardMs = 0): EndOfCallEvent => ({ type: 'time', at, unheardMs });

const ended = (goodbye: string) => ({ do: 'end', goodbye, cause: 'agent-ended-call', by: 'agent' });

describe('the end of a call', () => {
  it('waits until the farewell of the same response was heard, then ends: played', () => {
    const { acts, state } = play(
      endCall(0, { unheardMs: 2_000 }),
      turnDone(10, 't1', 2_000),
      markSent(10, 'm9', 2_000),
      heard(2_010, 'm9'),
    );
    expect(acts).toEqual([{ do: 'mark' }, ended('played')]);
    expect(state).toEqual({ phase: 'over', goodbye: 'played' });
  });

  it('does not take "generated" for "heard": seven seconds of goodbye are not cut', () => {
    const { state, last } = play(
      endCall(0, { unheardMs: 7_000 }),
      turnDone(10, 't1', 7_000),
      markSent(10, 'm9', 7_000),
      time(6_999, 1),
    );
    expect(state.phase).toBe('draining');
    expect(last).toEqual([]);
  });

  it('counts audio of the response that comes after the tool call', () => {
    const { acts } = play(endCall(0, { turnHasAudio: false }), audio(50, 't1'), turnDone(100, 't1', 1_000));
    expect(acts).toEqual([{ do: 'mark' }]);
  });

  it('asks for a farewell, once, when the tool was called without one', () => {
    const { acts } = play(
      endCall(0, { turnHasAudio: false }),
      turnDone(10),
      audio(400, 't2'),
      turnDone(500, 't2', 1_500),
      markSent(500, 'm', 1_500),
      heard(2_000, 'm'),
    );
    expect(acts).toEqual([
      { do: 'answer-tool', toolCallId: 'tool-1', output: 'Say one short goodbye now.', respond: true },
      { do: 'mark' },
      ended('played'),
    ]);
  });

  it('takes what waits at the carrier for the goodbye when an earlier response said it', () => {
    expect(play(endCall(0, { turnHasAudio: false, unheardMs: 900 }), turnDone(10, 't1', 890)).acts).toEqual([{ do: 'mark' }]);
  });

  it('ends without a goodbye when the agent, asked for one, stays silent', () => {
    const asked = [endCall(0, { turnHasAudio: false }), turnDone(10)];
    expect(play(...asked, time(5_009)).last).toEqual([]);
    expect(play(...asked, time(5_010)).last).toEqual([ended('none')]);
    expect(play(...asked, turnDone(300, 't2')).last).toEqual([ended('none')]);
    expect(play(...asked, turnDone(300, 't1')).last).toEqual([]);
  });

  it('gives up on a mark that never comes, two seconds after the queued audio', () => {
    const { last } = play(endCall(0, { unheardMs: 3_000 }), turnDone(0, 't1', 3_000), markSent(0, 'm', 3_000), time(4_999));
    expect(last).toEqual([]);
    expect(play(endCall(0, { unheardMs: 3_000 }), turnDone(0, 't1', 3_000), markSent(0, 'm', 3_000), time(5_000)).last).toEqual([
      ended('timeout'),
    ]);
  });

  it('starts that limit when the mark is sent, and re-arms it on live evidence', () => {
    const slow = [
      endCall(0, { unheardMs: 3_000 }),
      turnDone(0, 't1', 3_000),
      markSent(0, 'm', 3_000),
      heard(4_900, 'earlier', 1_000),
    ];
    expect(play(...slow, time(5_000, 900)).last).toEqual([]);
    expect(play(...slow, time(7_900)).last).toEqual([ended('timeout')]);
  });

  it('takes only the echo of the last mark for the end of the farewell', () => {
    expect(play(endCall(0), turnDone(10, 't1', 900), markSent(10, 'm9', 900), heard(500, 'm7', 400)).state.phase).toBe(
      'draining',
    );
  });

  it('is cancelled by a callee who speaks into the farewell, and the tool call gets its answer', () => {
    const { acts, state } = play(
      endCall(0, { unheardMs: 900 }),
      turnDone(10, 't1', 900),
      markSent(10, 'm', 900),
      calleeSpoke(300),
      heard(900, 'm'),
      time(9_000),
    );
    expect(acts).toEqual([
      { do: 'mark' },
      { do: 'answer-tool', toolCallId: 'tool-1', output: 'The callee is still speaking: the call goes on.', respond: false },
    ]);
    expect(state).toEqual({ phase: 'open', reopenings: 1, vetoes: 0 });
  });

  it('is cancelled while the farewell is still being generated, too', () => {
    expect(play(endCall(0), calleeSpoke(100), turnDone(150, 't1', 0, false)).state).toEqual({
      phase: 'open',
      reopenings: 1,
      vetoes: 0,
    });
  });

  it('is reopened twice at most: the third farewell is played out', () => {
    const round = (at: number, n: number): EndOfCallEvent[] => [
      endCall(at, { turnId: `t${n}`, toolCallId: `tool-${n}`, unheardMs: 900 }),
      turnDone(at, `t${n}`, 900),
      markSent(at, `m${n}`, 900),
      calleeSpoke(at + 300),
    ];
    const { state, acts } = play(...round(0, 1), ...round(1_000, 2), ...round(2_000, 3), heard(3_000, 'm3'));
    expect(state).toEqual({ phase: 'over', goodbye: 'played' });
    expect(acts.filter((act) => act.do === 'end')).toHaveLength(1);
    const third = play(...round(0, 1), ...round(1_000, 2), ...round(2_000, 3)).state;
    expect(calleeMayInterrupt(third, END_OF_CALL_LIMITS)).toBe(false);
  });

  it('says interrupted when the provider broke the farewell off', () => {
    const { last } = play(endCall(0), turnDone(10, 't1', 300, false), markSent(10, 'm', 300), heard(310, 'm'));
    expect(last).toEqual([ended('interrupted')]);
  });

  it('ignores end_call during the greeting', () => {
    const { state, acts } = play(endCall(0, { greeting: true }));
    expect(state.phase).toBe('open');
    expect(acts).toEqual([expect.objectContaining({ do: 'answer-tool', respond: false })]);
  });

  it('answers a second end_call without starting anything', () => {
    const { acts, state } = play(endCall(0), endCall(5, { toolCallId: 'tool-2' }));
    expect(acts).toEqual([
      { do: 'answer-tool', toolCallId: 'tool-2', output: 'The call is being ended already.', respond: false },
    ]);
    expect(state.phase).toBe('generating');
  });

  it('fences later output: nothing is queued behind the farewell', () => {
    const { state } = play(endCall(0), turnDone(10, 't1', 900));
    expect(acceptsTurn(state, 't1')).toBe(true);
    expect(acceptsTurn(state, 't2')).toBe(false);
    expect(acceptsTurn(openCall, 't2')).toBe(true);
  });

  it('goes on when the provider never says that the turn is done', () => {
    const { last } = play(endCall(0), audio(100, 't1'), time(7_100));
    expect(last).toEqual([{ do: 'mark' }]);
    const { state } = play(endCall(0), ...Array.from({ length: 40 }, (_, i) => audio(i * 1_000, 't1')), time(30_000, 5_000));
    expect(state).toMatchObject({ phase: 'draining', cut: true });
  });

  it('plays the farewell to its end although the agent has gone', () => {
    const gone: EndOfCallEvent = { type: 'agent-gone', at: 20, unheardMs: 800 };
    const { acts } = play(endCall(0), turnDone(10, 't1', 900), markSent(10, 'm', 900), gone, heard(910, 'm'));
    expect(acts.at(-1)).toEqual(ended('played'));
    expect(play(endCall(0), gone).last).toEqual([{ do: 'mark' }]);
    expect(play(endCall(0, { turnHasAudio: false }), { ...gone, unheardMs: 0 }).last).toEqual([ended('none')]);
  });

  it('knows the callee who hangs up in mid-farewell from a call that something else ended', () => {
    expect(play(endCall(0), { type: 'call-gone', at: 5, unheardMs: 0, stop: true }).state).toEqual({
      phase: 'over',
      goodbye: 'callee-hangup',
    });
    expect(play(endCall(0), { type: 'call-gone', at: 5, unheardMs: 0, stop: false }).state).toEqual({
      phase: 'over',
      goodbye: 'interrupted',
    });
    expect(play({ type: 'call-gone', at: 5, unheardMs: 0, stop: true }).state).toEqual({ phase: 'over', goodbye: null });
  });

  it('says the last words of an operator and ends with his cause; the callee cannot reopen that', () => {
    const wanted = { cause: 'operator-ended-call', by: 'operator' } as const;
    const words: EndOfCallEvent = { type: 'last-words', at: 0, unheardMs: 0, notTurn: 't0', wanted };
    const { acts } = play(
      words,
      audio(10, 't0'),
      turnDone(20, 't0', 50),
      audio(300, 't1'),
      turnDone(400, 't1', 900),
      markSent(400, 'm', 900),
      calleeSpoke(600),
      heard(1_300, 'm'),
    );
    expect(acts).toEqual([{ do: 'mark' }, { do: 'end', goodbye: 'played', ...wanted }]);
  });

  it('ends at last although the carrier echoes and plays for ever', () => {
    const forEver = Array.from({ length: 60 }, (_, i) => heard(1_000 + i * 1_000, `m${i}`, 30_000));
    const { state } = play(endCall(0), turnDone(10, 't1', 30_000), markSent(10, 'last', 30_000), ...forEver);
    expect(state).toMatchObject({ phase: 'draining', deadline: 45_010 });
  });

  it('vetoes an end_call behind a question that the agent has just asked, once, and tells the agent', () => {
    const asked = { ...turnDone(10, 't1', 1_500), isQuestionOpen: true };
    const first = play(endCall(0), asked);
    expect(first.state).toEqual({ phase: 'open', reopenings: 0, vetoes: 1 });
    expect(first.acts).toEqual([expect.objectContaining({ do: 'answer-tool', toolCallId: 'tool-1', respond: false })]);
    const again = [
      endCall(5_000, { turnId: 't2', toolCallId: 'tool-2' }),
      { ...turnDone(5_010, 't2', 900), isQuestionOpen: true },
    ];
    const second = play(endCall(0), asked, ...again, markSent(5_010, 'm', 900), heard(5_910, 'm'));
    expect(second.last).toEqual([ended('played')]);
  });

  it('vetoes nobody but the agent, and nothing if told so', () => {
    const wanted = { cause: 'operator-ended-call', by: 'operator' } as const;
    const words: EndOfCallEvent = { type: 'last-words', at: 0, unheardMs: 0, notTurn: 't0', wanted };
    expect(play(words, audio(300, 't1'), { ...turnDone(400, 't1', 900), isQuestionOpen: true }).last).toEqual([{ do: 'mark' }]);
    const step = endOfCall(
      play(endCall(0)).state,
      { ...turnDone(10, 't1', 900), isQuestionOpen: true },
      { ...END_OF_CALL_LIMITS, maxVetoes: 0 },
    );
    expect(step.acts).toEqual([{ do: 'mark' }]);
  });

  it('ends a call whose agent said goodbye and forgot the tool, but not into its words and not twice', () => {
    const unsaid = (at: number, unheardMs = 0): EndOfCallEvent => ({ type: 'left-unsaid', at, unheardMs });
    expect(play(unsaid(100, 50)).acts).toEqual([]);
    expect(play(unsaid(100), unsaid(200)).acts).toEqual([ended('played')]);
    expect(play(endCall(0), unsaid(100)).acts).toEqual([]);
  });

  it('ends exactly once, and always within its limits, whatever comes in whatever order', () => {
    const turn = fc.constantFrom('t0', 't1', 't2', 't3');
    const event = fc.oneof(
      fc.record({
        type: fc.constant('end-call' as const),
        toolCallId: fc.constantFrom('x', 'y', 'z'),
        turnId: turn,
        turnHasAudio: fc.boolean(),
        greeting: fc.boolean(),
      }),
      fc.record({ type: fc.constant('audio' as const), turnId: turn }),
      fc.record({ type: fc.constant('turn-done' as const), turnId: turn, completed: fc.boolean() }),
      fc.record({ type: fc.constant('mark-sent' as const), mark: fc.constantFrom('m1', 'm2') }),
      fc.record({ type: fc.constant('heard' as const), mark: fc.constantFrom('m1', 'm2', 'm3') }),
      fc.constant({ type: 'callee-spoke' as const }),
      fc.constant({ type: 'agent-gone' as const }),
      fc.constant({ type: 'left-unsaid' as const }),
      fc.record({ type: fc.constant('call-gone' as const), stop: fc.boolean() }),
      fc.constant({ type: 'time' as const }),
    );
    const { capMs, drainCapMs } = END_OF_CALL_LIMITS;
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(2_000), fc.nat(90_000), fc.boolean()), { maxLength: 60 }), (steps) => {
        let at = 0;
        let state = openCall;
        let ends = 0;
        let wantedAt: number | null = null;
        const take = (one: EndOfCallEvent): void => {
          const step = endOfCall(state, one, END_OF_CALL_LIMITS);
          ends += step.acts.filter((act) => act.do === 'end').length;
          ({ state } = step);
          if (!isInProgress(state)) wantedAt = null;
          else wantedAt ??= one.at;
          // A farewell, one that we asked for instead, and its way to the ear: no longer, whatever the carrier and the agent do.
          if (wantedAt !== null) expect(one.at - wantedAt).toBeLessThanOrEqual(2 * capMs + drainCapMs);
        };
        /** As the shell does: wakes the machine at its own deadline. */
        const sleepUntil = (until: number, unheardMs: number): void => {
          while (isInProgress(state) && state.deadline <= until) take({ type: 'time', at: state.deadline, unheardMs });
        };
        for (const [body, wait, unheardMs, isQuestionOpen] of steps) {
          sleepUntil(at + wait, unheardMs);
          at += wait;
          take({ ...body, at, unheardMs, isQuestionOpen } as EndOfCallEvent);
        }
        // Whatever state that was, time alone brings it to rest: nothing blocks the hangup, not even a queue that never empties.
        sleepUntil(Infinity, 90_000);
        expect(['open', 'over']).toContain(state.phase);
        expect(ends).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
