import type { Cause, Party } from '@onhook/contracts';
import type { Timers } from '@onhook/service';
import type { GatewayLimits } from './limits.js';

/** What ends a call because of time. One look every half second, by the clock of this machine. */
export interface InCallTimers {
  media(): void;
  agentReady(): void;
  agentSpoke(): void;
  calleeSpeaks(speaking: boolean): void;
  stop(): void;
}

interface InCallTimersDeps {
  readonly timers: Pick<Timers, 'every'>;
  readonly elapsedMs: () => number;
  readonly unheardMs: () => number;
  readonly limits: GatewayLimits;
  /** From the stream's start. */
  readonly maxDurationMs: number;
  readonly end: (cause: Cause, by: Party) => void;
}

const LOOK_EVERY_MS = 500;
/** Voice detection gets stuck in noise: longer than this is no speech. */
const LONGEST_SPEECH_MS = 60_000;

export function startInCallTimers({ timers, elapsedMs, unheardMs, limits, maxDurationMs, end }: InCallTimersDeps): InCallTimers {
  const openedAt = elapsedMs();
  let mediaAt = openedAt;
  let soundAt = openedAt;
  let speakingSince: number | null = null;
  let agentIsReady = false;

  const timer = timers.every(LOOK_EVERY_MS, () => {
    const at = elapsedMs();
    if (unheardMs() > 0 || (speakingSince !== null && at - speakingSince < LONGEST_SPEECH_MS)) soundAt = at;
    if (at >= maxDurationMs) end('max-duration', 'platform');
    else if (at - mediaAt >= limits.mediaLostAfterMs) end('media-lost', 'carrier');
    else if (!agentIsReady && at - openedAt >= limits.agentReadyWithinMs) end('agent-connect-failed', 'platform');
    else if (at - soundAt >= limits.silenceEndsAfterMs) end('silence-timed-out', 'platform');
  });

  return {
    media: () => void (mediaAt = elapsedMs()),
    agentReady: () => void (agentIsReady = true),
    agentSpoke: () => void (soundAt = elapsedMs()),
    calleeSpeaks(speaking) {
      soundAt = elapsedMs();
      speakingSince = speaking ? soundAt : null;
    },
    stop: () => timer.cancel(),
  };
}
