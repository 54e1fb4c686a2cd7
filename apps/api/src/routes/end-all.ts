import { dialingBody, endAllBody } from '@onhook/contracts';
import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import { check } from '../body.js';
import type { EndAll } from '../end-all.js';
import { refuse, refuseFields } from '../problems.js';
import { hasForeignBody, jsonBody, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';

type EndAllDeps = Pick<ApiDeps, 'control' | 'logger' | 'settings'> & {
  endAll: Pick<EndAll, 'now' | 'againSoon'>;
  within: Within;
};

/** The kill switch of the account: `/v1/end-all` ends what is up and stops dialing, `/v1/dialing` lets it go on. */
export function addEndAllRoutes(app: Express, { control, endAll, within, logger, settings }: EndAllDeps): void {
  const { account } = settings;

  app.post('/v1/end-all', jsonBody, async (request, response) => {
    if (hasForeignBody(request)) return refuse(response, 'unsupported-media-type');
    const body = check(endAllBody, request.body ?? {});
    if (!body.ok) return refuseFields(response, body.errors);
    const { stopDialing } = body.value;
    // First: else there would be new ones to end all the time.
    if (stopDialing) await within(control.setKillSwitch(account, true));
    const { asked, failed } = await endAll.now();
    logger.warn({ asked, failed, stopDialing }, 'end of all calls was asked for by an operator');
    // The first cause stays, so whoever repeats this ends only those that are left.
    if (failed > 0) return refuse(response, 'redis-unavailable', { headers: { 'Retry-After': '1' } });
    if (stopDialing) endAll.againSoon();
    response.status(202).json({ calls: asked, dialing: { enabled: !(await within(control.isKilled(account))) } });
  });
  onlyMethods(app, '/v1/end-all', ['POST']);

  app.get('/v1/dialing', async (_request, response) => {
    response.json({ enabled: !(await within(control.isKilled(account))) });
  });
  app.put('/v1/dialing', jsonBody, async (request, response) => {
    if (hasForeignBody(request)) return refuse(response, 'unsupported-media-type');
    const body = check(dialingBody, request.body ?? {});
    if (!body.ok) return refuseFields(response, body.errors);
    const { enabled } = body.value;
    await within(control.setKillSwitch(account, !enabled));
    logger.warn({ enabled }, 'dialing was switched by an operator');
    response.json({ enabled });
  });
  onlyMethods(app, '/v1/dialing', ['GET', 'HEAD', 'PUT']);
}
