import express, { Router, type NextFunction, type Request, type Response } from 'express';
import type { Chance, Clock, Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { Ledger } from '../ledger.js';
import type { AccountPolicy } from './account.js';
import { createCallLogRoutes } from './call-log-routes.js';
import type { Exchanges } from './call-logs.js';
import { apiVersion } from './call-resource.js';
import { createCallsRoutes } from './calls-routes.js';
import type { NumberPolicy } from './create-request.js';
import { refusals } from './errors.js';
import { createRecordingRoutes } from './recording-routes.js';
import type { Recordings } from './recordings.js';
import { isRecord, refuse } from './rest-answers.js';
import { createRestGuard } from './rest-guard.js';
import { createStreamRoutes } from './stream-routes.js';
import type { Switchboard } from './switchboard.js';

/** The REST API as the official SDKs use it: Calls, and what hangs from them. */
export function createRestApi({
  accountSid,
  phoneNumberSid,
  policy = {},
  ...deps
}: {
  accountSid: string;
  authToken: string;
  phoneNumberSid: string;
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
  const facts = { accountSid, phoneNumberSid, answeredByDetail: policy.answeredByDetail };
  const router = Router();
  router.use(createRestGuard({ ...deps, accountSid, policy }));
  router.use(express.urlencoded({ extended: false, limit: '256kb' }));
  router.use(createRecordingRoutes({ ...deps, accountSid }));
  router.use(createStreamRoutes({ ...deps, accountSid }));
  router.use(createCallLogRoutes({ ...deps, accountSid }));
  router.use(createCallsRoutes({ ...deps, facts, policy }));

  router.use(`/${apiVersion}`, (request, response) => refuse(response, refusals.notFound(request.originalUrl)));
  // What express itself finds wrong: a body too large, a path that cannot be decoded.
  router.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const status = isRecord(error) && typeof error['status'] === 'number' ? error['status'] : 500;
    if (response.headersSent || status >= 500) return next(error);
    refuse(response, { ...refusals.badParameter('body'), status });
  });
  return router;
}
