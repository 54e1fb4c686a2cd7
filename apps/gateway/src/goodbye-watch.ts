import type { Timer, Timers } from '@onhook/service';
import { saysGoodbye } from './spoken-words.js';

/**
 * For models that say goodbye and never call the tool: a goodbye that was heard, and then nobody speaks. A callee who answers
 * something else than a goodbye has not ended the conversation, and it is the agent's turn again.
 */
export interface GoodbyeWatch {
  /** A turn of the agent is complete. `isGoodbye`: it said goodbye. */
  turnDone(isGoodbye: boolean): void;
  agentSpoke(): void;
  calleeStarted(): void;
  calleeStopped(): void;
  calleeSaid(text: string): void;
  stop(): void;
}

interface GoodbyeWatchDeps {
  readonly timers: Pick<Timers, 'every'>;
  readonly elapsedMs: () => number;
  readonly unheardMs: () => number;
  /** 0: off. */
  readonly quietMs: number;
  readonly guarded: (run: () => void) => void;
  readonly leftUnsaid: () => void;
}

const LOOK_EVERY_MS = 250;

export function createGoodbyeWatch(deps: GoodbyeWatchDeps): GoodbyeWatch {
  const { timers, elapsedMs, unheardMs, quietMs, guarded, leftUnsaid } = deps;
  let timer: Timer | null = null;
  let quietSince = 0;
  let calleeSpeaks = false;
  /** The callee has spoken since, and not only to say goodbye. */
  let isAnswered = false;

  function stop(): void {
    timer?.cancel();
    timer = null;
  }

  function look(): void {
    const at = elapsedMs();
    if (unheardMs() > 0 || calleeSpeaks || isAnswered) quietSince = at;
    if (at - quietSince < quietMs) return;
    stop();
    leftUnsaid();
  }

  return {
    turnDone(isGoodbye) {
      stop();
      if (!isGoodbye || quietMs === 0) return;
      isAnswered = calleeSpeaks;
      quietSince = elapsedMs();
      timer = timers.every(LOOK_EVERY_MS, () => guarded(look));
    },
    agentSpoke: stop,
    calleeStarted() {
      calleeSpeaks = true;
      isAnswered = true;
    },
    calleeStopped: () => void (calleeSpeaks = false),
    calleeSaid(text) {
      if (!saysGoodbye(text)) return;
      isAnswered = false;
      quietSince = elapsedMs();
    },
    stop,
  };
}
