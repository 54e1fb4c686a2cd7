import type { Cause, Goodbye, Party } from '@onhook/contracts';
import type { Timer, Timers } from '@onhook/service';
import {
  acceptsTurn,
  calleeMayInterrupt,
  isInProgress,
  openCall,
  type EndOfCall,
  type EndOfCallAct,
  type EndOfCallEvent,
  type EndOfCallLimits,
} from './end-of-call-state.js';
import { endOfCall } from './end-of-call.js';
import type { ToolAnswer } from './toolbox.js';

type WithoutContext<E> = E extends unknown ? Omit<E, 'at' | 'unheardMs' | 'isQuestionOpen'> : never;
type FarewellEvent = WithoutContext<EndOfCallEvent>;

/** Drives the machine of `end-of-call.ts`: gives it the time, and does what it says. */
export interface Farewell {
  handle(event: FarewellEvent): void;
  isInProgress(): boolean;
  acceptsTurn(turnId: string): boolean;
  calleeMayInterrupt(): boolean;
  /** How it came out; null while it has not, and for a call that ended without one. */
  goodbye(): Goodbye | null;
}

interface FarewellDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly elapsedMs: () => number;
  readonly unheardMs: () => number;
  /** The agent's last words ask for an answer that has not come. */
  readonly isQuestionOpen: () => boolean;
  readonly limits: EndOfCallLimits;
  readonly answerTool: (toolCallId: string, answer: ToolAnswer & { readonly withTools?: boolean }) => void;
  /** Sends a mark behind everything accepted, and returns its name. */
  readonly mark: () => string;
  readonly end: (cause: Cause, by: Party, goodbye: Goodbye) => void;
  /** Runs what a timer started as part of this call. */
  readonly guarded: (run: () => void) => void;
}

export function createFarewell(deps: FarewellDeps): Farewell {
  const { timers, elapsedMs, unheardMs, isQuestionOpen, limits, answerTool, mark, end, guarded } = deps;
  let state: EndOfCall = openCall;
  let timer: Timer | null = null;

  function handle(event: FarewellEvent): void {
    const context = { at: elapsedMs(), unheardMs: unheardMs(), isQuestionOpen: isQuestionOpen() };
    const step = endOfCall(state, { ...event, ...context } as EndOfCallEvent, limits);
    state = step.state;
    for (const act of step.acts) perform(act);
    arm();
  }

  function perform(act: EndOfCallAct): void {
    switch (act.do) {
      case 'answer-tool':
        return answerTool(act.toolCallId, { output: act.output, respond: act.respond, ...(act.respond && { withTools: false }) });
      case 'mark':
        return handle({ type: 'mark-sent', mark: mark() });
      case 'end':
        return end(act.cause, act.by, act.goodbye);
    }
  }

  function arm(): void {
    timer?.cancel();
    timer = isInProgress(state)
      ? timers.after(state.deadline - elapsedMs(), () => guarded(() => handle({ type: 'time' })))
      : null;
  }

  return {
    handle,
    isInProgress: () => isInProgress(state),
    acceptsTurn: (turnId) => acceptsTurn(state, turnId),
    calleeMayInterrupt: () => calleeMayInterrupt(state, limits),
    goodbye: () => (state.phase === 'over' ? state.goodbye : null),
  };
}
