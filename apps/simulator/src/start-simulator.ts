import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  silentLogger,
  systemChance,
  systemClock,
  systemTimers,
  type Chance,
  type Clock,
  type Logger,
  type Timers,
} from '@onhook/service';
import { createLedger, type LedgerEntry, type LedgerFilter } from './ledger.js';
import { personas, type Scenario } from './scenarios.js';
import { buildCarrierServer } from './server.js';
import { prepareCallee } from './carrier/callee.js';
import { agentLines, createSpeech, type Speech } from './speech/index.js';
import { createVoiceAgentServer } from './voice-agent/index.js';

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** Default 0: any free port. */
  port?: number | undefined;
  agentPort?: number | undefined;
  accountSid?: string | undefined;
  authToken?: string | undefined;
  /** Without it the ledger is kept in memory only. */
  ledgerDir?: string | undefined;
  speechCacheDir?: string | undefined;
  scenarios?: readonly Scenario[] | undefined;
  /** Numbers that may be called from; any if not given. */
  ownedNumbers?: ReadonlySet<string> | undefined;
  /** Shorter `TimeLimit`s count as this many seconds. Default 60. */
  timeLimitFloorSec?: number | undefined;
  trailingSlash?: 'as-written' | 'always' | undefined;
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  timers?: Timers | undefined;
  chance?: Chance | undefined;
  speech?: Speech | undefined;
  /** The ledger can no longer be written to disk: a run from here on proves nothing. */
  onLedgerBroken?: ((error: Error) => void) | undefined;
}

export interface Simulator {
  /** Base URL of the REST API and of `/simulator/…`. */
  readonly url: string;
  /** `ws://…/v1/realtime` of the voice agent. */
  readonly agentUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  entries(filter?: LedgerFilter): LedgerEntry[];
  /** Resolves with the first entry, past or to come, that fits. */
  whenEntry(fits: (entry: LedgerEntry) => boolean, withinMs?: number): Promise<LedgerEntry>;
  close(): Promise<void>;
}

/** Starts a carrier and a voice-agent provider in this process. Resolves when both listen and the usual lines are rendered. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    host = '127.0.0.1',
    logger = silentLogger,
    clock = systemClock,
    timers = systemTimers,
    chance = systemChance,
  } = options;
  const accountSid = options.accountSid ?? 'AC00000000000000000000000000000001';
  const authToken = options.authToken ?? 'simulator-auth-token';
  const ledger = createLedger({ clock, logger, dir: options.ledgerDir, onBroken: options.onLedgerBroken });
  const speech = options.speech ?? createSpeech({ logger, cacheDir: options.speechCacheDir, timers });
  const agent = createVoiceAgentServer({ ledger, speech, clock, timers, chance, logger });
  const carrier = buildCarrierServer({
    ...options,
    accountSid,
    authToken,
    ledger,
    speech,
    clock,
    timers,
    chance,
    logger,
    agentScripts: agent,
  });

  const carrierServer = createServer(carrier.app);
  const agentServer = createServer(
    (_request, response) => void response.writeHead(426, { Connection: 'close' }).end('Upgrade Required\n'),
  );
  agentServer.on('upgrade', (request, socket, head) => agent.handleUpgrade(request, socket, head));

  async function close(): Promise<void> {
    carrier.close();
    await agent.close();
    await Promise.all([closeServer(carrierServer), closeServer(agentServer)]);
    await speech.close();
    await ledger.close();
  }

  try {
    const [carrierAt, agentAt] = await Promise.all([
      listen(carrierServer, host, options.port ?? 0),
      listen(agentServer, host, options.agentPort ?? 0),
      warm(speech),
    ]);
    const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    ledger.write('simulator-started', { accountSid });
    return {
      url: `http://${shownHost}:${carrierAt}`,
      agentUrl: `ws://${shownHost}:${agentAt}/v1/realtime`,
      accountSid,
      authToken,
      entries: (filter) => ledger.entries(filter),
      whenEntry: (fits, withinMs = 10_000) =>
        new Promise((resolve, reject) => {
          const past = ledger.entries().find(fits);
          if (past) return resolve(past);
          const impatience = timers.after(withinMs, () =>
            settle(() => reject(new Error(`no such ledger entry within ${withinMs} ms`))),
          );
          const unsubscribe = ledger.subscribe((entry) => fits(entry) && settle(() => resolve(entry)));
          function settle(how: () => void): void {
            impatience.cancel();
            unsubscribe();
            how();
          }
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first call must not wait for the synthesiser. */
async function warm(speech: Speech): Promise<void> {
  await prepareCallee(personas.chats, speech);
  for (const text of Object.values(agentLines)) await speech.line(text);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
