import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import { createCallbacks } from './carrier/callbacks.js';
import type { NumberPolicy } from './carrier/create-request.js';
import { errorBody, refusals } from './carrier/errors.js';
import { createRestApi } from './carrier/rest-api.js';
import { createSwitchboard } from './carrier/switchboard.js';
import { createTicker } from './carrier/ticker.js';
import { createWebhookClient } from './carrier/webhook-client.js';
import { createControlApi, type AgentScripts } from './control-api.js';
import { createFaultTable } from './faults.js';
import type { Ledger } from './ledger.js';
import { createScenarioTable, type Scenario } from './scenarios.js';
import { newSid } from './sid.js';
import type { Speech } from './speech/index.js';

export interface CarrierServerOptions extends NumberPolicy {
  accountSid: string;
  authToken: string;
  ledger: Ledger;
  speech: Pick<Speech, 'line' | 'createListener'>;
  scenarios?: readonly Scenario[] | undefined;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  logger: Logger;
  /** 60 as on the real carrier; tests take less. */
  timeLimitFloorSec?: number | undefined;
  trailingSlash?: 'as-written' | 'always' | undefined;
  agentScripts?: AgentScripts | undefined;
}

/** Builds the carrier: an Express app that does not listen yet. */
export function buildCarrierServer(options: CarrierServerOptions): { app: Express; close(): void } {
  const { accountSid, authToken, ledger, clock, timers, chance, logger, speech } = options;
  const faults = createFaultTable({ chance, ledger });
  const scenarios = createScenarioTable(options.scenarios);
  const ticker = createTicker({ clock, timers });
  const client = createWebhookClient({ authToken, clock, timers, chance });
  const callbacks = createCallbacks({ client, faults, timers });
  const shared = { accountSid, authToken, clock, timers, chance, logger, ledger, faults, speech, ticker, client, callbacks };
  const switchboard = createSwitchboard({
    ...shared,
    scenarios,
    timeLimitFloorSec: options.timeLimitFloorSec ?? 60,
    trailingSlash: options.trailingSlash ?? 'as-written',
  });
  const phoneNumberSid = newSid('PN', chance);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(
    '/simulator',
    createControlApi({ ledger, scenarios, faults, switchboard, accountSid, phoneNumberSid, agentScripts: options.agentScripts }),
  );
  app.use(createRestApi({ ...shared, phoneNumberSid, switchboard, numbers: { ownedNumbers: options.ownedNumbers } }));
  app.use((request, response) => void response.status(404).json(errorBody(refusals.notFound(request.originalUrl))));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    logger.error({ err: error }, 'request failed');
    if (response.headersSent) return next(error);
    response.status(500).json(errorBody(refusals.serverError()));
  });

  return {
    app,
    close() {
      switchboard.close();
      ticker.close();
      client.close();
    },
  };
}
