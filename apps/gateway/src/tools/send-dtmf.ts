import { DTMF_DIGITS } from '@onhook/audio';
import type { CallTool } from '../toolbox.js';
import type { Tones } from '../tones.js';

/** Presses keys for menus of other systems. */
export function createSendDtmfTool(tones: Pick<Tones, 'press'>): CallTool {
  return {
    definition: {
      name: 'send_dtmf',
      description:
        'Press keys of the telephone, as tones: only when a recorded menu asks for them. Then say nothing, and listen to what it says.',
      parameters: {
        type: 'object',
        properties: {
          digits: {
            type: 'string',
            pattern: DTMF_DIGITS.source,
            description: '0-9, A-D, * and #, at most 32; w waits half a second and W a whole one.',
          },
        },
        required: ['digits'],
        additionalProperties: false,
      },
    },
    run({ args }) {
      const digits = args?.['digits'];
      if (typeof digits !== 'string' || !DTMF_DIGITS.test(digits))
        return { output: 'Digits must be 1 to 32 of 0-9, A-D, *, #, w and W.', respond: true };
      return tones
        .press(digits)
        .then((wereHeard) =>
          wereHeard
            ? { output: 'The keys were pressed. Listen now.', respond: false }
            : { output: 'The keys could not be pressed.', respond: true },
        );
    },
  };
}
