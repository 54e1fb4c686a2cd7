import type { TransferTool } from '@onhook/contracts';
import type { CallTool } from '../toolbox.js';
import type { Transfer } from '../transfer.js';

/** Connects the callee with somebody else. The model chooses among names; the numbers stand in the agent's file. */
export function createTransferCallTool({ targets }: TransferTool, transfer: Pick<Transfer, 'begin'>): CallTool {
  const names = Object.keys(targets);
  const list = Object.entries(targets).map(([name, { description }]) => `"${name}": ${description}`);
  return {
    definition: {
      name: 'transfer_call',
      description:
        'Connect the person on the phone with somebody else. Say in one short sentence, in the same turn, whom you connect them with, ' +
        `then call this; your part in the call is over then. Targets: ${list.join(' ')}`,
      parameters: {
        type: 'object',
        properties: { target: { type: 'string', enum: names, description: 'With whom.' } },
        required: ['target'],
        additionalProperties: false,
      },
    },
    run({ toolCallId, turnId, args }, { isGreeting }) {
      if (isGreeting)
        return { output: 'Not now: the greeting is still being spoken. Listen to the callee first.', respond: false };
      const targetId = args?.['target'];
      if (typeof targetId !== 'string' || !Object.hasOwn(targets, targetId))
        return { output: `There is no such target. Targets: ${names.join(', ')}.`, respond: true };
      return transfer.begin({ toolCallId, turnId, targetId });
    },
  };
}
