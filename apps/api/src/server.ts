import { createServer, type Server } from 'node:http';
import type { Timers } from '@onhook/service';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { ApiDeps } from './api-deps.js';
import { createKeys } from './auth.js';
import { createEffects } from './effects.js';
import { createEndAll } from './end-all.js';
import { problem, refuse, PROBLEMS, type ProblemCode } from './problems.js';
import { answerErrors, followRequests } from './requests.js';
import { addAnsweredByRoutes } from './routes/answered-by-callbacks.js';
import { addCallRoutes } from './routes/calls.js';
import { addCarrierCallbackRoutes } from './routes/carrier-callbacks.js';
import { addDocsRoutes } from './routes/docs.js';
import { addEndAllRoutes } from './routes/end-all.js';
import { addHealthRoutes } from './routes/health.js';
import { addRecordingRoutes } from './routes/recordings.js';
import { addTranscriptRoutes } from './routes/transcripts.js';
import { addTransferRoutes } from './routes/transfer-callbacks.js';
import { createWithin } from './within.js';

export interface Api {
  readonly app: Express;
  /** Resolves when the wakes of all answered requests are on their way. */
  idle(): Promise<void>;
}

/** Builds the application; does not listen. */
export function createApi(deps: ApiDeps): Api {
  const { timers, logger, settings } = deps;
  const effects = createEffects(deps);
  const endAll = createEndAll({ ...deps, effects });
  const within = createWithin(timers, settings.storeWithinMs);
  const keys = createKeys(settings.apiKeys);

  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(followRequests(deps));
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  );

  addHealthRoutes(app, { ...deps, within });
  addDocsRoutes(app);
  addCarrierCallbackRoutes(app, { ...deps, effects, within });
  addAnsweredByRoutes(app, { ...deps, effects, within });
  addTransferRoutes(app, { ...deps, effects, within });
  app.use('/v1', keys.required, (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  addCallRoutes(app, { ...deps, effects, within });
  addEndAllRoutes(app, { ...deps, endAll, within });
  addRecordingRoutes(app, { ...deps, within });
  addTranscriptRoutes(app, { ...deps, within });
  if (deps.queuesPage) app.use('/queues', keys.requiredByBrowser, deps.queuesPage);
  app.use((_request, response) => refuse(response, 'not-found'));
  app.use(answerErrors(logger));

  return {
    app,
    async idle() {
      await endAll.idle();
      await effects.idle();
    },
  };
}

/** The limits that keep slow and greedy clients from holding this process. */
export function createHttpServer(app: Express): Server {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
    app,
  );
  server.maxHeadersCount = 100;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const code: ProblemCode = UNREADABLE[error.code ?? ''] ?? 'malformed-request';
    const body = JSON.stringify(problem(code, {}));
    socket.end(
      `HTTP/1.1 ${PROBLEMS[code].status} ${PROBLEMS[code].title}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

/** Errors of Node's HTTP parser, before there is a request. */
const UNREADABLE: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** Takes no new connections, lets running requests finish, and breaks off those that take too long. */
export function closeHttpServer(server: Server, timers: Timers, patienceMs = 3_000): Promise<void> {
  return new Promise((resolve) => {
    const tooLong = timers.after(patienceMs, () => server.closeAllConnections());
    server.close(() => {
      tooLong.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
