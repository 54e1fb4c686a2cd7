import type { CallId, Cause, CarrierCallId, Goodbye, Party } from '@onhook/contracts';
import type { Carrier } from '@onhook/carrier';
import type { Logger, Timer, Timers } from '@onhook/service';
import type { Calls } from '@onhook/store';
import type { Perform } from './effects.js';
import { hangUpDirectly } from './hang-up-directly.js';

/** Asks that the call be ended, and sees to it that it ends also if nobody answers. */
export interface Ending {
  /** The first one counts. */
  ask(wish: { cause: Cause; by: Party; goodbye: Goodbye | null }): void;
  asked(): { readonly cause: Cause; readonly by: Party } | null;
  /** The goodbye reached the record with the wish. */
  goodbyeIsKnown(): boolean;
  /** This process is lost: closes the sockets and asks the carrier itself, now. Resolves when the leg is over, or was given up. */
  abandon(): Promise<void>;
  /** The sockets are being closed: the fuse has nothing left to do. */
  disarm(): void;
}

interface EndingDeps {
  readonly callId: CallId;
  readonly attempt: number;
  readonly carrierCallId: CarrierCallId;
  readonly calls: Pick<Calls, 'apply'>;
  readonly perform: Perform;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  readonly timers: Timers;
  readonly elapsedMs: () => number;
  readonly logger: Logger;
  readonly fuseMs: number;
  readonly closeMedia: (why: 'fuse' | 'direct' | 'order') => void;
}

export function createEnding(deps: EndingDeps): Ending {
  const { callId, attempt, calls, perform, timers, elapsedMs, logger, fuseMs, closeMedia } = deps;
  let asked: { cause: Cause; by: Party } | null = null;
  let fuse: Timer | null = null;
  let goodbyeIsKnown = false;

  async function commit(cause: Cause, by: Party, goodbye: Goodbye | null): Promise<void> {
    const startedAt = elapsedMs();
    try {
      const applied = await calls.apply(callId, {
        type: 'end-asked',
        source: 'gateway',
        cause,
        by,
        n: attempt,
        ...(goodbye && { goodbye }),
      });
      logger.info({ cause, by, goodbye, verdict: applied?.verdict, ms: Math.round(elapsedMs() - startedAt) }, 'end asked');
      goodbyeIsKnown = applied?.verdict === 'moved';
      // Without a record nobody will send an order.
      if (!applied) closeMedia('order');
      else await perform(applied.effects);
    } catch (error) {
      // Redis is away: closing the carrier's socket makes the TwiML fall through to <Hangup/>, and REST is the second way.
      logger.warn({ err: error, cause, by, goodbye }, 'end could not be asked');
      closeMedia('direct');
      await hangUpDirectly(deps, deps.carrierCallId);
    }
  }

  return {
    ask({ cause, by, goodbye }) {
      if (asked) return;
      asked = { cause, by };
      // Lit before the commit is tried: a Redis that hangs must not hold the call.
      fuse = timers.after(fuseMs, () => {
        logger.warn({ cause }, 'fuse blew');
        closeMedia('fuse');
      });
      commit(cause, by, goodbye).catch((error: unknown) => logger.error({ err: error }, 'direct hangup failed'));
    },
    async abandon() {
      asked ??= { cause: 'internal-error', by: 'platform' };
      closeMedia('direct');
      await hangUpDirectly(deps, deps.carrierCallId);
    },
    asked: () => asked,
    goodbyeIsKnown: () => goodbyeIsKnown,
    disarm: () => fuse?.cancel(),
  };
}
