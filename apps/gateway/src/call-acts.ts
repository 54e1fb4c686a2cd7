import type { Cause, Party } from '@onhook/contracts';
import type { AgentLine } from './agent-line.js';
import type { Farewell } from './farewell.js';
import type { PlaybackItem } from './playback.js';
import type { Turns } from './turns.js';

/** What timers, policies and tools may do with a live call. Each does nothing once the end is under way. */
export interface CallActs {
  /** Lets the agent speak when it next may. `exact`: these very words. False: there is nobody to say them. */
  say(words: string, options: { exact: boolean }): boolean;
  /** Takes the floor for the last words; without an agent the call ends without them. */
  sayAndEnd(words: string, wanted: { cause: Cause; by: Party }): void;
  /** Prepared audio (µ-law, 8 kHz) to the callee, behind what is queued: tones, an apology (`words`: for the transcript). False: not played. */
  play(audio: Uint8Array, item: PlaybackItem, words?: string): boolean;
  /**
   * What the callee did and did not speak: to the agent in words, and into the transcript (`[pressed 1 2 3]`). It takes the floor as
   * speech does.
   */
  tell(words: string, note: string): void;
  /** Asks for the end now. The first wish counts. */
  end(cause: Cause, by: Party): void;
}

interface CallActsDeps {
  readonly line: Pick<AgentLine, 'isReady' | 'say' | 'tell'>;
  readonly turns: Pick<Turns, 'sayLast' | 'play' | 'calleeActed'>;
  /** A transfer that is being announced is called off. */
  readonly calleeSpoke: () => void;
  readonly note: (text: string) => void;
  readonly farewell: Pick<Farewell, 'isInProgress'>;
  /** True: a transfer is under way, and the wish is kept. */
  readonly holds: (wish: () => void) => boolean;
  readonly end: (cause: Cause, by: Party) => void;
  /** Neither closing nor asked to end. */
  readonly isOpen: () => boolean;
}

export function createCallActs({ line, turns, calleeSpoke, note, farewell, holds, end, isOpen }: CallActsDeps): CallActs {
  const isFree = (): boolean => isOpen() && !farewell.isInProgress();

  function sayAndEnd(words: string, wanted: { cause: Cause; by: Party }): void {
    if (!isFree() || holds(() => sayAndEnd(words, wanted))) return;
    if (line.isReady()) turns.sayLast(words, wanted);
    else end(wanted.cause, wanted.by);
  }

  return {
    say(words, options) {
      if (!isFree() || !line.isReady()) return false;
      line.say(words, options);
      return true;
    },
    sayAndEnd,
    play: (audio, item, words) => isFree() && turns.play(audio, item, words),
    tell(words, noted) {
      if (!isOpen()) return;
      note(noted);
      // Without an agent a farewell is not broken off: nobody could answer.
      if (!line.isReady()) return;
      calleeSpoke();
      // Into last words that are not the agent's own nobody may speak.
      if (turns.calleeActed()) line.tell(words);
    },
    end,
  };
}
