import type { Goodbye } from '@onhook/contracts';
import {
  isInProgress,
  mayReopen,
  type Draining,
  type EndOfCall,
  type EndOfCallAct,
  type EndOfCallEvent,
  type EndOfCallLimits,
  type Generating,
  type Spent,
  type Wanted,
} from './end-of-call-state.js';

const BY_AGENT: Wanted = { cause: 'agent-ended-call', by: 'agent' };

/** Told to the model. */
const CALLEE_SPEAKS = 'The callee is still speaking: the call goes on.';
const QUESTION_IS_OPEN =
  'Not yet: your last words ask for an answer or promise more. Wait for the callee, then call this again when the call is really over.';

interface Step {
  readonly state: EndOfCall;
  readonly acts: readonly EndOfCallAct[];
}

/**
 * From "the agent wants to end" to "the goodbye was heard": the part of the end that happens before anybody is told.
 * Pure: events with their moment come in, acts come out, and one of them, once, is `end`.
 *
 *     open ── end_call, last words ──▶ generating ── turn done ──▶ draining ── echo of the last mark ──▶ over
 *      ▲ ▲                                 │                          │                                   ▲
 *      │ └─ a question is open (once) ─────┤                          │                                   │
 *      └─── the callee speaks (at most twice) ────────────────────────┘      open ── goodbye, silence ────┘
 */
export function endOfCall(state: EndOfCall, event: EndOfCallEvent, limits: EndOfCallLimits): Step {
  switch (event.type) {
    case 'end-call':
      return endCall(state, event, limits);
    case 'last-words':
      if (state.phase !== 'open') return stay(state);
      return stay(
        generating(state, event.wanted, { notTurn: event.notTurn, asked: true, quiet: limits.noAudioMs }, event.at, limits),
      );
    case 'left-unsaid':
      if (state.phase !== 'open' || event.unheardMs > 0) return stay(state);
      return over({ wanted: BY_AGENT }, 'played');
    case 'audio':
      return audio(state, event, limits);
    case 'turn-done':
      return turnDone(state, event, limits);
    case 'mark-sent':
      if (state.phase !== 'draining') return stay(state);
      return stay({ ...state, mark: event.mark, deadline: heardBy(event, state.capAt, limits) });
    case 'heard':
      if (state.phase !== 'draining') return stay(state);
      if (state.mark === event.mark) return over(state, state.cut ? 'interrupted' : 'played');
      // Live evidence over the clock: what is left shrinks with every echo, so this ends.
      return stay({ ...state, deadline: heardBy(event, state.capAt, limits) });
    case 'callee-spoke':
      if (!isInProgress(state) || !mayReopen(state, limits)) return stay(state);
      return reopen(state, { reopenings: state.reopenings + 1 }, CALLEE_SPEAKS);
    case 'agent-gone':
      return state.phase === 'generating' ? withoutAgent(state, event, limits) : stay(state);
    case 'call-gone':
      return callGone(state, event.stop);
    case 'time':
      return time(state, event, limits);
  }
}

function endCall(state: EndOfCall, event: Extract<EndOfCallEvent, { type: 'end-call' }>, limits: EndOfCallLimits): Step {
  const { toolCallId, turnId } = event;
  if (state.phase === 'over') return stay(state);
  if (state.phase !== 'open') return answer(state, toolCallId, 'The call is being ended already.');
  if (event.greeting)
    return answer(state, toolCallId, 'Not now: the greeting is still being spoken. Listen to the callee first.');
  const next = generating(state, BY_AGENT, { turn: turnId, unanswered: toolCallId, quiet: limits.quietMs }, event.at, limits);
  return stay({ ...next, hasAudio: event.turnHasAudio });
}

function audio(state: EndOfCall, event: Extract<EndOfCallEvent, { type: 'audio' }>, limits: EndOfCallLimits): Step {
  if (state.phase !== 'generating') return stay(state);
  const isFarewell = state.turn === null ? event.turnId !== state.notTurn : event.turnId === state.turn;
  if (!isFarewell) return stay(state);
  return stay({ ...state, turn: event.turnId, hasAudio: true, deadline: Math.min(state.capAt, event.at + limits.quietMs) });
}

function turnDone(state: EndOfCall, event: Extract<EndOfCallEvent, { type: 'turn-done' }>, limits: EndOfCallLimits): Step {
  if (state.phase !== 'generating') return stay(state);
  if (state.turn === null ? event.turnId === state.notTurn : event.turnId !== state.turn) return stay(state);
  return generated(state, event, event.completed, limits);
}

/** The farewell's turn is over, or will not come to its end. */
function generated(state: Generating, event: EndOfCallEvent, completed: boolean, limits: EndOfCallLimits): Step {
  if (event.isQuestionOpen && state.unanswered !== null && state.vetoes < limits.maxVetoes)
    return reopen(state, { vetoes: state.vetoes + 1 }, QUESTION_IS_OPEN);
  // What waits at the carrier is the goodbye, also if an earlier turn said it.
  if (state.hasAudio || event.unheardMs > 0) return drain(state, event, !completed && state.hasAudio, limits);
  if (!state.asked && state.unanswered !== null) {
    const next = generating(state, state.wanted, { notTurn: state.turn, asked: true, quiet: limits.noAudioMs }, event.at, limits);
    return {
      state: next,
      acts: [{ do: 'answer-tool', toolCallId: state.unanswered, output: 'Say one short goodbye now.', respond: true }],
    };
  }
  return over(state, 'none');
}

function drain(state: Generating, event: EndOfCallEvent, cut: boolean, limits: EndOfCallLimits): Step {
  const { wanted, reopenings, vetoes, unanswered, turn } = state;
  const capAt = event.at + limits.drainCapMs;
  const deadline = heardBy(event, capAt, limits);
  return {
    state: { phase: 'draining', wanted, reopenings, vetoes, unanswered, turn, cut, mark: null, deadline, capAt },
    acts: [{ do: 'mark' }],
  };
}

/** When the carrier must have played what it has. */
function heardBy({ at, unheardMs }: EndOfCallEvent, capAt: number, { slackMs }: EndOfCallLimits): number {
  return Math.min(capAt, at + unheardMs + slackMs);
}

/** The call goes on, and the agent is told why. */
function reopen(state: Generating | Draining, spent: Partial<Spent>, output: string): Step {
  const { unanswered, reopenings, vetoes } = state;
  return {
    state: { phase: 'open', reopenings, vetoes, ...spent },
    acts: unanswered === null ? [] : [{ do: 'answer-tool', toolCallId: unanswered, output, respond: false }],
  };
}

function withoutAgent(state: Generating, event: EndOfCallEvent, limits: EndOfCallLimits): Step {
  return state.hasAudio || event.unheardMs > 0 ? drain(state, event, true, limits) : over(state, 'none');
}

function callGone(state: EndOfCall, stop: boolean): Step {
  if (state.phase === 'over') return stay(state);
  return stay({ phase: 'over', goodbye: isInProgress(state) ? (stop ? 'callee-hangup' : 'interrupted') : null });
}

function time(state: EndOfCall, event: EndOfCallEvent, limits: EndOfCallLimits): Step {
  if (!isInProgress(state) || event.at < state.deadline) return stay(state);
  if (state.phase === 'draining') return over(state, 'timeout');
  // Quiet for long: the provider's last word was lost, what came is the farewell. At the cap it is still talking.
  return generated(state, event, event.at < state.capAt, limits);
}

function generating(
  { reopenings, vetoes }: Spent,
  wanted: Wanted,
  given: { turn?: string; notTurn?: string | null; unanswered?: string; asked?: boolean; quiet: number },
  at: number,
  limits: EndOfCallLimits,
): Generating {
  const { turn = null, notTurn = null, unanswered = null, asked = false, quiet } = given;
  return {
    phase: 'generating',
    reopenings,
    vetoes,
    wanted,
    turn,
    notTurn,
    unanswered,
    asked,
    hasAudio: false,
    deadline: at + quiet,
    capAt: at + limits.capMs,
  };
}

function over({ wanted }: { wanted: Wanted }, goodbye: Goodbye): Step {
  return { state: { phase: 'over', goodbye }, acts: [{ do: 'end', goodbye, ...wanted }] };
}

function answer(state: EndOfCall, toolCallId: string, output: string): Step {
  return { state, acts: [{ do: 'answer-tool', toolCallId, output, respond: false }] };
}

function stay(state: EndOfCall): Step {
  return { state, acts: [] };
}
