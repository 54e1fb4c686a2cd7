import type { Timers } from '@onhook/service';
import { createInCallClock, type InCallFacts, type InCallLimits, type TimedWords, type TimerAct } from './in-call-clock.js';

/** Looks at the clock of a call every half second, by the time of this machine. */
export interface InCallTimers {
  media(atMs: number): void;
  agentReady(): void;
  agentSpoke(): void;
  calleeSpeaks(speaking: boolean): void;
  stop(): void;
}

interface InCallTimersDeps {
  readonly timers: Pick<Timers, 'every'>;
  readonly elapsedMs: () => number;
  readonly facts: () => InCallFacts;
  readonly limits: InCallLimits;
  readonly words: TimedWords;
  /** From the stream's start. */
  readonly maxDurationMs: number;
  readonly act: (act: TimerAct) => void;
  /** The agent does not answer any more, and its socket does not say so. */
  readonly onAgentSilent: () => void;
  /** Besides: whatever else wants to look at the same moments. */
  readonly onLook: () => void;
}

const LOOK_EVERY_MS = 500;

export function startInCallTimers(deps: InCallTimersDeps): InCallTimers {
  const { timers, elapsedMs, facts, limits, words, maxDurationMs, act } = deps;
  const clock = createInCallClock({ openedAtMs: elapsedMs(), maxDurationMs, limits, words });
  const timer = timers.every(LOOK_EVERY_MS, () => {
    deps.onLook();
    const wanted = clock.look(elapsedMs(), facts());
    if (wanted === 'agent-silent') deps.onAgentSilent();
    else if (wanted) act(wanted);
  });
  return {
    media: clock.media,
    agentReady: clock.agentReady,
    agentSpoke: () => clock.agentSpoke(elapsedMs()),
    calleeSpeaks: (speaking) => clock.calleeSpeaks(speaking, elapsedMs()),
    stop: () => timer.cancel(),
  };
}
