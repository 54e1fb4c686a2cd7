import type { Cause, Party } from '@onhook/contracts';

/** What a call shall do because of time. */
export type TimerAct =
  | { readonly do: 'say'; readonly words: string }
  | { readonly do: 'say-and-end'; readonly words: string; readonly cause: Cause; readonly by: Party }
  /** Nobody is there who could say anything: prepared audio, then the end. */
  | { readonly do: 'apologise'; readonly cause: Cause; readonly by: Party }
  | { readonly do: 'end'; readonly cause: Cause; readonly by: Party };

export interface InCallLimits {
  /** The agent's first session. */
  readonly agentReadyWithinMs: number;
  /** Frames come every 20 ms, in silence too: this long without one, and the stream is dead. */
  readonly mediaLostAfterMs: number;
  /** Nobody speaks: the callee is asked whether somebody is there. 0: never. */
  readonly silencePromptAfterMs: number;
  /** So often between two words of the callee; then the call is ended. */
  readonly silencePrompts: number;
  /** Nobody speaks, not even the agent when it is asked to. */
  readonly silenceEndsAfterMs: number;
  /** The agent owes an answer and says nothing: its session is worth nothing. */
  readonly agentSilentAfterMs: number;
  /** The warning comes this long before the call's longest duration; 0: never. A call that is not twice as long gets none. */
  readonly warnBeforeEndMs: number;
}

export interface TimedWords {
  readonly stillThere: string;
  readonly nobodyThere: string;
  readonly almostOver: string;
  readonly timeIsUp: string;
}

/** What is the case at this moment. */
export interface InCallFacts {
  /** What the carrier still has to play. */
  readonly unheardMs: number;
  /** The callee has had its say and the agent has not answered; a tool that works on it does not count. */
  readonly agentOwes: boolean;
  /** A farewell is under way, and no other last words are said. It may still be taken back. */
  readonly saysFarewell: boolean;
}

/** What happens to a call because of time. Pure: moments come in, at most one act comes out of each look. */
export interface InCallClock {
  media(atMs: number): void;
  agentReady(): void;
  agentSpoke(atMs: number): void;
  calleeSpeaks(speaking: boolean, atMs: number): void;
  look(atMs: number, facts: InCallFacts): TimerAct | 'agent-silent' | null;
}

/** Voice detection gets stuck in noise: longer than this is no speech. */
const LONGEST_SPEECH_MS = 60_000;
/** The last sentence begins this long before the longest duration … */
const LAST_WORDS_BEFORE_MS = 5_000;
/** … and this long after it nobody waits for words any more. The record's own deadline is 10 s after. */
const LAST_WORDS_PATIENCE_MS = 5_000;
/** How long the warning waits for a moment in which nobody speaks. */
const WARNING_WAITS_MS = 15_000;

interface InCallClockDeps {
  readonly openedAtMs: number;
  readonly maxDurationMs: number;
  readonly limits: InCallLimits;
  readonly words: TimedWords;
}

export function createInCallClock({ openedAtMs, maxDurationMs, limits, words }: InCallClockDeps): InCallClock {
  let mediaAt = openedAtMs;
  /** Somebody was last heard. */
  let soundAt = openedAtMs;
  let promptedAt = openedAtMs;
  let prompts = 0;
  let speakingSince: number | null = null;
  let owedSince: number | null = null;
  let agentIsReady = false;
  let wasWarned = maxDurationMs < 2 * limits.warnBeforeEndMs || limits.warnBeforeEndMs === 0;
  let saidLast = false;

  function lastWords(atMs: number, saysFarewell: boolean): TimerAct | null {
    if (saidLast || saysFarewell || atMs < maxDurationMs - LAST_WORDS_BEFORE_MS) return null;
    saidLast = true;
    return { do: 'say-and-end', words: words.timeIsUp, cause: 'max-duration', by: 'platform' };
  }

  function warning(atMs: number, isQuiet: boolean, saysFarewell: boolean): TimerAct | null {
    const dueAt = maxDurationMs - limits.warnBeforeEndMs;
    // Into a farewell it would not be said; one that is taken back leaves a call that goes on. With half of the time gone it is no longer true.
    if (
      wasWarned ||
      saysFarewell ||
      atMs < dueAt ||
      atMs > dueAt + limits.warnBeforeEndMs / 2 ||
      (!isQuiet && atMs < dueAt + WARNING_WAITS_MS)
    )
      return null;
    wasWarned = true;
    return { do: 'say', words: words.almostOver };
  }

  function silence(atMs: number): TimerAct | null {
    const { silencePromptAfterMs, silencePrompts, silenceEndsAfterMs } = limits;
    const goodbye: TimerAct = { do: 'say-and-end', words: words.nobodyThere, cause: 'silence-timed-out', by: 'platform' };
    if (atMs - soundAt >= silenceEndsAfterMs) {
      // If the words are not said (a farewell is under way and is then taken back), this comes again.
      soundAt = atMs;
      return goodbye;
    }
    if (silencePromptAfterMs === 0 || atMs - Math.max(soundAt, promptedAt) < silencePromptAfterMs) return null;
    promptedAt = atMs;
    return ++prompts > silencePrompts ? goodbye : { do: 'say', words: words.stillThere };
  }

  return {
    media: (atMs) => void (mediaAt = atMs),
    agentReady: () => void (agentIsReady = true),
    agentSpoke: (atMs) => void (soundAt = atMs),
    calleeSpeaks(speaking, atMs) {
      soundAt = atMs;
      prompts = 0;
      speakingSince = speaking ? atMs : null;
    },
    look(atMs, { unheardMs, agentOwes, saysFarewell }) {
      const calleeSpeaks = speakingSince !== null && atMs - speakingSince < LONGEST_SPEECH_MS;
      const isQuiet = unheardMs === 0 && !calleeSpeaks;
      if (!isQuiet) soundAt = atMs;
      if (atMs >= maxDurationMs + LAST_WORDS_PATIENCE_MS) return { do: 'end', cause: 'max-duration', by: 'platform' };
      if (atMs - mediaAt >= limits.mediaLostAfterMs) return { do: 'end', cause: 'media-lost', by: 'carrier' };
      if (!agentIsReady && atMs - openedAtMs >= limits.agentReadyWithinMs)
        return { do: 'apologise', cause: 'agent-connect-failed', by: 'platform' };
      const said = lastWords(atMs, saysFarewell) ?? warning(atMs, isQuiet, saysFarewell);
      if (said) return said;
      owedSince = agentOwes ? (owedSince ?? atMs) : null;
      // Whoever waits for the agent is not asked whether he is still there.
      if (owedSince === null) return silence(atMs);
      if (atMs - Math.max(soundAt, owedSince) < limits.agentSilentAfterMs) return null;
      owedSince = atMs;
      return 'agent-silent';
    },
  };
}
