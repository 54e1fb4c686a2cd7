import { isWaiting, type Call } from '@onhook/call';
import { callChangeRoutes, missingVariables, type ChangeCallBody } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import { callView } from '../call-view.js';
import type { Effects } from '../effects.js';
import { scheduleErrors } from '../new-call.js';
import type { FieldError } from '../problems.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type CallChangesDeps = Pick<ApiDeps, 'calls' | 'agents' | 'clock' | 'logger'> & { effects: Effects; within: Within };

/** What becomes of a call at somebody's wish. */
export function addCallChangeRoutes(serve: Serve, { calls, agents, clock, logger, effects, within }: CallChangesDeps): void {
  serve(callChangeRoutes.change, async ({ params: { id: callId }, body }) => {
    const loaded = await within(calls.load(callId));
    if (!loaded) return refusal('not-found');
    if (!isWaiting(loaded.call)) return refusal('call-not-changeable');
    const errors = changeErrors(loaded.call, body);
    if (errors.length > 0) return refusal('validation-failed', { errors });

    const { schedule = {}, variables, metadata } = body;
    const applied = await within(
      calls.apply(callId, {
        type: 'amended',
        source: 'api',
        ...(schedule.earliestAt !== undefined && { notBefore: Date.parse(schedule.earliestAt) }),
        ...(schedule.latestAt !== undefined && { latestAt: Date.parse(schedule.latestAt) }),
        ...(variables && { variables }),
        ...(metadata && { metadata }),
      }),
    );
    if (!applied) return refusal('not-found');
    effects.begin(callId, applied.effects);
    if (!isWaiting(applied.call)) return refusal('call-not-changeable');
    logger.info({ callId, state: applied.call.state, fields: Object.keys(body) }, 'call was changed by an operator');
    return { body: callView(applied.call) };
  });

  /** The same mistakes as of a new call, judged by what it would be afterwards. */
  function changeErrors(call: Call, { schedule, variables }: ChangeCallBody): FieldError[] {
    const agent = agents.get(call.agentId);
    const missing = agent && variables ? missingVariables(agent, variables) : [];
    return [
      ...scheduleErrors(schedule ?? {}, clock.now()),
      ...missing.map((name) => ({
        pointer: `/variables/${name}`,
        code: 'missing-variable' as const,
        message: 'The agent needs this variable',
      })),
    ];
  }

  serve(callChangeRoutes.cancel, async ({ params: { id: callId } }) => {
    const applied = await within(
      calls.apply(callId, { type: 'end-asked', source: 'api', by: 'operator', cause: 'canceled', ifWaiting: true }),
    );
    if (!applied) return refusal('not-found');
    effects.begin(callId, applied.effects);
    if (applied.verdict === 'no-news' && applied.call.end?.cause !== 'canceled') return refusal('call-not-cancelable');
    logger.info({ callId, state: applied.call.state }, 'call was canceled by an operator');
    return { body: callView(applied.call) };
  });

  serve(callChangeRoutes.end, async ({ params: { id: callId }, body: { message } }) => {
    const loaded = await within(calls.load(callId));
    if (!loaded) return refusal('not-found');
    if (loaded.call.state === 'ended') return refusal('call-not-live');

    const applied = await within(
      calls.apply(callId, {
        type: 'end-asked',
        source: 'api',
        by: 'operator',
        cause: isWaiting(loaded.call) ? 'canceled' : 'operator-ended-call',
        ...(message !== undefined && { words: message }),
      }),
    );
    if (!applied) return refusal('not-found');
    effects.begin(callId, applied.effects);
    if (applied.call.state === 'ended') return refusal('call-not-live');
    logger.info({ callId, was: loaded.call.state, state: applied.call.state }, 'end asked by an operator');
    return { body: callView(applied.call) };
  });
}
