import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { PROBLEMS } from '@onhook/contracts';
import type { Timers } from '@onhook/service';
import { problem } from './problems.js';

/** A whole request must have arrived by then. */
const REQUEST_WITHIN_MS = 15_000;
/** A file takes as long as it takes, but a client that sends nothing of it for so long has gone. */
const UPLOAD_IDLE_MS = 60_000;
/** Whatever is said here is not for longer than that: Node's own limit, which knows no exceptions. */
export const UPLOAD_WITHIN_MS = 3_600_000;

/** Files of any size: read as fast as they are stored, which for a million rows is longer than any other request may take. */
const UPLOADS = /^\/v1\/(campaigns\/[^/?]+\/contacts|do-not-call\/import)(\?|$)/;

/** Node has one limit for all requests; this one lets files take their time, and nothing else. */
export function limitRequestTimes(server: Server, timers: Pick<Timers, 'after'>): void {
  // Before the application, which rewrites the URL while it finds its way.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'POST' && UPLOADS.test(request.url ?? '')) {
      request.setTimeout(UPLOAD_IDLE_MS, () => request.destroy());
      return;
    }
    const tooLate = timers.after(REQUEST_WITHIN_MS, () => {
      if (request.complete) return;
      if (response.headersSent) return void request.destroy();
      const { status } = PROBLEMS['request-timeout'];
      response.writeHead(status, { 'Content-Type': 'application/problem+json', Connection: 'close' });
      response.end(JSON.stringify(problem('request-timeout', {})), () => request.destroy());
    });
    request.once('close', () => tooLate.cancel());
    request.once('end', () => tooLate.cancel());
  });
}
