import { Router } from 'express';
import type { FaultKind } from '../faults.js';
import { isFinal, type CarrierCall } from './call.js';
import type { Exchanges } from './call-logs.js';
import { filterCalls, pageOf } from './call-list.js';
import { apiVersion, callResource } from './call-resource.js';
import { createRoute, type CreateRouteDeps } from './create-route.js';
import { refusals, type TwilioError } from './errors.js';
import { isRefused, text } from './form.js';
import { readNumber } from './phone-number.js';
import { formOf, queryOf, refuse, sidOf } from './rest-answers.js';
import { readUpdate } from './update-request.js';

/** The Calls resource: create, list, fetch, update, delete. */
export function createCallsRoutes(deps: CreateRouteDeps & { exchanges: Exchanges }): Router {
  const { facts, switchboard, faults, ledger, clock, policy, exchanges } = deps;
  const callsPath = `/${apiVersion}/Accounts/:accountSid/Calls`;
  const router = Router();
  router.post(`${callsPath}.json`, createRoute(deps));

  router.get(`${callsPath}.json`, (request, response) => {
    const query = queryOf(request);
    const asked = query.get('To') ?? '';
    const occasion = { to: readNumber(asked) ?? asked };
    if (faults.strikes('list-away', occasion)) {
      ledger.write('list-request', { outcome: 'refused', httpStatus: 503, fault: 'list-away' });
      return refuse(response, refusals.unavailable());
    }
    const lag = faults.strikes('list-lag');
    // Lists are eventually consistent. A fault that names numbers holds back their calls alone.
    const lagMsOf = ({ to, sid }: CarrierCall): number =>
      (lag ?? faults.strikes('list-lag', { to, callSid: sid, isOneOfMany: true }))?.delayMs ?? policy.readLagMs ?? 0;
    const found = filterCalls(switchboard.newestFirst(lagMsOf), query);
    if ('badDate' in found) return refuse(response, refusals.badParameter(found.badDate));
    const { calls, envelope } = pageOf(found, query, `/${apiVersion}/Accounts/${facts.accountSid}/Calls.json`);
    ledger.write('list-request', {
      outcome: 'answered',
      httpStatus: 200,
      query: query.toString(),
      found: calls.length,
      ...(lag && { fault: 'list-lag' }),
    });
    response.json({ ...envelope, calls: calls.map((call) => callResource(call, facts)) });
  });

  router.get(`${callsPath}/:file`, (request, response) => {
    const live = switchboard.find(sidOf(request.params.file, 'CA') ?? '');
    const occasion = live && { to: live.call.to, callSid: live.call.sid };
    if (faults.strikes('fetch-away', occasion)) return refuse(response, refusals.unavailable());
    if (!live) return refuse(response, refusals.notFound(request.originalUrl));
    const lagMs = faults.strikes('fetch-lag', occasion)?.delayMs ?? policy.readLagMs ?? 0;
    response.json(callResource(lagMs > 0 ? live.asOf(clock.now() - lagMs) : live.call, facts));
  });

  router.post(`${callsPath}/:file`, (request, response) => {
    const sid = sidOf(request.params.file, 'CA');
    const live = sid === undefined ? undefined : switchboard.find(sid);
    const form = formOf(request);
    const asked = { callSid: sid, status: text(form, 'Status'), redirects: 'Twiml' in form || 'Url' in form };
    const deny = (error: TwilioError, fault?: FaultKind): void => {
      ledger.write('update-request', {
        ...asked,
        outcome: 'refused',
        httpStatus: error.status,
        errorCode: error.code,
        ...(fault && { fault }),
      });
      refuse(response, error);
    };
    const occasion = live && { to: live.call.to, callSid: live.call.sid };
    if (faults.strikes('update-5xx', occasion)) return deny(refusals.serverError(503), 'update-5xx');
    if (!live) return deny(refusals.notFound(request.originalUrl));
    const update = readUpdate(form);
    if (isRefused(update)) return deny(update.refused);
    const was = live.call.status;
    // The request stands before what it causes.
    ledger.write('update-request', { ...asked, outcome: 'received', was });
    const decision = live.update(update);
    if (decision.type === 'refuse') {
      return deny(decision.code === 21220 ? refusals.wrongState() : refusals.notFound(request.originalUrl));
    }
    if (faults.strikes('update-drop-after', occasion)) {
      ledger.write('update-answered', { callSid: sid, fault: 'update-drop-after' });
      return void request.socket.destroy();
    }
    if (faults.strikes('update-5xx-after', occasion)) {
      ledger.write('update-answered', { callSid: sid, httpStatus: 500, fault: 'update-5xx-after' });
      return refuse(response, refusals.serverError());
    }
    ledger.write('update-answered', { callSid: sid, httpStatus: 200, effect: decision.type, status: live.call.status });
    response.json(callResource(live.call, facts));
  });

  router.delete(`${callsPath}/:file`, (request, response) => {
    const live = switchboard.find(sidOf(request.params.file, 'CA') ?? '');
    const deny = (error: TwilioError): void => {
      const { status: httpStatus, code: errorCode } = error;
      ledger.write('delete-request', { callSid: live?.call.sid, outcome: 'refused', httpStatus, errorCode });
      refuse(response, error);
    };
    if (!live) return deny(refusals.notFound(request.originalUrl));
    if (!isFinal(live.call.status)) {
      if (!policy.deletesLiveCalls) return deny(refusals.stillLive());
      live.abandon();
    }
    const { sid } = live.call;
    switchboard.remove(sid);
    exchanges.forget(sid);
    ledger.write('delete-request', { callSid: sid, outcome: 'accepted', httpStatus: 204 });
    response.status(204).end();
  });
  return router;
}
