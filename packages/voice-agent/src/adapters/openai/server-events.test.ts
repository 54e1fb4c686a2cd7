import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerEvent } from './server-events.js';

describe('reading what the provider says', () => {
  it('never throws, whatever comes', () => {
    const types = fc.constantFrom(
      'session.created',
      'session.updated',
      'response.created',
      'response.done',
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_item.done',
      'response.output_audio_transcript.delta',
      'conversation.item.input_audio_transcription.completed',
      'input_audio_buffer.speech_started',
      'error',
      'rate_limits.updated',
    );
    const fields = fc.record(
      {
        type: types,
        response: fc.jsonValue(),
        session: fc.jsonValue(),
        item: fc.jsonValue(),
        error: fc.jsonValue(),
        delta: fc.jsonValue(),
        item_id: fc.jsonValue(),
        response_id: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fields.map((event) => JSON.stringify(event)),
          fc.json(),
          fc.string(),
        ),
        (frame) => {
          expect(() => readServerEvent(frame)).not.toThrow();
        },
      ),
    );
  });
});
