import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import { Router, type RequestHandler } from 'express';
import helmet from 'helmet';
import { refuse } from '../problems.js';

/**
 * Bull Board, to look at. A retried dial job would do nothing (the record forbids a second dial), but nobody should have to
 * believe that: every method but GET and HEAD is refused before it reaches the board, whatever its own settings.
 */
export function createQueuesPage({
  queues,
  environment,
}: {
  queues: readonly Queue[];
  environment: 'simulator' | 'twilio';
}): RequestHandler {
  const board = new ExpressAdapter();
  board.setBasePath('/queues');
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: board,
    options: {
      uiConfig: {
        boardTitle: 'Onhook',
        environment: { label: environment, color: environment === 'simulator' ? 'steelblue' : 'firebrick' },
        hideRedisDetails: true,
        hideDocsLink: true,
        miscLinks: [{ text: 'API docs', url: '/docs' }],
        pollingInterval: { forceInterval: 5 },
      },
    },
  });
  // The board's own handler shows the message of whatever was thrown; ours, further up, does not.
  board.setErrorHandler((error) => {
    throw new QueuesUnavailable(error);
  });
  const boardApp = board.getRouter() as RequestHandler & { disable(setting: string): void };
  boardApp.disable('x-powered-by');

  const router = Router();
  router.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    refuse(response, 'read-only', { headers: { Allow: 'GET, HEAD' } });
  });
  // The board brings its own scripts and styles; it also asks for web fonts, which it does without.
  router.use(
    helmet.contentSecurityPolicy({
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  router.use(boardApp);
  return router;
}

/** The board asks nothing but Redis: whatever it throws, that did not answer. */
class QueuesUnavailable extends Error {
  readonly code = 'redis-unavailable';
  constructor(cause: Error) {
    super('the queues could not be read', { cause });
    this.name = 'QueuesUnavailable';
  }
}
