import { createServer, type Server } from 'node:http';
import { PROBLEMS } from '@onhook/contracts';
import { systemTimers, type Timers } from '@onhook/service';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { ApiDeps } from './api-deps.js';
import { createKeys } from './auth.js';
import { createEffects } from './effects.js';
import { createEndAll } from './end-all.js';
import { createFeedWatch } from './live/feed-watch.js';
import { createLiveEvents } from './live/live-events.js';
import { createLimitsInForce } from './limits-in-force.js';
import { problem, refuse, type ProblemCode } from './problems.js';
import { createRateLimit } from './rate-limit.js';
import { createRepeatable } from './repeatable.js';
import { limitRequestTimes, UPLOAD_WITHIN_MS } from './request-patience.js';
import { answerErrors, followRequests } from './requests.js';
import { addAgentRoutes } from './routes/agents.js';
import { addAnsweredByRoutes } from './routes/answered-by-callbacks.js';
import { addApiKeyRoutes } from './routes/api-keys.js';
import { addCallChangeRoutes } from './routes/call-changes.js';
import { addCallRoutes } from './routes/calls.js';
import { addCampaignContactRoutes } from './routes/campaign-contacts.js';
import { addCampaignRoutes } from './routes/campaigns.js';
import { addCarrierCallbackRoutes } from './routes/carrier-callbacks.js';
import { addDoNotCallRoutes } from './routes/do-not-call.js';
import { addDocsRoutes } from './routes/docs.js';
import { addEndAllRoutes } from './routes/end-all.js';
import { addEraseRoutes } from './routes/erase.js';
import { addHealthRoutes } from './routes/health.js';
import { addLimitRoutes } from './routes/limits.js';
import { addLiveEventRoutes } from './routes/live-events.js';
import { addRecordingRoutes } from './routes/recordings.js';
import { addStatsRoutes } from './routes/stats.js';
import { addTranscriptRoutes } from './routes/transcripts.js';
import { addWebhookDeliveryRoutes } from './routes/webhook-deliveries.js';
import { addWebhookEndpointRoutes } from './routes/webhook-endpoints.js';
import { addTransferRoutes } from './routes/transfer-callbacks.js';
import { createServe } from './serve.js';
import { createWithin } from './within.js';

export interface Api {
  readonly app: Express;
  /** Ends the event streams: else a server that stops waits for their clients. */
  endStreams(): Promise<void>;
  /** Resolves when the wakes of all answered requests are on their way. */
  idle(): Promise<void>;
}

/** Event streams at once: each is a connection, and some bytes that its client has not read yet. */
const MOST_STREAMS = 500;

/** Builds the application; does not listen. */
export function createApi(deps: ApiDeps): Api {
  const { timers, logger, settings } = deps;
  const effects = createEffects(deps);
  const endAll = createEndAll({ ...deps, effects });
  const within = createWithin(timers, settings.storeWithinMs);
  const keys = createKeys({ ...deps, configured: settings.apiKeys, within });
  const limits = createLimitsInForce({ ...deps, account: settings.account, configured: settings.limits });

  const watch = createFeedWatch({ ...deps, feed: deps.news.feed });
  const live = createLiveEvents({ watch, timers, mostStreams: settings.mostStreams ?? MOST_STREAMS });

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

  const { serve, close } = createServe(app, {
    rateLimit: createRateLimit({ ...deps, within, requestsPerMinute: settings.requestsPerMinute ?? null }),
    repeatable: createRepeatable({ ...deps, within, account: settings.account }),
    verifyAnswers: settings.verifyAnswers ?? false,
  });
  addHealthRoutes(serve, { ...deps, within });
  addDocsRoutes(app);
  addCarrierCallbackRoutes(app, { ...deps, effects, within });
  addAnsweredByRoutes(app, { ...deps, effects, within });
  addTransferRoutes(app, { ...deps, effects, within });
  app.use('/v1', keys.required, (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  addCallRoutes(serve, { ...deps, effects, limits, within });
  addCallChangeRoutes(serve, { ...deps, effects, within });
  addEndAllRoutes(serve, { ...deps, endAll, within });
  addRecordingRoutes(serve, { ...deps, within });
  addTranscriptRoutes(serve, { ...deps, within });
  addEraseRoutes(serve, { ...deps, within });
  addLiveEventRoutes(serve, { ...deps, live, within });
  addWebhookEndpointRoutes(serve, { ...deps, ...deps.news, within });
  addWebhookDeliveryRoutes(serve, { ...deps, ...deps.news, within });
  addCampaignRoutes(serve, { ...deps, limits, within });
  addCampaignContactRoutes(serve, { ...deps, limits, within });
  addAgentRoutes(serve, deps);
  addDoNotCallRoutes(serve, { ...deps, within });
  addLimitRoutes(serve, { ...deps, limits, within });
  addStatsRoutes(serve, { ...deps, within });
  addApiKeyRoutes(serve, { ...deps, keys, within });
  close();
  if (deps.queuesPage) app.use('/queues', ...keys.requiredByBrowser('queues:read'), deps.queuesPage);
  app.use((_request, response) => refuse(response, 'not-found'));
  app.use(answerErrors(logger));

  return {
    app,
    async endStreams() {
      live.close();
      await watch.close();
    },
    async idle() {
      await endAll.idle();
      await effects.idle();
    },
  };
}

/** Longer than load balancers and the carrier pause: Node's 5 s meet a client that asks every five in the moment of closing. */
const KEPT_ALIVE_MS = 65_000;

/** The limits that keep slow and greedy clients from holding this process. */
export function createHttpServer(app: Express, timers: Pick<Timers, 'after'> = systemTimers): Server {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: UPLOAD_WITHIN_MS,
      keepAliveTimeout: KEPT_ALIVE_MS,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
    },
    app,
  );
  server.maxHeadersCount = 100;
  limitRequestTimes(server, timers);
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
