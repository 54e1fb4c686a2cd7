import { isWanted, liveEventRoutes } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import { callView, timelineView } from '../call-view.js';
import { followTranscript } from '../live/follow-transcript.js';
import type { LiveEvents } from '../live/live-events.js';
import { ANSWERED, refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type LiveEventDeps = Pick<ApiDeps, 'calls' | 'transcripts' | 'timers' | 'logger'> & { live: LiveEvents; within: Within };

const FULL = { headers: { 'Retry-After': '5' } };

/** `/v1/events` and `/v1/calls/:id/events`. */
export function addLiveEventRoutes(serve: Serve, deps: LiveEventDeps): void {
  const { calls, live, within } = deps;
  serve(liveEventRoutes.all, async ({ query: { types = [], campaignId }, request, response }) => {
    if (live.isFull) return refusal('too-many-streams', FULL);
    const lastEventId = request.get('last-event-id');
    await live.stream(response, {
      lastEventId,
      wants: (type) => isWanted(type, types),
      ...(campaignId !== undefined && { isWatched: ({ campaign }) => campaign?.id === campaignId }),
    });
    return ANSWERED;
  });

  serve(liveEventRoutes.ofCall, async ({ params: { id }, request, response }) => {
    const loaded = await within(calls.load(id));
    if (!loaded) return refusal('not-found');
    if (request.accepts(['application/json', 'text/event-stream']) !== 'text/event-stream') {
      return { body: { data: timelineView(loaded.call, await within(calls.timeline(id))) } };
    }
    if (live.isFull) return refusal('too-many-streams', FULL);
    const { version, now, call } = loaded;
    await live.stream(response, {
      lastEventId: request.get('last-event-id'),
      wants: (_, callId) => callId === id,
      snapshot: {
        type: 'call.snapshot',
        data: { type: 'call.snapshot', timestamp: new Date(now).toISOString(), sequence: version, data: callView(call) },
      },
      beside: (tell) => followTranscript(deps, id, (transcript) => tell('transcript', transcript)),
    });
    return ANSWERED;
  });
}
