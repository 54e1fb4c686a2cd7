import type { RequestHandler } from 'express';
import type { Clock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';

/** An entry in the ledger for every request to the REST API, when it is over. */
export function createRestLog({ ledger, clock }: { ledger: LedgerWriter; clock: Clock }): RequestHandler {
  return (request, response, next) => {
    const beganMs = clock.monotonicMs();
    const [path = ''] = request.originalUrl.split('?', 1);
    const callSid = callSidIn(path);
    const facts = { method: request.method, path, ...(callSid !== undefined && { callSid }) };
    response.on('close', () => {
      const answered = response.writableEnded ? { httpStatus: response.statusCode } : { httpStatus: null };
      ledger.write('rest-request', { ...facts, ...answered, tookMs: clock.monotonicMs() - beganMs });
    });
    next();
  };
}

export function callSidIn(path: string): string | undefined {
  return /\/Calls\/(CA[0-9a-fA-F]{32})/.exec(path)?.[1];
}
