import { z } from 'zod';
import { EVENT_FILTER } from '../call-events.js';
import { timelineEntryView } from './call-view.js';
import { callParams } from './pieces.js';
import { defineRoute } from './route.js';

const types = z
  .string()
  .max(500)
  .transform((text) => text.split(',').map((type) => type.trim()))
  .pipe(z.array(z.string().regex(EVENT_FILTER, 'Must be types of events with commas between: call.ended,call.*')).max(30))
  .optional()
  .meta({ description: 'Types with commas between: `call.ended`, `call.*`. Without it all of them, and `call.updated`.' });

const headers = { 'Last-Event-ID': 'The `id` of the last event that arrived: goes on behind it.' };
const stream = {
  'text/event-stream':
    'Server-Sent Events. `event`: the type; `id`: where to go on; `data`: a CallMessage. `call.updated` says that something else of the call is new. `reset`: some events are gone, fetch anew what you show. A comment every 15 s.',
};

const tag = 'Live events';

export const liveEventRoutes = {
  all: defineRoute({
    id: 'streamEvents',
    method: 'GET',
    path: '/v1/events',
    tag,
    summary: 'What happens to all calls, as it happens.',
    description:
      'For watching: what must not be missed is for webhooks. About the last thousand events of each of 16 shards can be gone back to. Who reads too slowly is cut off, and may go on by Last-Event-ID.',
    scope: 'calls:read',
    query: z.strictObject({
      types,
      campaignId: z.string().max(64).optional().meta({ description: 'Only of the calls of this campaign.' }),
    }),
    headers,
    answer: { status: 200, description: 'A stream that does not end by itself.', media: stream },
    problems: ['too-many-streams'],
  }),
  ofCall: defineRoute({
    id: 'streamCallEvents',
    method: 'GET',
    path: '/v1/calls/{id}/events',
    tag,
    summary: 'What happened to one call; with `Accept: text/event-stream` as it happens.',
    description:
      'The stream begins with `call.snapshot`: the call as it is. `transcript`, a Transcript, tells all that was said whenever there is more; of a call that lives within about twelve seconds.',
    scope: 'calls:read',
    params: callParams,
    headers,
    answer: {
      status: 200,
      description: 'Its timeline, or a stream that does not end by itself.',
      json: z.object({ data: z.array(timelineEntryView) }),
      media: stream,
    },
    problems: ['too-many-streams', 'newer-release'],
  }),
};
