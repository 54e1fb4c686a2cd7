import { endCallBody, type CallId } from '@onhook/contracts';
import type { Express } from 'express';
import { z } from 'zod';
import type { ApiDeps } from '../api-deps.js';
import { check } from '../body.js';
import { callView, timelineView } from '../call-view.js';
import type { Effects } from '../effects.js';
import { fingerprint, readIdempotencyKey } from '../idempotency.js';
import { readNewCall } from '../new-call.js';
import { refuse, refuseFields } from '../problems.js';
import { callIdOf, hasForeignBody, jsonBody, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';

type CallsDeps = Pick<ApiDeps, 'calls' | 'control' | 'agents' | 'newCallId' | 'clock' | 'logger' | 'settings'> & {
  effects: Effects;
  within: Within;
};

const listQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,6}$/, 'Must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1).max(200))
    .default(50),
  cursor: z.string().max(1_000).optional(),
});

/** `/v1/calls…`, all behind an API key. */
export function addCallRoutes(
  app: Express,
  { calls, control, agents, newCallId, clock, logger, settings, effects, within }: CallsDeps,
): void {
  const rules = { agents, fromNumbers: settings.fromNumbers, allowTestNumbers: settings.carrier === 'simulator' };

  app.post('/v1/calls', jsonBody, async (request, response) => {
    if (hasForeignBody(request)) return refuse(response, 'unsupported-media-type');
    const key = readIdempotencyKey(request.get('idempotency-key'));
    if (key === undefined) return refuse(response, 'invalid-idempotency-key');
    const given: unknown = request.body ?? {};
    const wanted = readNewCall(given, rules, clock.now());
    if (!wanted.ok) return refuseFields(response, wanted.errors);

    const { account } = settings;
    const idempotency = key === null ? null : { account, key, fingerprint: fingerprint(given) };
    const created = await within(calls.create({ ...wanted.value, account, callId: newCallId(key) }, idempotency));
    if (created.outcome === 'conflict') return refuse(response, 'idempotency-key-reused');

    const { call } = created;
    const { callId } = call;
    if (created.outcome === 'replayed') {
      response.setHeader('Idempotency-Replayed', 'true');
      // Whoever repeats has perhaps had no answer, because we broke off after the commit: its wake may be lost.
      if (call.state === 'queued') effects.begin(callId, [{ type: 'wake-dialer', callId }]);
    } else {
      logger.info({ callId, agentId: call.agentId, state: call.state }, 'call created');
      effects.begin(callId, created.effects);
    }
    response.status(201).location(`/v1/calls/${callId}`).json(callView(call));
  });

  app.get('/v1/calls', async (request, response) => {
    const query = check(listQuery, { ...request.query });
    if (!query.ok) return refuseFields(response, query.errors);
    const { limit, cursor = null } = query.value;
    try {
      const page = await within(calls.list({ limit, cursor }));
      response.json({ data: page.calls.map((call) => callView(call)), nextCursor: page.nextCursor });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'bad-cursor')) throw error;
      refuseFields(response, [{ pointer: '/cursor', code: 'invalid-cursor', message: 'No page has given this cursor' }]);
    }
  });
  onlyMethods(app, '/v1/calls', ['GET', 'HEAD', 'POST']);

  app.get('/v1/calls/:id', async (request, response) => {
    const found = await load(callIdOf(request));
    if (!found) return refuse(response, 'not-found');
    // The account's reason is no part of the record: it is asked for only where it is the answer.
    const wait = found.call.state === 'queued' ? await within(control.accountWait(found.call.account)) : null;
    response.json(callView(found.call, found.timeline, wait));
  });
  onlyMethods(app, '/v1/calls/:id', ['GET', 'HEAD']);

  app.get('/v1/calls/:id/timeline', async (request, response) => {
    const found = await load(callIdOf(request));
    if (!found) return refuse(response, 'not-found');
    response.json({ data: timelineView(found.call, found.timeline) });
  });
  onlyMethods(app, '/v1/calls/:id/timeline', ['GET', 'HEAD']);

  async function load(callId: CallId | null) {
    if (!callId) return null;
    const [loaded, timeline] = await within(Promise.all([calls.load(callId), calls.timeline(callId)]));
    return loaded && { call: loaded.call, timeline };
  }

  app.post('/v1/calls/:id/end', jsonBody, async (request, response) => {
    if (hasForeignBody(request)) return refuse(response, 'unsupported-media-type');
    const callId = callIdOf(request);
    const body = check(endCallBody, request.body ?? {});
    if (!body.ok) return refuseFields(response, body.errors);
    const loaded = callId && (await within(calls.load(callId)));
    if (!loaded) return refuse(response, 'not-found');
    if (loaded.call.state === 'ended') return refuse(response, 'call-not-live');

    const beforeDialing = loaded.call.state === 'scheduled' || loaded.call.state === 'queued';
    const { message } = body.value;
    const applied = await within(
      calls.apply(callId, {
        type: 'end-asked',
        source: 'api',
        by: 'operator',
        cause: beforeDialing ? 'canceled' : 'operator-ended-call',
        ...(message !== undefined && { words: message }),
      }),
    );
    if (!applied) return refuse(response, 'not-found');
    effects.begin(callId, applied.effects);
    if (applied.call.state === 'ended') return refuse(response, 'call-not-live');
    logger.info({ callId, was: loaded.call.state, state: applied.call.state }, 'end asked by an operator');
    response.status(202).json(callView(applied.call));
  });
  onlyMethods(app, '/v1/calls/:id/end', ['POST']);
}
