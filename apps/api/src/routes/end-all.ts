import { dialingRoutes } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import type { EndAll } from '../end-all.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type EndAllDeps = Pick<ApiDeps, 'control' | 'logger' | 'settings'> & {
  endAll: Pick<EndAll, 'now' | 'againSoon'>;
  within: Within;
};

/** The kill switch of the account: `/v1/end-all` ends what is up and stops dialing, `/v1/dialing` lets it go on. */
export function addEndAllRoutes(serve: Serve, { control, endAll, within, logger, settings }: EndAllDeps): void {
  const { account } = settings;

  serve(dialingRoutes.endAll, async ({ body: { stopDialing } }) => {
    // First: else there would be new ones to end all the time.
    if (stopDialing) await within(control.setKillSwitch(account, true));
    const { asked, failed } = await endAll.now();
    logger.warn({ asked, failed, stopDialing }, 'end of all calls was asked for by an operator');
    // The first cause stays, so whoever repeats this ends only those that are left.
    if (failed > 0) return refusal('redis-unavailable', { headers: { 'Retry-After': '1' } });
    if (stopDialing) endAll.againSoon();
    return { body: { calls: asked, dialing: { enabled: !(await within(control.isKilled(account))) } } };
  });

  serve(dialingRoutes.get, async () => ({ body: { enabled: !(await within(control.isKilled(account))) } }));

  serve(dialingRoutes.set, async ({ body: { enabled } }) => {
    await within(control.setKillSwitch(account, !enabled));
    logger.warn({ enabled }, 'dialing was switched by an operator');
    return { body: { enabled } };
  });
}
