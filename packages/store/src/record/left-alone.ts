import type { CallId } from '@onhook/contracts';
import { createSeldom, type Clock, type Logger } from '@onhook/service';
import { NewerSchema } from '../errors.js';
import { SEALED_OTHERWISE } from '../vault.js';

/** Says, now and then, which records of a newer release were left alone. */
export interface LeftAlone {
  /** What `read` gives; a record of a newer release is said so, and thrown on. */
  orThrow<T>(callId: CallId, read: () => T): T;
  /** The same, but null in its place. */
  orNull<T>(callId: CallId, read: () => T): T | null;
}

export function createLeftAlone({ logger, clock }: { logger: Logger; clock: Pick<Clock, 'monotonicMs'> }): LeftAlone {
  const seldom = createSeldom({ clock });

  function orThrow<T>(callId: CallId, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof NewerSchema && seldom(callId)) {
        const isSealed = error.schema === SEALED_OTHERWISE;
        logger.warn(
          { callId, schema: error.schema },
          isSealed ? 'record sealed with another DATA_KEY was left alone' : 'record of a newer release was left alone',
        );
      }
      throw error;
    }
  }

  return {
    orThrow,
    orNull(callId, read) {
      try {
        return orThrow(callId, read);
      } catch (error) {
        if (error instanceof NewerSchema) return null;
        throw error;
      }
    },
  };
}
