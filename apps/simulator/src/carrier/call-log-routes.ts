import { Router, type Request, type Response } from 'express';
import type { Ledger, LedgerEntry } from '../ledger.js';
import { eventResource, notificationResource, notificationSid, type Exchanges } from './call-logs.js';
import { apiVersion } from './call-resource.js';
import { isBadDate, readDateFilter } from './date-filter.js';
import { refusals } from './errors.js';
import { pageItems } from './page.js';
import { paramOf, queryOf, refuse, sidOf } from './rest-answers.js';
import type { Switchboard } from './switchboard.js';

/** Events and Notifications: what was asked of the customer about a call, and what the carrier found wrong. */
export function createCallLogRoutes({
  accountSid,
  exchanges,
  switchboard,
  ledger,
}: {
  accountSid: string;
  exchanges: Exchanges;
  switchboard: Switchboard;
  ledger: Pick<Ledger, 'entries'>;
}): Router {
  const router = Router();
  const account = `/${apiVersion}/Accounts/:accountSid`;
  const ofCall = `${account}/Calls/:callSid`;
  const pathOf = (rest: string): string => `/${apiVersion}/Accounts/${accountSid}/${rest}`;
  const isDeleted = ({ callSid }: LedgerEntry): boolean => callSid !== undefined && !switchboard.find(callSid);
  const warnings = (call?: string): LedgerEntry[] =>
    ledger
      .entries({ kind: 'warning', call })
      .filter((entry) => !isDeleted(entry))
      .reverse();

  router.get(`${ofCall}/Events.json`, (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) return refuse(response, refusals.notFound(request.originalUrl));
    const numbered = exchanges.ofCall(callSid).map((exchange, i) => ({ exchange, key: String(i) }));
    const path = pathOf(`Calls/${callSid}/Events.json`);
    const { items, envelope } = pageItems(numbered, queryOf(request), path, ({ key }) => key);
    response.json({ ...envelope, events: items.map(({ exchange }) => eventResource(exchange)) });
  });

  function list(request: Request, response: Response, all: readonly LedgerEntry[], path: string): void {
    const query = queryOf(request);
    const log = query.get('Log') ?? '';
    const sent = readDateFilter(query, 'MessageDate');
    if (isBadDate(sent)) return refuse(response, refusals.badParameter(sent.badDate));
    const wanted = all.filter(
      (entry) => sent(entry.at) && (log === '' || notificationResource(entry, accountSid)['log'] === log),
    );
    const { items, envelope } = pageItems(wanted, query, pathOf(path), notificationSid);
    response.json({ ...envelope, notifications: items.map((entry) => notificationResource(entry, accountSid)) });
  }

  router.get(`${account}/Notifications.json`, (request, response) => list(request, response, warnings(), 'Notifications.json'));
  router.get(`${ofCall}/Notifications.json`, (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) return refuse(response, refusals.notFound(request.originalUrl));
    list(request, response, warnings(callSid), `Calls/${callSid}/Notifications.json`);
  });
  router.get([`${account}/Notifications/:file`, `${ofCall}/Notifications/:file`], (request, response) => {
    const sid = sidOf(paramOf(request, 'file'), 'NO');
    const call = paramOf(request, 'callSid') || undefined;
    const found = warnings(call).find((entry) => notificationSid(entry) === sid);
    if (!found) return refuse(response, refusals.notFound(request.originalUrl));
    response.json(notificationResource(found, accountSid));
  });
  return router;
}
