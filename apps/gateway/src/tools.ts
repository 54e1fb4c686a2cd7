import type { Tool } from '@onhook/voice-agent';

/** The agent's only way to end a call: a wish, which is granted when the goodbye was heard. It names no SID and no number. */
export const END_CALL = 'end_call';

export const AGENT_TOOLS: readonly Tool[] = [
  {
    name: END_CALL,
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
];
