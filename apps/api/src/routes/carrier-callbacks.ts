import type { CarrierInbound, StatusCallback } from '@onhook/carrier';
import type { NewCallEvent } from '@onhook/call';
import { CARRIER_PATHS, isTerminal, type E164 } from '@onhook/contracts';
import type { Express, Response } from 'express';
import type { ApiDeps } from '../api-deps.js';
import type { Effects } from '../effects.js';
import { refuse } from '../problems.js';
import { formBody, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';
import { attemptOf, genuineForm, refuseMalformed } from './genuine-form.js';

type CallbackDeps = Pick<ApiDeps, 'calls' | 'waker' | 'logger'> & {
  inbound: Pick<CarrierInbound, 'isGenuineCallback' | 'readStatusCallback'>;
  effects: Effects;
  within: Within;
};

/**
 * What the carrier tells us of a leg. 204 follows the commit; 503 makes the carrier repeat it, which is why it is also
 * the answer when a stray's wake could not be added: no record's deadline would repeat that one.
 */
export function addCarrierCallbackRoutes(app: Express, { calls, waker, inbound, effects, within, logger }: CallbackDeps): void {
  app.post(CARRIER_PATHS.status, formBody, async (request, response) => {
    const form = genuineForm(request, response, { inbound, logger });
    if (!form) return;
    const callback = inbound.readStatusCallback(form);
    if (!callback) return refuseMalformed(response, logger);
    const { callId, attempt } = request.params;
    const facts = { callId, attempt, carrierCallId: callback.sid, status: callback.status };
    if (callback.parentSid !== null) {
      logger.info(facts, 'callback of a child leg was left alone');
      return done(response);
    }

    const known = attemptOf(request);
    if (known) {
      const applied = await within(calls.apply(known.callId, carrierEvent(known.n, callback)));
      if (applied) {
        logger.info({ ...facts, state: applied.call.state, verdict: applied.verdict }, 'callback was taken');
        effects.begin(known.callId, applied.effects);
        return whenTaken(response, effects.wakeStrays(applied.effects));
      }
    }
    logger.warn(facts, 'callback for an unknown call');
    const ours = form['Direction'] === undefined || String(form['Direction']).startsWith('outbound');
    if (isTerminal(callback.status) || !ours) return done(response);
    return whenTaken(response, waker([{ type: 'stray', sid: callback.sid }]));
  });
  onlyMethods(app, CARRIER_PATHS.status, ['POST']);

  async function whenTaken(response: Response, wake: Promise<void>): Promise<void> {
    try {
      await within(wake);
    } catch (error) {
      logger.warn({ err: error }, 'a stray leg could not be told of; the carrier will repeat its callback');
      return refuse(response, 'redis-unavailable', { headers: { 'Retry-After': '1' } });
    }
    done(response);
  }
}

function done(response: Response): void {
  response.status(204).end();
}

function carrierEvent(n: number, callback: StatusCallback): NewCallEvent {
  return {
    type: 'carrier',
    source: 'callback',
    via: 'callback',
    n,
    sid: callback.sid,
    status: callback.status,
    ...(/^\+[1-9]\d{1,14}$/.test(callback.from) && { from: callback.from as E164 }),
    ...(callback.sipCode !== null && { sipCode: callback.sipCode }),
    ...(callback.durationSec !== null && { durationSec: callback.durationSec }),
  };
}
