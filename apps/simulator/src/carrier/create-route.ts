import type { RequestHandler } from 'express';
import type { Chance, Clock, Timers } from '@onhook/service';
import type { FaultKind, FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import type { AccountPolicy } from './account.js';
import { callResource, type ResourceFacts } from './call-resource.js';
import { readCreate } from './create-request.js';
import type { NumberPolicy } from './number-policy.js';
import { refusals, type TwilioError } from './errors.js';
import { isRefused, text } from './form.js';
import { readNumber } from './phone-number.js';
import { formOf, refuse } from './rest-answers.js';
import { callerOf } from './rest-guard.js';
import { labelsOfDocument, type Switchboard } from './switchboard.js';

export interface CreateRouteDeps {
  facts: ResourceFacts;
  switchboard: Switchboard;
  faults: FaultTable;
  ledger: LedgerWriter;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  numbers: NumberPolicy;
  policy: AccountPolicy;
}

/** The one number that test credentials may call from. */
const testNumbers: NumberPolicy = { ownedNumbers: new Set(['+15005550006']) };

/** `POST /Calls.json`. */
export function createRoute(deps: CreateRouteDeps): RequestHandler {
  const { facts, switchboard, faults, ledger, timers, numbers, policy } = deps;
  return (request, response) => {
    const form = formOf(request);
    const isTest = callerOf(response) === 'test-credentials';
    const [to = '', from = ''] = [text(form, 'To'), text(form, 'From')];
    const common = {
      to: readNumber(to) ?? to,
      from: readNumber(from) ?? from,
      ...labelsOfDocument(text(form, 'Twiml') ?? ''),
      statusCallback: text(form, 'StatusCallback'),
      ...(isTest && { testCredentials: true }),
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
    const occasion = { to: common.to };
    if (faults.strikes('create-429', occasion)) return deny(refusals.tooManyRequests(), 'create-429');
    if (faults.strikes('create-5xx-before', occasion)) return deny(refusals.serverError(), 'create-5xx-before');
    const order = readCreate(form, isTest ? testNumbers : numbers);
    if (isRefused(order)) return deny(order.refused);
    if (isTest) {
      ledger.write('create-request', { ...common, outcome: 'accepted', httpStatus: 201 });
      return void response.status(201).json(pretendedCall(deps, order));
    }
    if (policy.overConcurrency === 'refuse' && !switchboard.hasRoom()) return deny(refusals.tooManyCalls());

    const { call } = switchboard.create({ ...order, apiUrl: `${request.protocol}://${request.get('host') ?? 'api.twilio.com'}` });
    const accepted = (fault?: FaultKind): void =>
      ledger.write('create-request', {
        ...common,
        callSid: call.sid,
        outcome: 'accepted',
        httpStatus: 201,
        ...(fault && { fault }),
      });
    if (faults.strikes('create-drop-after', occasion)) {
      accepted('create-drop-after');
      return void request.socket.destroy();
    }
    if (faults.strikes('create-5xx-after', occasion)) {
      accepted('create-5xx-after');
      return refuse(response, refusals.serverError());
    }
    const slow = faults.strikes('create-slow-after', occasion);
    accepted(slow && 'create-slow-after');
    const answer = (): void => void response.status(201).json(callResource(call, facts, true));
    if (slow) timers.after(slow.delayMs, answer);
    else answer();
  };
}

/** Test credentials: the answer of a create, and no call. */
function pretendedCall({ facts, policy, clock, chance }: CreateRouteDeps, { to, from }: { to: string; from: string }): object {
  const call = { sid: newSid('CA', chance), to, from, status: 'queued', createdAtMs: clock.now(), progress: 0 } as const;
  return callResource(call, { ...facts, accountSid: policy.testCredentials?.accountSid ?? facts.accountSid }, true);
}
