import type { Logger } from '@onhook/service';
import type { Farewell } from '../farewell.js';
import type { CallTool } from '../toolbox.js';

/** The agent's only way to end a call: a wish, which is granted when the goodbye was heard. It names no SID and no number. */
export function createEndCallTool({
  farewell,
  isTransferring,
  logger,
}: {
  farewell: Pick<Farewell, 'handle'>;
  isTransferring: () => boolean;
  logger: Logger;
}): CallTool {
  return {
    definition: {
      name: 'end_call',
      description:
        'End this phone call. Say goodbye first, in the same turn, then call this. The call ends when your goodbye has been heard. ' +
        'Use it when the purpose of the call is done or the other person wants to stop.',
      parameters: {
        type: 'object',
        properties: { reason: { type: 'string', description: 'Why the call is over, in a few words.' } },
        required: ['reason'],
        additionalProperties: false,
      },
    },
    isAlwaysAllowed: true,
    run({ toolCallId, turnId }, { hasAudio, isGreeting }) {
      if (isTransferring()) return { output: 'The call is being transferred: your part of it ends by itself.', respond: false };
      logger.info({ toolCallId, greeting: isGreeting }, 'agent called end_call');
      farewell.handle({ type: 'end-call', toolCallId, turnId, turnHasAudio: hasAudio, greeting: isGreeting });
      // The machine answers, when it knows what became of the wish.
      return null;
    },
  };
}
