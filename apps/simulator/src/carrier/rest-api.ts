import { Router } from 'express';
import type { Chance, Clock, Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { Ledger } from '../ledger.js';
import type { AccountPolicy } from './account.js';
import { createAccountRoutes } from './account-routes.js';
import { createCallLogRoutes } from './call-log-routes.js';
import type { Exchanges } from './call-logs.js';
import { apiVersion } from './call-resource.js';
import { createCallsRoutes } from './calls-routes.js';
import type { NumberPolicy } from './number-policy.js';
import { refusals } from './errors.js';
import { createRecordingRoutes } from './recording-routes.js';
import type { Recordings } from './recordings.js';
import { refuse } from './rest-answers.js';
import { refuseUnreadable } from './rest-form.js';
import { createRestGuard } from './rest-guard.js';
import { createStreamRoutes } from './stream-routes.js';
import type { Switchboard } from './switchboard.js';

/** The REST API as the official SDKs use it: Calls, and what hangs from them. The form of a request must have been read. */
export function createRestApi({
  accountSid,
  policy = {},
  ...deps
}: {
  accountSid: string;
  authToken: string;
  switchboard: Switchboard;
  recordings: Recordings;
  exchanges: Exchanges;
  faults: FaultTable;
  ledger: Ledger;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  numbers: NumberPolicy;
  policy?: AccountPolicy | undefined;
}): Router {
  const facts = { accountSid, answeredByDetail: policy.answeredByDetail };
  const router = Router();
  router.use(createRestGuard({ ...deps, accountSid, policy }));
  router.use(createAccountRoutes({ ...deps, accountSid }));
  router.use(createRecordingRoutes({ ...deps, accountSid }));
  router.use(createStreamRoutes({ ...deps, accountSid }));
  router.use(createCallLogRoutes({ ...deps, accountSid }));
  router.use(createCallsRoutes({ ...deps, facts, policy }));

  router.use(`/${apiVersion}`, (request, response) => refuse(response, refusals.notFound(request.originalUrl)));
  router.use(refuseUnreadable);
  return router;
}
