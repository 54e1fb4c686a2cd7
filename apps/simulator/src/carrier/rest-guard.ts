import { createHash, timingSafeEqual } from 'node:crypto';
import { Router, type Response } from 'express';
import type { Chance } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import type { AccountPolicy } from './account.js';
import { apiVersion } from './call-resource.js';
import { refusals } from './errors.js';
import { refuse } from './rest-answers.js';

/** Whose credentials a request showed. */
export type Caller = 'account' | 'test-credentials';

/** What every REST request must pass: the limit of requests at a time, credentials, the account of its path. */
export function createRestGuard({
  accountSid,
  authToken,
  policy,
  ledger,
  chance,
}: {
  accountSid: string;
  authToken: string;
  policy: AccountPolicy;
  ledger: LedgerWriter;
  chance: Chance;
}): Router {
  const router = Router();
  const { testCredentials } = policy;
  const limit = policy.maxConcurrentRequests ?? Number.POSITIVE_INFINITY;
  const users = new Map<string, { secret: string; caller: Caller }>([
    [accountSid, { secret: authToken, caller: 'account' }],
    ...(policy.apiKeys ?? []).map(({ sid, secret }) => [sid, { secret, caller: 'account' as const }] as const),
  ]);
  if (testCredentials) users.set(testCredentials.accountSid, { secret: testCredentials.authToken, caller: 'test-credentials' });
  let concurrent = 0;

  router.use(`/${apiVersion}`, (request, response, next) => {
    concurrent++;
    response.on('close', () => concurrent--);
    response.setHeader('Twilio-Concurrent-Requests', String(concurrent));
    response.setHeader('Twilio-Request-Id', newSid('RQ', chance));
    if (concurrent > limit) {
      const { status, code } = refusals.tooManyRequests();
      ledger.write('rest-refused', { method: request.method, path: request.path, httpStatus: status, errorCode: code });
      return refuse(response, refusals.tooManyRequests());
    }
    const credentials = readBasic(request.headers.authorization);
    const user = credentials && users.get(credentials.user);
    if (credentials && user && isSame(credentials.password, user.secret)) {
      response.locals['caller'] = user.caller;
      return next();
    }
    response.setHeader('WWW-Authenticate', 'Basic realm="Twilio API"');
    refuse(response, credentials && !user ? refusals.noSuchUser() : refusals.noAuth());
  });

  router.use(`/${apiVersion}/Accounts/:accountSid`, (request, response, next) => {
    const asked = request.params.accountSid.replace(/\.json$/, '');
    if (callerOf(response) === 'account') {
      return asked === accountSid ? next() : refuse(response, refusals.notFound(request.originalUrl));
    }
    // Test credentials at the live account are no credentials.
    if (asked !== testCredentials?.accountSid) return refuse(response, refusals.noAuth());
    if (request.method === 'POST' && request.path === '/Calls.json') return next();
    refuse(response, refusals.testCredentials());
  });
  return router;
}

export function callerOf(response: Response): Caller {
  return response.locals['caller'] === 'test-credentials' ? 'test-credentials' : 'account';
}

function readBasic(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function isSame(given: string, expected: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
