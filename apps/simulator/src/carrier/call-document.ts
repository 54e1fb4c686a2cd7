import type { Logger } from '@onhook/service';
import type { DocumentEnd, DocumentHost, Instructions } from './document.js';
import { runDocument } from './run-document.js';
import { play } from './verbs/prompts.js';

/** What runs on a call: one document at a time, the next one takes the place of the last. */
export interface CallDocument {
  /** False until the first one has begun. */
  readonly hasBegun: boolean;
  /** @param foreword said before it */
  run(host: DocumentHost, instructions: Instructions, foreword?: string): void;
  /** Nothing runs any more. */
  stop(): void;
}

/** @param onEnd the call must end: the document is over, or it could not be run */
export function createCallDocument({
  callSid,
  logger,
  onEnd,
}: {
  callSid: string;
  logger: Logger;
  onEnd: (why: Exclude<DocumentEnd, 'aborted'>) => void;
}): CallDocument {
  let current: AbortController | undefined;
  let hasBegun = false;

  return {
    get hasBegun() {
      return hasBegun;
    },
    run(host, instructions, foreword) {
      current?.abort();
      current = new AbortController();
      hasBegun = true;
      runWhole(host, instructions, current.signal, foreword).then(
        (why) => why !== 'aborted' && onEnd(why),
        (error: unknown) => {
          logger.error({ err: error, callSid }, 'document could not be run');
          onEnd('application-error');
        },
      );
    },
    stop: () => current?.abort(),
  };
}

async function runWhole(
  host: DocumentHost,
  instructions: Instructions,
  signal: AbortSignal,
  foreword: string | undefined,
): Promise<DocumentEnd> {
  if (foreword !== undefined) await play(host, await host.speak(foreword), signal);
  return signal.aborted ? 'aborted' : runDocument(host, instructions, signal);
}
