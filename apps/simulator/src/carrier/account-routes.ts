import { Router, type Request, type Response } from 'express';
import type { Clock } from '@onhook/service';
import { accountResource, ownNumberResource, verifiedNumberResource } from './account-resources.js';
import { apiVersion } from './call-resource.js';
import { refusals } from './errors.js';
import type { NumberPolicy } from './number-policy.js';
import { pageItems } from './page.js';
import { readNumber } from './phone-number.js';
import { paramOf, queryOf, refuse, sidOf } from './rest-answers.js';

/** When any number is owned, this one is shown. */
const anyonesNumber = '+15005550006';

/**
 * The account and its numbers, to read: what programs look up before they call. When any number is owned (or verified), whoever
 * asks for a number by name finds it.
 */
export function createAccountRoutes({
  accountSid,
  authToken,
  numbers: { ownedNumbers, verifiedNumbers },
  clock,
}: {
  accountSid: string;
  authToken: string;
  numbers: NumberPolicy;
  clock: Clock;
}): Router {
  const router = Router();
  const account = `/${apiVersion}/Accounts/:accountSid`;
  const sinceMs = clock.now();

  router.get(`/${apiVersion}/Accounts/:file`, (request, response) => {
    if (paramOf(request, 'file') !== `${accountSid}.json`) return refuse(response, refusals.notFound(request.originalUrl));
    response.json(accountResource({ accountSid, authToken, isTrial: verifiedNumbers !== undefined, sinceMs }));
  });

  for (const { path, key, known, shown, resource } of [
    {
      path: 'IncomingPhoneNumbers',
      key: 'incoming_phone_numbers',
      known: ownedNumbers,
      shown: [anyonesNumber],
      resource: ownNumberResource,
    },
    {
      path: 'OutgoingCallerIds',
      key: 'outgoing_caller_ids',
      known: verifiedNumbers,
      shown: [],
      resource: verifiedNumberResource,
    },
  ]) {
    const resourceOf = (number: string): Record<string, unknown> => resource(number, accountSid, sinceMs);

    router.get(`${account}/${path}.json`, (request: Request, response: Response) => {
      const query = queryOf(request);
      const asked = query.get('PhoneNumber') ?? '';
      const one = readNumber(asked);
      const all = known === undefined && one !== undefined ? [one] : [...(known ?? shown)];
      const found = all
        .map(resourceOf)
        .filter((number) => fits(number, { PhoneNumber: asked, FriendlyName: query.get('FriendlyName') ?? '' }));
      const uri = `/${apiVersion}/Accounts/${accountSid}/${path}.json`;
      const { items, envelope } = pageItems(found, query, uri, (number) => String(number['sid']));
      response.json({ ...envelope, [key]: items });
    });

    router.get(`${account}/${path}/:file`, (request: Request, response: Response) => {
      const sid = sidOf(paramOf(request, 'file'), 'PN');
      const found = [...(known ?? shown)].map(resourceOf).find((number) => number['sid'] === sid);
      if (!found) return refuse(response, refusals.notFound(request.originalUrl));
      response.json(found);
    });
  }
  return router;
}

/** A number in E.164 or a part of one, `*` for any digits; a name as it is. */
function fits(resource: Record<string, unknown>, asked: { PhoneNumber: string; FriendlyName: string }): boolean {
  const number = String(resource['phone_number']);
  const exact = readNumber(asked.PhoneNumber);
  const part = asked.PhoneNumber.replaceAll('*', '').replace(/[^\d+]/g, '');
  const isNumber = asked.PhoneNumber === '' || (exact === undefined ? part !== '' && number.includes(part) : number === exact);
  return isNumber && (asked.FriendlyName === '' || resource['friendly_name'] === asked.FriendlyName);
}
