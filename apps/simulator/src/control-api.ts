import { fileURLToPath } from 'node:url';
import express, { Router, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import { callResource } from './carrier/call-resource.js';
import type { Switchboard } from './carrier/switchboard.js';
import { faultKinds, faultSchema, type FaultTable } from './faults.js';
import { followLedger } from './follow-ledger.js';
import type { Ledger } from './ledger.js';
import { magicNumbers, scenarioSchema, type ScenarioTable } from './scenarios.js';
import type { VoiceAgentServer } from './voice-agent/index.js';

/** What may be changed of the voice agents that answer. */
export type AgentScripts = Pick<VoiceAgentServer, 'setDefaultScript' | 'addScript' | 'scripts'>;

const since = z.coerce.number().int().min(0).default(0);
const ledgerQuery = z.object({ call: z.string().optional(), kind: z.string().optional(), since });
const keysSchema = z.strictObject({ digits: z.string().regex(/^[0-9A-Da-d*#wW]{1,50}$/, 'must be 1 to 50 of 0-9 A-D * # w W') });
const mostLevels = 100;
/** Beside `src` and `dist`: no build makes it. */
const pageFolder = fileURLToPath(new URL('../page', import.meta.url));

/** The simulator's own doors, beside the carrier's: what happened, who answers, what goes wrong. Loopback only, no key. */
export function createControlApi({
  ledger,
  scenarios,
  faults,
  switchboard,
  accountSid,
  agentScripts,
}: {
  ledger: Ledger;
  scenarios: ScenarioTable;
  faults: FaultTable;
  switchboard: Switchboard;
  accountSid: string;
  agentScripts?: AgentScripts | undefined;
}): Router {
  const router = Router();
  router.use(refuseStrangers);
  router.use(express.json({ limit: '256kb' }));
  // A scenario may hold steps in steps; what reads it goes as deep as they do.
  router.use((request, response, next) =>
    isDeeperThan(mostLevels, request.body) ? problem(response, 400, `the body has more than ${mostLevels} levels`) : next(),
  );

  router.get('/health', (_request, response) => void response.json({ ok: true }));

  router.get('/ledger', (request, response) => {
    const query = ledgerQuery.safeParse(request.query);
    if (!query.success) return problem(response, 400, query.error);
    response.json(ledger.entries(query.data));
  });

  router.get('/ledger/tail', (request, response) => {
    const query = ledgerQuery.safeParse(request.query);
    if (!query.success) return problem(response, 400, query.error);
    followLedger(ledger, query.data, request, response);
  });

  router.get('/calls', (_request, response) => {
    response.json(switchboard.newestFirst().map((call) => callResource(call, { accountSid })));
  });

  for (const [path, act] of [
    ['answer', 'answer'],
    ['decline', 'decline'],
    ['hang-up', 'hangUp'],
  ] as const) {
    router.post(`/calls/:sid/${path}`, (request, response) => {
      const live = switchboard.find(request.params.sid);
      if (!live) return problem(response, 404, 'no such call');
      if (!live[act]()) return problem(response, 409, `the call is ${live.call.status}`);
      response.status(204).end();
    });
  }

  router.post('/calls/:sid/press', (request, response) => {
    const keys = keysSchema.safeParse(request.body);
    if (!keys.success) return problem(response, 400, keys.error);
    const live = switchboard.find(request.params.sid);
    if (!live) return problem(response, 404, 'no such call');
    if (!live.press(keys.data.digits)) return problem(response, 409, `the call is ${live.call.status}`);
    response.status(204).end();
  });

  router.get('/scenarios', (_request, response) => void response.json({ set: scenarios.list(), magicNumbers }));
  router.post('/scenarios', (request, response) => {
    const given = z.union([scenarioSchema.transform((one) => [one]), z.array(scenarioSchema)]).safeParse(request.body);
    if (!given.success) return problem(response, 400, given.error);
    given.data.forEach((scenario) => scenarios.set(scenario));
    response.status(204).end();
  });
  router.delete('/scenarios', (_request, response) => {
    scenarios.clear();
    response.status(204).end();
  });

  if (agentScripts) {
    router.get('/agent-scripts', (_request, response) => void response.json({ scripts: agentScripts.scripts() }));
    // `{"default": "never-ends"}` chooses what sessions play that name no script; anything else is a script to add.
    router.post('/agent-scripts', (request, response) => {
      const choice = z.strictObject({ default: z.string() }).safeParse(request.body);
      try {
        if (choice.success) agentScripts.setDefaultScript(choice.data.default);
        else agentScripts.addScript(request.body);
      } catch (error) {
        if (error instanceof z.ZodError) return problem(response, 400, error);
        if (error instanceof RangeError) return problem(response, 404, error.message);
        throw error;
      }
      response.status(204).end();
    });
  }

  router.get('/faults', (_request, response) => void response.json({ set: faults.list(), kinds: faultKinds }));
  router.post('/faults', (request, response) => {
    const fault = faultSchema.safeParse(request.body);
    if (!fault.success) return problem(response, 400, fault.error);
    faults.set(fault.data);
    response.status(204).end();
  });
  router.delete('/faults', (request, response) => {
    faults.clear(typeof request.query['kind'] === 'string' ? request.query['kind'] : undefined);
    response.status(204).end();
  });

  router.use(
    express.static(pageFolder, {
      // `/simulator` without the slash too: the page's own addresses are relative to it.
      redirect: true,
      setHeaders(response) {
        response.setHeader('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
        response.setHeader('X-Content-Type-Options', 'nosniff');
        response.setHeader('Cache-Control', 'no-cache');
      },
    }),
  );

  router.use((_request, response) => problem(response, 404, 'no such door'));
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const isClientError = typeof error === 'object' && error !== null && 'status' in error && Number(error.status) < 500;
    if (response.headersSent || !isClientError) return next(error);
    problem(response, Number(error.status), 'the body is not valid JSON, or too large');
  });
  return router;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

/** There is no key, so a page of somebody else that is open in the same browser must not have a hand in it. */
function refuseStrangers(request: Request, response: Response, next: NextFunction): void {
  const { origin, host } = request.headers;
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (isOwn || request.method === 'GET' || request.method === 'HEAD') return next();
  problem(response, 403, "this door is for the simulator's own page, and for programs");
}

function problem(response: Response, status: number, what: string | z.ZodError): void {
  const detail = typeof what === 'string' ? what : z.prettifyError(what);
  response
    .status(status)
    .type('application/problem+json')
    .json({ status, title: detail.split('\n', 1)[0], detail });
}
