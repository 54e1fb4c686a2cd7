import type { GatewayId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { GatewayDirectory } from '@onhook/store';

interface DirectoryBeatDeps {
  readonly gatewayId: GatewayId;
  readonly directory: Pick<GatewayDirectory, 'beat' | 'leave'>;
  readonly mediaUrl: string;
  readonly seats: number;
  readonly live: () => number;
  readonly draining: () => boolean;
  /** Another call would harm the ones that are here. */
  readonly isOverloaded: () => boolean;
  readonly timers: Pick<Timers, 'every'>;
  readonly logger: Logger;
}

const BEAT_EVERY_MS = 2_000;
const BEAT_TTL_MS = 6_000;

/** Tells the dialer that this gateway lives and how full it is. Resolves after the first beat was tried. */
export async function startDirectoryBeat(deps: DirectoryBeatDeps): Promise<{ beat(): Promise<void>; stop(): Promise<void> }> {
  const { gatewayId, directory, mediaUrl, seats, live, draining, isOverloaded, timers, logger } = deps;
  let isOut = false;
  let wasOverloaded = false;
  let isStopped = false;

  /** A full house, not a drain: the calls that are dialed already are still welcome. */
  function freeSeats(): number {
    const isOver = isOverloaded();
    if (isOver !== wasOverloaded) logger.warn({ live: live(), isOverloaded: isOver }, 'overload changed');
    wasOverloaded = isOver;
    return isOver ? Math.min(seats, live()) : seats;
  }

  async function beat(): Promise<void> {
    if (isStopped) return;
    try {
      await directory.beat({ gatewayId, mediaUrl, live: live(), seats: freeSeats(), draining: draining() }, BEAT_TTL_MS);
      isOut = false;
    } catch (error) {
      if (!isOut) logger.warn({ err: error }, 'directory could not be told');
      isOut = true;
    }
  }

  await beat();
  const timer = timers.every(BEAT_EVERY_MS, () => void beat());
  return {
    beat,
    async stop() {
      isStopped = true;
      timer.cancel();
      try {
        await directory.leave(gatewayId);
      } catch (error) {
        // The entry expires by itself.
        logger.warn({ err: error }, 'directory could not be left');
      }
    },
  };
}
