import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import type { AccountPolicy } from './carrier/account.js';
import { createExchanges } from './carrier/call-logs.js';
import { createCallbacks } from './carrier/callbacks.js';
import type { NumberPolicy } from './carrier/number-policy.js';
import { errorBody, refusals } from './carrier/errors.js';
import { createRecordings } from './carrier/recordings.js';
import { createRestApi } from './carrier/rest-api.js';
import { createSwitchboard } from './carrier/switchboard.js';
import { createTicker } from './carrier/ticker.js';
import { createWebhookClient } from './carrier/webhook-client.js';
import { withWebhookFaults } from './carrier/webhook-faults.js';
import { createRestFaults } from './carrier/rest-faults.js';
import { createRestForm } from './carrier/rest-form.js';
import { createRestLog } from './carrier/rest-log.js';
import type { StreamHabits } from './carrier/stream-habits.js';
import { createControlApi, type AgentScripts } from './control-api.js';
import { createDice } from './dice.js';
import { createFaultTable } from './faults.js';
import type { Ledger } from './ledger.js';
import { createScenarioTable, type Scenario } from './scenarios.js';
import type { Speech } from './speech/index.js';

export interface CarrierServerOptions extends NumberPolicy, AccountPolicy, StreamHabits {
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
  /** Of callees and faults; drawn from `chance` if not given. */
  seed?: number | undefined;
  agentScripts?: AgentScripts | undefined;
}

export interface CarrierServer {
  app: Express;
  /** The same seed gives the same callees and faults. */
  readonly seed: number;
  /** Lets programs fetch the CA that they are to trust: `GET /simulator/ca.pem`. */
  showCa(certificate: string): void;
  close(): void;
}

/** Builds the carrier: an Express app that does not listen yet. */
export function buildCarrierServer(options: CarrierServerOptions): CarrierServer {
  const { accountSid, authToken, ledger, clock, timers, chance, logger, speech } = options;
  const dice = createDice(options.seed ?? Math.floor(chance.fraction() * 2 ** 32));
  const faults = createFaultTable({ dice, clock, ledger });
  const scenarios = createScenarioTable(options.scenarios, { dice, faults });
  const ticker = createTicker({ clock, timers });
  const exchanges = createExchanges();
  const client = withWebhookFaults(createWebhookClient({ authToken, clock, timers, chance, onExchange: exchanges.add }), faults);
  const callbacks = createCallbacks({ client, faults, timers });
  const recordings = createRecordings({ accountSid, clock, chance, callbacks });
  const shared = {
    accountSid,
    authToken,
    clock,
    timers,
    chance,
    logger,
    ledger,
    faults,
    speech,
    ticker,
    client,
    callbacks,
    recordings,
  };
  const switchboard = createSwitchboard(
    {
      ...shared,
      scenarios,
      numbers: options,
      timeLimitFloorSec: options.timeLimitFloorSec ?? 60,
      streamHabits: options,
    },
    options,
  );

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.locals['retryAfterSec'] = options.retryAfterSec;
  let caCertificate: string | undefined;
  app.get('/simulator/ca.pem', (_request, response, next) => {
    if (caCertificate === undefined) return next();
    response.type('application/x-pem-file').send(caCertificate);
  });
  app.use(
    '/simulator',
    createControlApi({ ledger, scenarios, faults, switchboard, accountSid, agentScripts: options.agentScripts }),
  );
  app.use('/2010-04-01', createRestLog({ ledger, clock }), createRestForm());
  app.use('/2010-04-01', createRestFaults({ faults, ledger, timers, switchboard }));
  app.use(createRestApi({ ...shared, switchboard, exchanges, numbers: options, policy: options }));
  app.use((request, response) => void response.status(404).json(errorBody(refusals.notFound(request.originalUrl))));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    logger.error({ err: error }, 'request failed');
    if (response.headersSent) return next(error);
    response.status(500).json(errorBody(refusals.serverError()));
  });

  return {
    app,
    seed: dice.seed,
    showCa: (certificate) => void (caCertificate = certificate),
    close() {
      switchboard.close();
      ticker.close();
      client.close();
    },
  };
}
