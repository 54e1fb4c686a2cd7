import { z } from 'zod';
import { transcriptView } from './call-view.js';
import { callParams } from './pieces.js';
import { defineRoute } from './route.js';

const tag = 'Recordings and transcripts';

const peaksView = z
  .object({
    attempt: z.int(),
    durationMs: z.int(),
    windowMs: z.int().meta({ description: 'Each number speaks for so long. There are 2 000 of each side at most.' }),
    callee: z.array(z.number()).meta({ description: 'The loudest sample of each window, 0 to 1 of full scale.' }),
    agent: z.array(z.number()),
  })
  .meta({ id: 'Peaks', description: 'How loud each side of a recording is over its length, for drawing it at once.' });

export const callMediaRoutes = {
  transcript: defineRoute({
    id: 'getCallTranscript',
    method: 'GET',
    path: '/v1/calls/{id}/transcript',
    tag,
    summary: 'What was said, as it was heard; what was silenced before it was heard is told apart.',
    description: 'While the call lives, what was said so far, a few seconds late. Accept chooses the form.',
    scope: 'calls:read',
    params: callParams,
    headers: { Accept: '`application/json`, `text/plain` or `text/vtt`.' },
    answer: {
      status: 200,
      description: 'The transcript of the last attempt that was answered.',
      json: transcriptView,
      media: {
        'text/plain': 'A line for each utterance: when, who, what. What was not heard stands in brackets.',
        'text/vtt': 'WebVTT, in time with the recording; `<c.unheard>` is what was not heard.',
      },
    },
    problems: ['transcript-not-ready', 'call-erased', 'newer-release'],
  }),
  recording: defineRoute({
    id: 'getCallRecording',
    method: 'GET',
    path: '/v1/calls/{id}/recording',
    tag,
    summary: 'The recording of the last attempt as WAV, both sides or one, with Range.',
    scope: 'calls:read',
    params: callParams,
    query: z.strictObject({
      channel: z.enum(['stereo', 'callee', 'customer', 'agent']).default('stereo').meta({
        description:
          '`stereo`: the callee left, the agent right. One side alone is mono; `customer` is another word for `callee`.',
      }),
    }),
    headers: { Range: 'Bytes, as in RFC 9110.' },
    answer: {
      status: 200,
      description: 'The recording.',
      media: { 'audio/wav': 'µ-law, 8 kHz, as it came over the line.' },
      headers: { ETag: 'For If-Range. A recording never changes.' },
    },
    alsoAnswers: { 206: 'The part that Range asked for.' },
    problems: ['no-recording', 'recording-not-ready', 'call-erased', 'range-not-satisfiable', 'newer-release'],
  }),
  peaks: defineRoute({
    id: 'getCallPeaks',
    method: 'GET',
    path: '/v1/calls/{id}/peaks',
    tag,
    summary: 'How loud each side of the recording is over its length, for drawing it at once.',
    scope: 'calls:read',
    params: callParams,
    answer: { status: 200, description: 'The peaks.', json: peaksView },
    problems: ['no-recording', 'recording-not-ready', 'call-erased', 'newer-release'],
  }),
  erase: defineRoute({
    id: 'eraseCall',
    method: 'DELETE',
    path: '/v1/calls/{id}',
    tag,
    summary: 'Erase the personal data of a call that has ended.',
    description:
      'Recording, transcript, number, variables and metadata are gone, from Redis, the recordings and the archive; that there was a call, when, how it ended and what it cost stays, and in place of the number a name that cannot be turned back into it. Safe to repeat. A call that has expired is erased from the archive.',
    scope: 'calls:write',
    params: callParams,
    answer: { status: 204, description: 'Erased, now or before.' },
    problems: ['call-not-ended', 'newer-release'],
  }),
};
