import type { Cause, Goodbye, Party } from '@onhook/contracts';

/** Where a call stands between "somebody wants to end" and "the goodbye was heard". Decided in `end-of-call.ts`. */
export type EndOfCall =
  | ({ readonly phase: 'open' } & Spent)
  | Generating
  | Draining
  | { readonly phase: 'over'; readonly goodbye: Goodbye | null };

/** How often this call was kept from its end, and by whom. Bounded, so that the end comes. */
export interface Spent {
  /** By a callee who spoke into the farewell. */
  readonly reopenings: number;
  /** By us, because the agent had just asked something. */
  readonly vetoes: number;
}

export interface Wanted {
  readonly cause: Cause;
  readonly by: Party;
}

interface InProgress extends Spent {
  readonly wanted: Wanted;
  /** The tool call that we have not answered. */
  readonly unanswered: string | null;
  /** The farewell's turn; null: the next turn that speaks, other than `notTurn`. */
  readonly turn: string | null;
  /** When `time` has something to decide. */
  readonly deadline: number;
  /** Never later than this. */
  readonly capAt: number;
}

export interface Generating extends InProgress {
  readonly phase: 'generating';
  readonly notTurn: string | null;
  readonly hasAudio: boolean;
  /** We have asked for a farewell: not asked a second time. */
  readonly asked: boolean;
}

export interface Draining extends InProgress {
  readonly phase: 'draining';
  readonly mark: string | null;
  /** The farewell was broken off while it was generated. */
  readonly cut: boolean;
}

export type EndOfCallEvent = {
  readonly at: number;
  /** What the carrier still has to play. */
  readonly unheardMs: number;
  /** The agent's last words ask for an answer that has not come. */
  readonly isQuestionOpen?: boolean;
} & (
  | {
      readonly type: 'end-call';
      readonly toolCallId: string;
      readonly turnId: string;
      readonly turnHasAudio: boolean;
      readonly greeting: boolean;
    }
  /** Somebody else wants the end, after words that the agent was just given to say. */
  | { readonly type: 'last-words'; readonly notTurn: string | null; readonly wanted: Wanted }
  /** The agent has said goodbye, was heard, and nobody has spoken since: it forgot the tool. */
  | { readonly type: 'left-unsaid' }
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
  /** How often an `end_call` behind an open question is put off. 0: the agent knows best. */
  readonly maxVetoes: number;
  /** Between the moment at which the last mark should come back and giving up on it. */
  readonly slackMs: number;
  /** From asking for a farewell to its first audio. */
  readonly noAudioMs: number;
  /** From the last news of the farewell's generation to going on without its end. */
  readonly quietMs: number;
  /** A farewell that never ends being generated. */
  readonly capMs: number;
  /** A farewell that never ends being played, whatever the carrier echoes. */
  readonly drainCapMs: number;
  /** From a heard goodbye without `end_call` to the end, if nobody speaks. 0: it is never ended for that. */
  readonly saidGoodbyeMs: number;
}

export const END_OF_CALL_LIMITS: EndOfCallLimits = {
  maxReopenings: 2,
  maxVetoes: 1,
  slackMs: 2_000,
  noAudioMs: 5_000,
  quietMs: 7_000,
  capMs: 30_000,
  drainCapMs: 45_000,
  saidGoodbyeMs: 6_000,
};

export const openCall: EndOfCall = { phase: 'open', reopenings: 0, vetoes: 0 };

export function isInProgress(state: EndOfCall): state is Generating | Draining {
  return state.phase === 'generating' || state.phase === 'draining';
}

/** May the callee take the floor? Not any more once the farewell has been reopened often enough: then it is played out. */
export function calleeMayInterrupt(state: EndOfCall, limits: EndOfCallLimits): boolean {
  return state.phase === 'open' || (isInProgress(state) && mayReopen(state, limits));
}

/** Only what the agent wanted can be reopened by the callee: an operator's end is no proposal. */
export function mayReopen(state: Generating | Draining, limits: EndOfCallLimits): boolean {
  return state.wanted.by === 'agent' && state.reopenings < limits.maxReopenings;
}

/** May audio of this turn be played? While the farewell drains nothing is queued behind it. */
export function acceptsTurn(state: EndOfCall, turnId: string): boolean {
  return state.phase === 'open' || state.phase === 'generating' || (state.phase === 'draining' && state.turn === turnId);
}
