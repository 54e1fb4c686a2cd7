import type { Cause, Goodbye, Party } from '@onhook/contracts';

/**
 * From "the agent wants to end" to "the goodbye was heard": the part of the end that happens before anybody is told.
 * Pure: events with their moment come in, acts come out, and one of them, once, is `end`.
 *
 *     open ── end_call, last words ──▶ generating ── turn done ──▶ draining ── echo of the last mark ──▶ over
 *       ▲                                  │                          │
 *       └───────── the callee speaks (at most twice) ─────────────────┘
 */
export type EndOfCall =
  | { readonly phase: 'open'; readonly reopenings: number }
  | Generating
  | Draining
  | { readonly phase: 'over'; readonly goodbye: Goodbye | null };

interface Wanted {
  readonly cause: Cause;
  readonly by: Party;
}

interface InProgress {
  readonly wanted: Wanted;
  readonly reopenings: number;
  /** The tool call that we have not answered. */
  readonly unanswered: string | null;
  /** The farewell's turn; null: the next turn that speaks, other than `notTurn`. */
  readonly turn: string | null;
  /** When `time` has something to decide. */
  readonly deadline: number;
}

interface Generating extends InProgress {
  readonly phase: 'generating';
  readonly notTurn: string | null;
  readonly hasAudio: boolean;
  /** We have asked for a farewell: not asked a second time. */
  readonly asked: boolean;
  readonly capAt: number;
}

interface Draining extends InProgress {
  readonly phase: 'draining';
  readonly mark: string | null;
  /** The farewell was broken off while it was generated. */
  readonly cut: boolean;
}

export type EndOfCallEvent = { readonly at: number; /** What the carrier still has to play. */ readonly unheardMs: number } & (
  | {
      readonly type: 'end-call';
      readonly toolCallId: string;
      readonly turnId: string;
      readonly turnHasAudio: boolean;
      readonly greeting: boolean;
    }
  /** Somebody else wants the end, after words that the agent was just given to say. */
  | { readonly type: 'last-words'; readonly notTurn: string | null; readonly wanted: Wanted }
  | { readonly type: 'audio'; readonly turnId: string }
  | { readonly type: 'turn-done'; readonly turnId: string; readonly completed: boolean }
  | { readonly type: 'mark-sent'; readonly mark: string }
  /** An echo that proves something. */
  | { readonly type: 'heard'; readonly mark: string }
  | { readonly type: 'callee-spoke' }
  | { readonly type: 'agent-gone' }
  /** `stop`: the carrier's own word, the callee hung up. Else the call is ended by something that does not wait for us. */
  | { readonly type: 'call-gone'; readonly stop: boolean }
  | { readonly type: 'time' }
);

export type EndOfCallAct =
  | { readonly do: 'answer-tool'; readonly toolCallId: string; readonly output: string; readonly respond: boolean }
  /** Send a mark behind everything accepted, and report it by `mark-sent`. */
  | { readonly do: 'mark' }
  /** Once in a call. */
  | { readonly do: 'end'; readonly goodbye: Goodbye; readonly cause: Cause; readonly by: Party };

export interface EndOfCallLimits {
  /** How often a callee who speaks into the farewell keeps the call. */
  readonly maxReopenings: number;
  /** Between the moment at which the last mark should come back and giving up on it. */
  readonly slackMs: number;
  /** From asking for a farewell to its first audio. */
  readonly noAudioMs: number;
  /** From the last news of the farewell's generation to going on without its end. */
  readonly quietMs: number;
  /** A farewell that never ends. */
  readonly capMs: number;
}

export const END_OF_CALL_LIMITS: EndOfCallLimits = {
  maxReopenings: 2,
  slackMs: 2_000,
  noAudioMs: 5_000,
  quietMs: 7_000,
  capMs: 30_000,
};

interface Step {
  readonly state: EndOfCall;
  readonly acts: readonly EndOfCallAct[];
}

export const openCall: EndOfCall = { phase: 'open', reopenings: 0 };

/** May the callee take the floor? Not any more once the farewell has been reopened often enough: then it is played out. */
export function calleeMayInterrupt(state: EndOfCall, limits: EndOfCallLimits): boolean {
  return state.phase === 'open' || (isInProgress(state) && mayReopen(state, limits));
}

/** Only what the agent wanted can be reopened by the callee: an operator's end is no proposal. */
function mayReopen(state: Generating | Draining, limits: EndOfCallLimits): boolean {
  return state.wanted.by === 'agent' && state.reopenings < limits.maxReopenings;
}

/** May audio of this turn be played? While the farewell drains nothing is queued behind it. */
export function acceptsTurn(state: EndOfCall, turnId: string): boolean {
  return state.phase === 'open' || state.phase === 'generating' || (state.phase === 'draining' && state.turn === turnId);
}

export function isInProgress(state: EndOfCall): state is Generating | Draining {
  return state.phase === 'generating' || state.phase === 'draining';
}

export function endOfCall(state: EndOfCall, event: EndOfCallEvent, limits: EndOfCallLimits): Step {
  switch (event.type) {
    case 'end-call':
      return endCall(state, event, limits);
    case 'last-words':
      if (state.phase !== 'open') return stay(state);
      return stay(
        generating(
          state.reopenings,
          event.wanted,
          { notTurn: event.notTurn, asked: true, quiet: limits.noAudioMs },
          event.at,
          limits,
        ),
      );
    case 'audio':
      return audio(state, event, limits);
    case 'turn-done':
      return turnDone(state, event, limits);
    case 'mark-sent':
      if (state.phase !== 'draining') return stay(state);
      return stay({ ...state, mark: event.mark, deadline: event.at + event.unheardMs + limits.slackMs });
    case 'heard':
      if (state.phase !== 'draining') return stay(state);
      if (state.mark === event.mark) return over(state, state.cut ? 'interrupted' : 'played');
      // Live evidence over the clock: what is left shrinks with every echo, so this ends.
      return stay({ ...state, deadline: event.at + event.unheardMs + limits.slackMs });
    case 'callee-spoke':
      return isInProgress(state) && mayReopen(state, limits) ? reopen(state) : stay(state);
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
  const next = generating(
    state.reopenings,
    { cause: 'agent-ended-call', by: 'agent' },
    { turn: turnId, unanswered: toolCallId, quiet: limits.quietMs },
    event.at,
    limits,
  );
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
  // What waits at the carrier is the goodbye, also if an earlier turn said it.
  if (state.hasAudio || event.unheardMs > 0) return drain(state, event, !completed && state.hasAudio, limits);
  if (!state.asked && state.unanswered !== null) {
    const next = generating(
      state.reopenings,
      state.wanted,
      { notTurn: state.turn, asked: true, quiet: limits.noAudioMs },
      event.at,
      limits,
    );
    return {
      state: next,
      acts: [{ do: 'answer-tool', toolCallId: state.unanswered, output: 'Say one short goodbye now.', respond: true }],
    };
  }
  return over(state, 'none');
}

function drain(state: Generating, event: EndOfCallEvent, cut: boolean, limits: EndOfCallLimits): Step {
  const { wanted, reopenings, unanswered, turn } = state;
  const deadline = event.at + event.unheardMs + limits.slackMs;
  return {
    state: { phase: 'draining', wanted, reopenings, unanswered, turn, cut, mark: null, deadline },
    acts: [{ do: 'mark' }],
  };
}

function reopen(state: Generating | Draining): Step {
  const acts: EndOfCallAct[] = [];
  if (state.unanswered !== null) {
    acts.push({
      do: 'answer-tool',
      toolCallId: state.unanswered,
      output: 'The callee is still speaking: the call goes on.',
      respond: false,
    });
  }
  return { state: { phase: 'open', reopenings: state.reopenings + 1 }, acts };
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
  reopenings: number,
  wanted: Wanted,
  {
    turn = null,
    notTurn = null,
    unanswered = null,
    asked = false,
    quiet,
  }: { turn?: string | null; notTurn?: string | null; unanswered?: string | null; asked?: boolean; quiet: number },
  at: number,
  limits: EndOfCallLimits,
): Generating {
  return {
    phase: 'generating',
    reopenings,
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

function over(state: Generating | Draining, goodbye: Goodbye): Step {
  return { state: { phase: 'over', goodbye }, acts: [{ do: 'end', goodbye, ...state.wanted }] };
}

function answer(state: EndOfCall, toolCallId: string, output: string): Step {
  return { state, acts: [{ do: 'answer-tool', toolCallId, output, respond: false }] };
}

function stay(state: EndOfCall): Step {
  return { state, acts: [] };
}
