import { createHash } from 'node:crypto';
import type { LedgerEntry } from '../ledger.js';
import { apiVersion, rfc2822 } from './call-resource.js';

/** One request of the carrier to the customer, and how it was answered. */
export interface Exchange {
  url: string;
  method: string;
  params: Readonly<Record<string, string>>;
  atMs: number;
  tookMs: number;
  /** `undefined`: there was no answer. */
  answer: { status: number; contentType: string; body: Buffer } | undefined;
}

/** What was exchanged about each call, for its Events. */
export interface Exchanges {
  add(exchange: Exchange): void;
  ofCall(callSid: string): Exchange[];
  forget(callSid: string): void;
}

/** A document that leads to itself for ever must not fill the memory. */
const maxPerCall = 1_000;
const maxBodyBytes = 64 * 1024;

export function createExchanges(): Exchanges {
  const byCall = new Map<string, Exchange[]>();
  return {
    add(exchange) {
      const callSid = exchange.params['CallSid'];
      if (callSid === undefined) return;
      const known = byCall.get(callSid) ?? [];
      byCall.set(callSid, known);
      if (known.length < maxPerCall) known.push({ ...exchange, answer: exchange.answer && shortened(exchange.answer) });
    },
    ofCall: (callSid) => byCall.get(callSid) ?? [],
    forget: (callSid) => void byCall.delete(callSid),
  };
}

/** A copy: a part of a large body would keep all of it. */
function shortened(answer: NonNullable<Exchange['answer']>): NonNullable<Exchange['answer']> {
  return answer.body.length <= maxBodyBytes ? answer : { ...answer, body: Buffer.from(answer.body.subarray(0, maxBodyBytes)) };
}

/** A Call Event. The names of the parameters are in snake case there (Twilio, Call Events). */
export function eventResource({ url, method, params, atMs, tookMs, answer }: Exchange): Record<string, unknown> {
  const parameters = Object.fromEntries(Object.entries(params).map(([name, value]) => [snakeCase(name), value]));
  return {
    request: { method, url, parameters },
    response: {
      date_created: rfc2822(atMs + tookMs),
      request_duration: Math.round(tookMs),
      response_code: answer?.status ?? null,
      content_type: answer?.contentType ?? null,
      response_body: answer?.body.toString('utf8') ?? null,
    },
  };
}

const snakeCase = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();

/** What Twilio's debugger only warns of; everything else is an error. */
const warningCodes = new Set([12200, 21626, 31930, 31951]);

/** A Notification: a warning of the ledger, as the customer sees it. */
export function notificationResource(warning: LedgerEntry, accountSid: string): Record<string, unknown> {
  const sid = notificationSid(warning);
  const code = Number(warning['code']);
  const at = rfc2822(warning.at);
  return {
    sid,
    account_sid: accountSid,
    api_version: apiVersion,
    call_sid: warning.callSid ?? null,
    date_created: at,
    date_updated: at,
    message_date: at,
    error_code: String(code),
    log: warningCodes.has(code) ? '1' : '0',
    message_text: typeof warning['message'] === 'string' ? warning['message'] : '',
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    request_method: null,
    request_url: null,
    request_variables: null,
    response_body: null,
    response_headers: null,
    uri: `/${apiVersion}/Accounts/${accountSid}/Notifications/${sid}.json`,
  };
}

/** The same entry has the same SID in every list. */
export function notificationSid(warning: LedgerEntry): string {
  return `NO${createHash('sha256').update(`${warning.seq} ${warning.callSid}`).digest('hex').slice(0, 32)}`;
}
