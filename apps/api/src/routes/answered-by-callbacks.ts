import type { CarrierInbound } from '@onhook/carrier';
import { CARRIER_PATHS } from '@onhook/contracts';
import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import type { Effects } from '../effects.js';
import { formBody, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';
import { attemptOf, genuineForm, refuseMalformed } from './genuine-form.js';

type AnsweredByDeps = Pick<ApiDeps, 'calls' | 'logger'> & {
  inbound: Pick<CarrierInbound, 'isGenuineCallback' | 'readAnsweredBy'>;
  effects: Effects;
  within: Within;
};

/** Who answered, as the carrier found out beside the conversation. The record keeps it; policy may end the call, or the gateway is told. */
export function addAnsweredByRoutes(app: Express, { calls, inbound, effects, within, logger }: AnsweredByDeps): void {
  app.post(CARRIER_PATHS.answeredBy, formBody, async (request, response) => {
    const form = genuineForm(request, response, { inbound, logger });
    if (!form) return;
    const verdict = inbound.readAnsweredBy(form);
    if (!verdict) return refuseMalformed(response, logger);
    const attempt = attemptOf(request);
    const applied =
      attempt &&
      (await within(calls.apply(attempt.callId, { type: 'answered-by', source: 'callback', n: attempt.n, ...verdict })));
    const facts = { ...attempt, carrierCallId: verdict.sid, who: verdict.who };
    // The status callbacks of a leg that no record wants see to its end; a verdict adds nothing to them.
    if (!applied) logger.warn(facts, 'verdict for an unknown call');
    else {
      logger.info({ ...facts, state: applied.call.state, verdict: applied.verdict }, 'verdict was taken');
      effects.begin(applied.call.callId, applied.effects);
      await within(effects.wakeStrays(applied.effects));
    }
    response.status(204).end();
  });
  onlyMethods(app, CARRIER_PATHS.answeredBy, ['POST']);
}
