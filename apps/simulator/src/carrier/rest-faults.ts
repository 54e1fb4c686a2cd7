import type { Request, RequestHandler, Response } from 'express';
import type { Clock, Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { Ledger } from '../ledger.js';
import { errorBody, refusals } from './errors.js';

const gatewayPage = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n';
/** A TLS alert, "internal error": what a client gets that speaks to a broken terminator. */
const tlsAlert = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]);

/** Before the REST API: what goes wrong between a customer and it, and an entry in the ledger for every request. */
export function createRestFaults({
  faults,
  ledger,
  timers,
  clock,
}: {
  faults: FaultTable;
  ledger: Pick<Ledger, 'write' | 'subscribe'>;
  timers: Timers;
  clock: Clock;
}): RequestHandler {
  return (request, response, next) => {
    const beganMs = clock.monotonicMs();
    const [path = ''] = request.originalUrl.split('?', 1);
    const callSid = /\/Calls\/(CA[0-9a-fA-F]{32})/.exec(path)?.[1];
    const facts = { method: request.method, path, ...(callSid !== undefined && { callSid }) };
    response.on('close', () => {
      const answered = response.writableEnded ? { httpStatus: response.statusCode } : { httpStatus: null };
      ledger.write('rest-request', { ...facts, ...answered, tookMs: clock.monotonicMs() - beganMs });
    });
    const strikes = (kind: Parameters<FaultTable['strikes']>[0]): { delayMs: number } | undefined => faults.strikes(kind);

    // Read no further, answer nothing: only the client's own patience ends it.
    if (strikes('rest-half-open')) return;
    if (strikes('rest-garbled')) return void request.socket.end(tlsAlert);
    if (strikes('rest-429')) return void response.status(429).json(errorBody(refusals.tooManyRequests()));
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

/** What is answered as JSON waits; what is done by the request is done at once. */
function holdAnswer(response: Response, until: (body: unknown) => Promise<void>): void {
  const answer = response.json.bind(response);
  response.json = (body: unknown) => {
    void until(body).then(() => response.destroyed || answer(body));
    return response;
  };
}

const sidIn = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'sid' in body && typeof body.sid === 'string' ? body.sid : undefined;

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
