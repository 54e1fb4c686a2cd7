import type { Cause, Party } from '@onhook/contracts';
import type { AgentLine } from './agent-line.js';
import type { Farewell } from './farewell.js';
import type { PlaybackItem } from './playback.js';
import type { Turns } from './turns.js';

/** What timers, policies and tools may do with a live call. Each does nothing once the end is under way. */
export interface CallActs {
  /** Lets the agent speak when it next may. `exact`: these very words. False: there is nobody to say them. */
  say(words: string, options: { exact: boolean }): boolean;
  /**
   * Takes the floor for the last words. They wait for a session that is being opened in place of a lost one; without an agent the
   * call ends without them.
   */
  sayAndEnd(words: string, wanted: Wanted): void;
  /** Prepared audio (µ-law, 8 kHz) to the callee, behind what is queued: tones, an apology (`words`: for the transcript). False: not played. */
  play(audio: Uint8Array, item: PlaybackItem, words?: string): boolean;
  /**
   * What the callee did and did not speak: to the agent in words, and into the transcript (`[pressed 1 2 3]`). It takes the floor as
   * speech does. A session that is being opened is told when it is ready.
   */
  tell(words: string, note: string): void;
  /** The callee does something of which the agent will hear in a moment: what is being said stops now. */
  breakIn(): void;
  /** Asks for the end now. The first wish counts. */
  end(cause: Cause, by: Party): void;
}

/** What was wanted of an agent that was not there yet. */
export interface HeldActs {
  /** A session is ready. True: it says the last words that were wanted, and nothing else is to be said. */
  sayHeld(): boolean;
  /** Then: it is told what the callee did meanwhile. */
  tellHeld(): void;
  /** There will be no session: whose wish the end is, if somebody's last words waited for one. */
  dropHeld(): Wanted | null;
}

interface Wanted {
  readonly cause: Cause;
  readonly by: Party;
}

interface CallActsDeps {
  readonly line: Pick<AgentLine, 'isReady' | 'isConnecting' | 'isReopening' | 'say' | 'tell'>;
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

export function createCallActs(deps: CallActsDeps): CallActs & HeldActs {
  const { line, turns, calleeSpoke, note, farewell, holds, end, isOpen } = deps;
  /** The first wish counts. */
  let heldEnd: { readonly words: string; readonly wanted: Wanted } | null = null;
  let untold: string[] = [];
  const isFree = (): boolean => isOpen() && !farewell.isInProgress();

  function sayAndEnd(words: string, wanted: Wanted): void {
    if (!isFree() || holds(() => sayAndEnd(words, wanted))) return;
    if (line.isReady()) turns.sayLast(words, wanted);
    else if (line.isReopening()) heldEnd ??= { words, wanted };
    else end(wanted.cause, wanted.by);
  }

  function takeHeld(): typeof heldEnd {
    const held = heldEnd;
    heldEnd = null;
    if (held) untold = [];
    return held;
  }

  function tellNow(words: string): void {
    calleeSpoke();
    // Into last words that are not the agent's own nobody may speak.
    if (turns.calleeActed()) line.tell(words);
  }

  return {
    say(words, options) {
      if (!isFree() || !line.isReady()) return false;
      line.say(words, options);
      return true;
    },
    sayAndEnd,
    play: (audio, item, words) => isFree() && turns.play(audio, item, words),
    breakIn() {
      if (!isOpen() || !line.isReady()) return;
      calleeSpoke();
      turns.calleeActed();
    },
    tell(words, noted) {
      if (!isOpen()) return;
      note(noted);
      if (line.isReady()) tellNow(words);
      // Without an agent a farewell is not broken off: nobody could answer.
      else if (line.isConnecting()) untold.push(words);
    },
    end,
    sayHeld() {
      const held = takeHeld();
      if (!held) return false;
      sayAndEnd(held.words, held.wanted);
      return true;
    },
    tellHeld() {
      const kept = untold;
      untold = [];
      for (const words of kept) tellNow(words);
    },
    dropHeld: () => takeHeld()?.wanted ?? null,
  };
}
