import type { NewCall } from '@onhook/call';
import { callChangeRoutes, callRoutes, type CallId } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import { callFilter } from '../call-filter.js';
import { callPlan } from '../call-plan.js';
import { callView, timelineView } from '../call-view.js';
import type { Effects } from '../effects.js';
import type { Idempotent } from '../idempotency.js';
import type { LimitsInForce } from '../limits-in-force.js';
import { numberMistakes, readNewCall } from '../new-call.js';
import { refusal, type Serve } from '../serve.js';
import { transcriptView } from '../transcript-view.js';
import type { Within } from '../within.js';

type CallsDeps = Pick<
  ApiDeps,
  'calls' | 'transcripts' | 'control' | 'doNotCall' | 'agents' | 'newCallId' | 'news' | 'clock' | 'logger' | 'settings'
> & {
  effects: Effects;
  limits: Pick<LimitsInForce, 'current'>;
  within: Within;
};

/** `/v1/calls…` */
export function addCallRoutes(
  serve: Serve,
  {
    calls,
    transcripts,
    control,
    doNotCall,
    agents,
    newCallId,
    news,
    clock,
    logger,
    settings,
    effects,
    limits,
    within,
  }: CallsDeps,
): void {
  const { account } = settings;
  const rules = {
    agents,
    fromNumbers: settings.fromNumbers,
    allowTestNumbers: settings.carrier === 'simulator',
    isForbiddenUrl: news.isForbiddenUrl,
    get allowed() {
      return limits.current();
    },
  };

  serve(
    callRoutes.create,
    async ({ query: { dryRun = false }, body, idempotency }) => {
      const wanted = readNewCall(body, rules, clock.now());
      if (!wanted.ok) return refusal('validation-failed', { errors: wanted.errors });
      return dryRun ? plan(wanted.value) : accept(wanted.value, idempotency);
    },
    { moreErrors: (given) => numberMistakes(given, rules) },
  );

  async function plan(wanted: Wanted) {
    const [accountWait, listed] = await within(Promise.all([control.accountWait(account), doNotCall.find(account, wanted.to)]));
    const agent = agents.get(wanted.agentId)!;
    return { status: 200, other: callPlan(wanted, agent, { accountWait, isOnDoNotCall: listed !== null }) };
  }

  async function accept(wanted: Wanted, idempotency: Idempotent | null) {
    const claim = idempotency && { account, ...idempotency };
    const created = await within(calls.create({ ...wanted, account, callId: newCallId(idempotency?.key ?? null) }, claim));
    if (created.outcome === 'conflict') return refusal('idempotency-key-reused');

    const { call } = created;
    const { callId } = call;
    if (created.outcome === 'created') {
      logger.info({ callId, agentId: call.agentId, state: call.state }, 'call created');
      effects.begin(callId, created.effects);
    } else if (call.state === 'queued') {
      // Whoever repeats has perhaps had no answer, because we broke off after the commit: its wake may be lost.
      effects.begin(callId, [{ type: 'wake-dialer', callId }]);
    }
    return {
      body: callView(call),
      headers: {
        Location: `/v1/calls/${callId}`,
        ...(created.outcome === 'replayed' && { 'Idempotency-Replayed': 'true' }),
      },
    };
  }

  serve(callChangeRoutes.retry, async ({ params: { id }, idempotency }) => {
    const loaded = await within(calls.load(id));
    if (!loaded) return refusal('not-found');
    const { call } = loaded;
    if (call.state !== 'ended') return refusal('call-not-over');
    if (call.erasedAt !== undefined) return refusal('call-erased');
    if (!agents.has(call.agentId)) {
      const message = 'The agent of this call is not there any more';
      return refusal('validation-failed', { errors: [{ pointer: '/agentId', code: 'unknown-agent', message }] });
    }
    const { to, from, agentId, variables, metadata, webhookUrl, policy } = call;
    return accept(
      {
        to,
        from,
        agentId,
        variables,
        metadata,
        ...(webhookUrl !== undefined && { webhookUrl }),
        policy: { ...policy, latestAt: null },
        retryOf: id,
        notBefore: null,
      },
      idempotency,
    );
  });

  serve(callRoutes.list, async ({ query: { limit, cursor = null, createdAfter, createdBefore, ...filters } }) => {
    const fits = callFilter(filters);
    try {
      const page = await within(
        calls.list({
          limit,
          cursor,
          ...(createdAfter !== undefined && { createdAfter: Date.parse(createdAfter) }),
          ...(createdBefore !== undefined && { createdBefore: Date.parse(createdBefore) }),
          ...(fits && { fits }),
        }),
      );
      const wait = page.calls.some(({ state }) => state === 'queued') ? await within(control.accountWait(account)) : null;
      return { body: { data: page.calls.map((call) => callView(call, undefined, wait)), nextCursor: page.nextCursor } };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'bad-cursor')) throw error;
      return refusal('validation-failed', { errors: [UNKNOWN_CURSOR] });
    }
  });

  serve(callRoutes.get, async ({ params: { id }, query: { include } }) => {
    const [found, transcript] = await Promise.all([
      load(id),
      include.includes('transcript') ? within(transcripts.load(id)) : undefined,
    ]);
    if (!found) return refusal('not-found');
    // The account's reason is no part of the record: it is asked for only where it is the answer.
    const wait = found.call.state === 'queued' ? await within(control.accountWait(found.call.account)) : null;
    return {
      body: {
        ...callView(found.call, include.includes('timeline') ? found.timeline : undefined, wait),
        ...(transcript !== undefined && { transcript: transcript && transcriptView(transcript) }),
      },
    };
  });

  serve(callRoutes.timeline, async ({ params, query: { limit, cursor = '0' } }) => {
    const found = await load(params.id);
    if (!found) return refusal('not-found');
    const after = /^\d{1,9}$/.test(cursor) ? Number(cursor) : null;
    if (after === null) return refusal('validation-failed', { errors: [UNKNOWN_CURSOR] });
    const page = found.timeline.filter(({ version }) => version > after).slice(0, limit + 1);
    const shown = page.slice(0, limit);
    return {
      body: {
        data: timelineView(found.call, shown),
        nextCursor: page.length > limit ? String(shown.at(-1)!.version) : null,
      },
    };
  });

  async function load(callId: CallId) {
    const [loaded, timeline] = await within(Promise.all([calls.load(callId), calls.timeline(callId)]));
    return loaded && { call: loaded.call, timeline };
  }
}

type Wanted = Omit<NewCall, 'callId' | 'account'>;

const UNKNOWN_CURSOR = { pointer: '/cursor', code: 'invalid-cursor', message: 'No page has given this cursor' } as const;
