import { Router, type Response } from 'express';
import type { Clock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { apiVersion, rfc2822 } from './call-resource.js';
import { refusals, type TwilioError } from './errors.js';
import { isRefused, readWebhook, readWord, text, type Form, type Refused } from './form.js';
import { formOf, paramOf, refuse } from './rest-answers.js';
import type { Switchboard } from './switchboard.js';
import type { StreamNoun } from './verb.js';

/** Streams of a call by REST: only those that listen. A bidirectional one is made by `<Connect>` alone. */
export function createStreamRoutes({
  accountSid,
  switchboard,
  ledger,
  clock,
}: {
  accountSid: string;
  switchboard: Switchboard;
  ledger: LedgerWriter;
  clock: Clock;
}): Router {
  const router = Router();
  const streams = `/${apiVersion}/Accounts/:accountSid/Calls/:callSid/Streams`;

  function answer(response: Response, facts: { callSid: string; sid: string; name: string | undefined; status: string }): void {
    const { callSid, sid, name, status } = facts;
    const uri = `/${apiVersion}/Accounts/${accountSid}/Calls/${callSid}/Streams/${sid}.json`;
    ledger.write('stream-request', { callSid, streamSid: sid, outcome: 'accepted', httpStatus: 200, status });
    response.json({
      sid,
      account_sid: accountSid,
      call_sid: callSid,
      name: name ?? null,
      status,
      date_updated: rfc2822(clock.now()),
      uri,
    });
  }

  function deny(response: Response, callSid: string, error: TwilioError): void {
    ledger.write('stream-request', { callSid, outcome: 'refused', httpStatus: error.status, errorCode: error.code });
    refuse(response, error);
  }

  router.post(`${streams}.json`, (request, response) => {
    const callSid = paramOf(request, 'callSid');
    const live = switchboard.find(callSid);
    if (!live) return deny(response, callSid, refusals.notFound(request.originalUrl));
    const noun = readStream(formOf(request));
    if (isRefused(noun)) return deny(response, callSid, noun.refused);
    const sid = live.streams()?.startStream(noun, noun.url);
    if (sid === undefined) return deny(response, callSid, live.streams() ? refusals.noMoreStreams() : refusals.wrongState());
    answer(response, { callSid, sid, name: noun.name, status: 'in-progress' });
  });

  router.post(`${streams}/:file`, (request, response) => {
    const callSid = paramOf(request, 'callSid');
    const live = switchboard.find(callSid);
    const name = /^(.+)\.json$/.exec(paramOf(request, 'file'))?.[1];
    if (!live || name === undefined) return deny(response, callSid, refusals.notFound(request.originalUrl));
    if (text(formOf(request), 'Status') !== 'stopped') return deny(response, callSid, refusals.badParameter('Status'));
    const sid = live.streams()?.stopStream(name);
    if (sid === undefined) return deny(response, callSid, refusals.notFound(request.originalUrl));
    answer(response, { callSid, sid, name: name === sid ? undefined : name, status: 'stopped' });
  });
  return router;
}

/** `Parameter1.Name` … `Parameter99.Value`. */
const mostParameters = 99;

function readStream(form: Form): StreamNoun | Refused {
  const url = text(form, 'Url') ?? '';
  // `ws://` is the simulator's relaxation, as in TwiML.
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) return { refused: refusals.badUrl(url) };
  const track = readWord(form, 'Track', ['inbound_track', 'outbound_track', 'both_tracks']);
  if (typeof track !== 'string') return track;
  const callback = readWebhook(form, 'StatusCallback', 'StatusCallbackMethod');
  if (isRefused(callback)) return callback;
  const parameters: Record<string, string> = {};
  for (let i = 1; i <= mostParameters; i++) {
    const name = text(form, `Parameter${i}.Name`);
    const value = text(form, `Parameter${i}.Value`) ?? '';
    if (!name) continue;
    if (name.length + value.length >= 500) return { refused: refusals.badParameter(`Parameter${i}`) };
    // A parameter called `__proto__` is a parameter like any other.
    Object.defineProperty(parameters, name, { value, enumerable: true, configurable: true, writable: true });
  }
  const name = text(form, 'Name');
  return {
    url,
    track,
    parameters,
    statusCallbackMethod: callback?.method ?? 'POST',
    ...(name && { name }),
    ...(callback && { statusCallback: callback.url }),
  };
}
