import type { CarrierInbound } from '@onhook/carrier';
import type { NewCallEvent } from '@onhook/call';
import { CARRIER_PATHS, fillVariables, isTerminal, withDefaults, type CallId, type CarrierStatus } from '@onhook/contracts';
import type { Applied } from '@onhook/store';
import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import type { Effects } from '../effects.js';
import { formBody, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';
import { attemptOf, genuineForm, refuseMalformed } from './genuine-form.js';

type TransferDeps = Pick<ApiDeps, 'calls' | 'agents' | 'logger'> & {
  inbound: Pick<CarrierInbound, 'isGenuineCallback' | 'readStatusCallback' | 'readRedirectEnd' | 'hangUpDocument'>;
  effects: Effects;
  within: Within;
};

/** What becomes of a transferred call: the other leg's callbacks, and what the carrier shall do when that leg is over. */
export function addTransferRoutes(app: Express, deps: TransferDeps): void {
  const { calls, agents, inbound, effects, within, logger } = deps;

  app.post(CARRIER_PATHS.transfer, formBody, async (request, response) => {
    const form = genuineForm(request, response, deps);
    if (!form) return;
    const callback = inbound.readStatusCallback(form);
    if (!callback || callback.parentSid === null) return refuseMalformed(response, logger);
    const attempt = attemptOf(request);
    const applied = attempt && (await within(calls.apply(attempt.callId, eventOf(attempt.n, callback.status))));
    logger.info(
      { ...attempt, carrierCallId: callback.sid, status: callback.status, verdict: applied?.verdict },
      'callback of a transfer was taken',
    );
    if (applied) effects.begin(applied.call.callId, applied.effects);
    response.status(204).end();
  });

  /** Answered also when Redis is away: without a document the carrier would read an error aloud. */
  app.post(CARRIER_PATHS.afterTransfer, formBody, async (request, response) => {
    const form = genuineForm(request, response, deps);
    if (!form) return;
    const end = inbound.readRedirectEnd(form);
    if (!end) return refuseMalformed(response, logger);
    const attempt = attemptOf(request);
    const { reached, status } = end;
    const applied =
      attempt && (await tried(attempt.callId, { type: 'transfer-ended', source: 'callback', n: attempt.n, reached }));
    logger.info({ ...attempt, carrierCallId: end.sid, status, reached }, 'transfer was over');
    const { contentType, body } = inbound.hangUpDocument(applied && !reached ? apology(applied) : null);
    response.status(200).type(contentType).send(body);
  });

  for (const path of [CARRIER_PATHS.transfer, CARRIER_PATHS.afterTransfer]) onlyMethods(app, path, ['POST']);

  async function tried(callId: CallId, event: NewCallEvent): Promise<Applied | null> {
    try {
      const applied = await within(calls.apply(callId, event));
      if (applied) effects.begin(callId, applied.effects);
      return applied;
    } catch (error) {
      logger.warn({ callId, err: error }, 'record was not told how a transfer went');
      return null;
    }
  }

  function apology({ call }: Applied): { text: string; language: string } | null {
    const agent = agents.get(call.agentId);
    if (!agent?.tools.transfer) return null;
    return {
      text: fillVariables(agent.tools.transfer.unreachable, withDefaults(agent, call.variables)),
      language: agent.language,
    };
  }
}

/** A leg that is `completed` was answered. */
function eventOf(n: number, status: CarrierStatus): NewCallEvent {
  if (!isTerminal(status)) return { type: 'transfer-joined', source: 'callback', n };
  return { type: 'transfer-ended', source: 'callback', n, reached: status === 'completed' };
}
