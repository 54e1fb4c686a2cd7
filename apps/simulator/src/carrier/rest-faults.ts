import type { Request, RequestHandler, Response } from 'express';
import type { Timers } from '@onhook/service';
import type { FaultTable, Occasion } from '../faults.js';
import type { Ledger } from '../ledger.js';
import { refusals } from './errors.js';
import { text } from './form.js';
import { readNumber } from './phone-number.js';
import { formOf, isRecord, queryOf, refuse } from './rest-answers.js';
import { callSidIn } from './rest-log.js';
import type { Switchboard } from './switchboard.js';

const gatewayPage = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n';
/** A TLS alert, "internal error": what a client gets that speaks to a broken terminator. */
const tlsAlert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]);

/** Before the REST API, and behind what reads the form: what goes wrong between a customer and it. */
export function createRestFaults({
  faults,
  ledger,
  timers,
  switchboard,
}: {
  faults: FaultTable;
  ledger: Pick<Ledger, 'write' | 'subscribe'>;
  timers: Timers;
  switchboard: Pick<Switchboard, 'find'>;
}): RequestHandler {
  return (request, response, next) => {
    const occasion = occasionOf(request, switchboard);
    const strikes = (kind: Parameters<FaultTable['strikes']>[0]): { delayMs: number } | undefined =>
      faults.strikes(kind, occasion);

    // Answer nothing: only the client's own patience ends it.
    if (strikes('rest-half-open')) return;
    if (strikes('rest-garbled')) return void request.socket.end(tlsAlert);
    if (strikes('rest-away')) {
      ledger.write('rest-away', { method: request.method, path: request.path });
      return void request.socket.destroy();
    }
    if (strikes('rest-429')) return refuse(response, refusals.tooManyRequests());
    if (strikes('rest-bad-gateway')) return void response.status(502).type('html').send(gatewayPage);
    if (request.method === 'POST' && isCalls(request)) {
      const last = strikes('create-answer-last');
      if (last) holdAnswer(response, (body) => firstCallbackAnswered(ledger, timers, sidIn(body), last.delayMs));
    }
    if (request.method === 'POST' && isOneCall(request)) {
      const slow = strikes('update-slow-after');
      if (slow) holdAnswer(response, () => timers.sleep(slow.delayMs));
    }
    const slow = strikes('rest-slow');
    if (!slow) return next();
    timers.after(slow.delayMs, () => next());
  };
}

const isCalls = ({ path }: Request): boolean => path.endsWith('/Calls.json');
const isOneCall = ({ path }: Request): boolean => /\/Calls\/CA[0-9a-fA-F]{32}\.json$/.test(path);

/** Whose call a request is about: the one of its path, the one that it wants to make, those that it wants to see. */
function occasionOf(request: Request, switchboard: Pick<Switchboard, 'find'>): Occasion {
  const callSid = callSidIn(request.path);
  if (callSid !== undefined) return { callSid, to: switchboard.find(callSid)?.call.to };
  if (!isCalls(request)) return {};
  const to = request.method === 'POST' ? text(formOf(request), 'To') : queryOf(request).get('To');
  return to ? { to: readNumber(to) ?? to } : {};
}

/** What is answered as JSON waits; what is done by the request is done at once. */
function holdAnswer(response: Response, until: (body: unknown) => Promise<void>): void {
  const answer = response.json.bind(response);
  response.json = (body: unknown) => {
    void until(body).then(() => response.destroyed || answer(body));
    return response;
  };
}

const sidIn = (body: unknown): string | undefined =>
  isRecord(body) && typeof body['sid'] === 'string' ? body['sid'] : undefined;

function firstCallbackAnswered(
  ledger: Pick<Ledger, 'subscribe'>,
  timers: Timers,
  callSid: string | undefined,
  withinMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    if (callSid === undefined) return resolve();
    const settle = (): void => {
      impatience.cancel();
      unsubscribe();
      resolve();
    };
    const impatience = timers.after(withinMs, settle);
    const unsubscribe = ledger.subscribe((entry) => {
      if (entry.callSid === callSid && (entry.kind === 'callback-answered' || entry.kind === 'callback-failed')) settle();
    });
  });
}
