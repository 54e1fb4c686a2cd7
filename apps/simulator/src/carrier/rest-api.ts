import { createHash, timingSafeEqual } from 'node:crypto';
import express, { Router, type NextFunction, type Request, type Response } from 'express';
import type { Chance, Timers } from '@onhook/service';
import type { FaultKind, FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import { filterCalls, pageOf } from './call-list.js';
import { apiVersion, callResource } from './call-resource.js';
import { readCreate, text, type Form, type NumberPolicy } from './create-request.js';
import { errorBody, refusals, type TwilioError } from './errors.js';
import { readNumber } from './phone-number.js';
import { labelsOfDocument, type Switchboard } from './switchboard.js';
import { readUpdate } from './update-request.js';

/** The Calls resource of the REST API, as the official SDKs use it. */
export function createRestApi({
  accountSid,
  authToken,
  phoneNumberSid,
  switchboard,
  faults,
  ledger,
  timers,
  chance,
  numbers,
}: {
  accountSid: string;
  authToken: string;
  phoneNumberSid: string;
  switchboard: Switchboard;
  faults: FaultTable;
  ledger: LedgerWriter;
  timers: Timers;
  chance: Chance;
  numbers: NumberPolicy;
}): Router {
  const callsPath = `/${apiVersion}/Accounts/:accountSid/Calls`;
  const facts = { accountSid, phoneNumberSid };
  const router = Router();
  let concurrent = 0;

  router.use(`/${apiVersion}`, (request, response, next) => {
    if (faults.strikes('rest-away')) {
      ledger.write('rest-away', { method: request.method, path: request.path });
      return void request.socket.destroy();
    }
    concurrent++;
    response.on('close', () => concurrent--);
    response.setHeader('Twilio-Concurrent-Requests', String(concurrent));
    response.setHeader('Twilio-Request-Id', newSid('RQ', chance));
    if (isAuthentic(request.headers.authorization, accountSid, authToken)) return next();
    response.setHeader('WWW-Authenticate', 'Basic realm="Twilio API"');
    refuse(response, refusals.noAuth());
  });
  router.use(`/${apiVersion}/Accounts/:accountSid`, (request, response, next) => {
    if (request.params.accountSid === accountSid) return next();
    refuse(response, refusals.notFound(request.originalUrl));
  });
  router.use(express.urlencoded({ extended: false, limit: '256kb' }));

  router.post(`${callsPath}.json`, (request, response) => {
    const form = formOf(request);
    const [to = '', from = ''] = [text(form, 'To'), text(form, 'From')];
    const common = {
      to: readNumber(to) ?? to,
      from: readNumber(from) ?? from,
      ...labelsOfDocument(text(form, 'Twiml') ?? ''),
      statusCallback: text(form, 'StatusCallback'),
    };
    const deny = (error: TwilioError, fault?: FaultKind): void => {
      ledger.write('create-request', {
        ...common,
        outcome: 'refused',
        httpStatus: error.status,
        errorCode: error.code,
        ...(fault && { fault }),
      });
      refuse(response, error);
    };
    if (faults.strikes('create-429')) return deny(refusals.tooManyRequests(), 'create-429');
    if (faults.strikes('create-5xx-before')) return deny(refusals.serverError(), 'create-5xx-before');
    const order = readCreate(form, numbers);
    if ('refused' in order) return deny(order.refused);

    const { call } = switchboard.create(order);
    const accepted = (fault?: FaultKind): void =>
      ledger.write('create-request', {
        ...common,
        callSid: call.sid,
        outcome: 'accepted',
        httpStatus: 201,
        ...(fault && { fault }),
      });
    if (faults.strikes('create-drop-after')) {
      accepted('create-drop-after');
      return void request.socket.destroy();
    }
    if (faults.strikes('create-5xx-after')) {
      accepted('create-5xx-after');
      return refuse(response, refusals.serverError());
    }
    const slow = faults.strikes('create-slow-after');
    accepted(slow && 'create-slow-after');
    const answer = (): void => void response.status(201).json(callResource(call, facts, true));
    if (slow) timers.after(slow.delayMs, answer);
    else answer();
  });

  router.get(`${callsPath}.json`, (request, response) => {
    const query = new URL(request.originalUrl, 'http://simulator').searchParams;
    if (faults.strikes('list-away')) {
      ledger.write('list-request', { outcome: 'refused', httpStatus: 503, fault: 'list-away' });
      return refuse(response, refusals.unavailable());
    }
    const found = filterCalls(switchboard.newestFirst(), query);
    if (!found) return refuse(response, refusals.badParameter('StartTime'));
    const { calls, envelope } = pageOf(found, query, `/${apiVersion}/Accounts/${accountSid}/Calls.json`);
    ledger.write('list-request', { outcome: 'answered', httpStatus: 200, query: query.toString(), found: calls.length });
    response.json({ ...envelope, calls: calls.map((call) => callResource(call, facts)) });
  });

  router.get(`${callsPath}/:file`, (request, response) => {
    if (faults.strikes('fetch-away')) return refuse(response, refusals.unavailable());
    const live = switchboard.find(sidOf(request.params.file) ?? '');
    if (!live) return refuse(response, refusals.notFound(request.originalUrl));
    response.json(callResource(live.call, facts));
  });

  router.post(`${callsPath}/:file`, (request, response) => {
    const sid = sidOf(request.params.file);
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
    if (faults.strikes('update-5xx')) return deny(refusals.serverError(503), 'update-5xx');
    if (!live) return deny(refusals.notFound(request.originalUrl));
    const update = readUpdate(form);
    if ('refused' in update) return deny(update.refused);
    const was = live.call.status;
    // The request stands before what it causes.
    ledger.write('update-request', { ...asked, outcome: 'received', was });
    const decision = live.update(update);
    if (decision.type === 'refuse') {
      return deny(decision.code === 21220 ? refusals.wrongState() : refusals.notFound(request.originalUrl));
    }
    if (faults.strikes('update-drop-after')) {
      ledger.write('update-answered', { callSid: sid, fault: 'update-drop-after' });
      return void request.socket.destroy();
    }
    ledger.write('update-answered', { callSid: sid, httpStatus: 200, effect: decision.type, status: live.call.status });
    response.json(callResource(live.call, facts));
  });

  router.use(`/${apiVersion}`, (request, response) => refuse(response, refusals.notFound(request.originalUrl)));
  // What express itself finds wrong: a body too large, a path that cannot be decoded.
  router.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const status = isRecord(error) && typeof error['status'] === 'number' ? error['status'] : 500;
    if (response.headersSent || status >= 500) return next(error);
    refuse(response, { ...refusals.badParameter('body'), status });
  });
  return router;
}

function refuse(response: Response, error: TwilioError): void {
  response.status(error.status).json(errorBody(error));
}

function formOf(request: Request): Form {
  return isRecord(request.body) ? request.body : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const sidOf = (file: string): string | undefined => /^(CA[0-9a-fA-F]{32})\.json$/.exec(file)?.[1];

function isAuthentic(header: string | undefined, user: string, password: string): boolean {
  const digest = (value: string): Buffer => createHash('sha256').update(value).digest();
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return header !== undefined && timingSafeEqual(digest(header), digest(expected));
}
