import type { Chance, Clock, Logger } from '@onhook/service';
import { isNewerSchema } from '@onhook/store';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { refuse, type ProblemCode } from './problems.js';
import { isStoreUnavailable } from './within.js';

/** A body, JSON or form, has at most so many bytes. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Compressed bodies are refused: 64 KB need none, and a small one could unpack to anything. */
export const jsonBody: RequestHandler = express.json({ limit: BODY_LIMIT_BYTES, type: 'application/json', inflate: false });
export const formBody: RequestHandler = express.urlencoded({ limit: BODY_LIMIT_BYTES, extended: false, inflate: false });

/** There was a body, and the parser above left it alone because of its type. */
export function hasForeignBody(request: Request): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return request.body === undefined && (encoding !== undefined || (length !== undefined && length !== '0'));
}

/** Every request gets an id, which the answer and the log share. Only the route is logged: a path may hold anything. */
export function followRequests({ clock, chance, logger }: { clock: Clock; chance: Chance; logger: Logger }): RequestHandler {
  return (request, response, next) => {
    const requestId = `req_${chance.uuid().replaceAll('-', '')}`;
    const startedAt = clock.monotonicMs();
    response.setHeader('X-Request-Id', requestId);
    response.once('close', () => {
      const route = typeof request.route?.path === 'string' ? request.route.path : 'none';
      const facts = {
        requestId,
        method: request.method,
        route,
        status: response.statusCode,
        ms: Math.round(clock.monotonicMs() - startedAt),
      };
      if (response.statusCode >= 500) logger.warn(facts, 'request failed');
      else if (route === '/healthz' || route === '/readyz') logger.debug(facts, 'request answered');
      else logger.info(facts, 'request answered');
    });
    next();
  };
}

/** After the routes of a path: whatever other method comes is told which ones there are. */
export function onlyMethods(app: Express, path: string, methods: readonly string[]): void {
  app.all(path, (_request, response) => refuse(response, 'method-not-allowed', { headers: { Allow: methods.join(', ') } }));
}

/** By body-parser's `type`. */
const PARSER_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  'entity.parse.failed': 'malformed-json',
  'entity.too.large': 'payload-too-large',
  'parameters.too.many': 'payload-too-large',
  'charset.unsupported': 'unsupported-media-type',
  'encoding.unsupported': 'unsupported-media-type',
};

/** By the `status` that express and its parts put on errors of the client's making. */
const STATUS_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  404: 'not-found',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  416: 'range-not-satisfiable',
};

/** The last word on anything thrown. What is not the client's own mistake shows nothing but the request's id. */
export function answerErrors(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const facts: { type?: unknown; status?: unknown } = typeof error === 'object' && error !== null ? error : {};
    const parserProblem = typeof facts.type === 'string' ? PARSER_PROBLEMS[facts.type] : undefined;
    if (parserProblem) return refuse(response, parserProblem);
    if (typeof facts.status === 'number' && facts.status >= 400 && facts.status < 500) {
      return refuse(response, STATUS_PROBLEMS[facts.status] ?? 'malformed-request');
    }
    if (isNewerSchema(error)) return refuse(response, 'newer-release', { headers: { 'Retry-After': '1' } });
    if (isStoreUnavailable(error)) return refuse(response, 'redis-unavailable', { headers: { 'Retry-After': '1' } });
    logger.error({ requestId: response.getHeader('X-Request-Id'), err: error }, 'request hit a fault of ours');
    refuse(response, 'internal-error');
  };
}
