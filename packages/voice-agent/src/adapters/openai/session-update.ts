import { fillVariables } from '@onhook/contracts';
import type { PcmRateHz } from '@onhook/audio';
import type { OpenSession } from '../../port.js';

/**
 * The one configuration of a session. The provider refuses the whole update for any field that it does not know: `audio/pcmu`
 * has no `rate`, and `temperature` is gone.
 */
export function sessionUpdate({ agent, variables, tools }: OpenSession, eventId: string, pcmHz?: PcmRateHz): object {
  const format = pcmHz === undefined ? { type: 'audio/pcmu' } : { type: 'audio/pcm', rate: pcmHz };
  return {
    type: 'session.update',
    event_id: eventId,
    session: {
      type: 'realtime',
      instructions: fillVariables(agent.instructions, variables),
      output_modalities: ['audio'],
      audio: {
        input: {
          format,
          transcription: { model: 'gpt-4o-mini-transcribe', language: agent.language.split('-')[0] },
          turn_detection: {
            type: 'server_vad',
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 500,
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { format, voice: agent.voice },
      },
      tools: tools.map(({ name, description, parameters }) => ({ type: 'function', name, description, parameters })),
      tool_choice: 'auto',
    },
  };
}
