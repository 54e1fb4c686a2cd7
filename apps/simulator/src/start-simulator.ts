import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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
import { closeServer, listen } from './listen.js';
import { createLedger, type LedgerEntry, type LedgerFilter } from './ledger.js';
import { personas, type Scenario } from './scenarios.js';
import { buildCarrierServer } from './server.js';
import type { AccountPolicy } from './carrier/account.js';
import { prepareCallee } from './carrier/callee.js';
import type { NumberPolicy } from './carrier/number-policy.js';
import type { StreamHabits } from './carrier/stream-habits.js';
import { agentLines, createSpeech, type Speech } from './speech/index.js';
import { openTlsDoors, type TlsDoors, type TlsOptions } from './tls/index.js';
import { createVoiceAgentServer, type VoiceAgentOptions } from './voice-agent/index.js';

export interface SimulatorOptions extends TlsOptions, NumberPolicy, AccountPolicy, StreamHabits {
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
  /** What the voice agent plays, and how it finds voice. @throws RangeError by its `defaultScript` */
  voiceAgent?: VoiceAgentOptions | undefined;
  /** Shorter `TimeLimit`s count as this many seconds. Default 60. */
  timeLimitFloorSec?: number | undefined;
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  timers?: Timers | undefined;
  chance?: Chance | undefined;
  /** A whole number from 0 to 2³² − 1: the same callees and faults in every run. SIDs and tokens are new each time. */
  seed?: number | undefined;
  speech?: Speech | undefined;
  /** The ledger can no longer be written to disk: a run from here on proves nothing. */
  onLedgerBroken?: ((error: Error) => void) | undefined;
}

export interface Simulator {
  /** Base URL of the REST API and of `/simulator/…`. */
  readonly url: string;
  /** `ws://…/v1/realtime` of the voice agent. */
  readonly agentUrl: string;
  /** `https://localhost:…`, if a `tlsPort` was given; there too for whoever calls it `api.twilio.com` or `api.openai.com`. */
  readonly tlsUrl: string | undefined;
  /** For `HTTPS_PROXY`, if a `proxyPort` was given. */
  readonly proxyUrl: string | undefined;
  /** PEM of the CA that both show certificates of; also at `/simulator/ca.pem`. */
  readonly caCertificate: string | undefined;
  /** For `NODE_EXTRA_CA_CERTS`, if a `caDir` was given. */
  readonly caFile: string | undefined;
  readonly accountSid: string;
  readonly authToken: string;
  entries(filter?: LedgerFilter): LedgerEntry[];
  /** Resolves with the first entry, past or to come, that fits. */
  whenEntry(fits: (entry: LedgerEntry) => boolean, withinMs?: number): Promise<LedgerEntry>;
  close(): Promise<void>;
}

export const defaultAccountSid = 'AC00000000000000000000000000000001';
export const defaultAuthToken = 'simulator-auth-token';

/** Starts a carrier and a voice-agent provider in this process. Resolves when both listen and the usual lines are rendered. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    host = '127.0.0.1',
    logger = silentLogger,
    clock = systemClock,
    timers = systemTimers,
    chance = systemChance,
  } = options;
  const accountSid = options.accountSid ?? defaultAccountSid;
  const authToken = options.authToken ?? defaultAuthToken;
  const ledger = createLedger({ clock, timers, logger, dir: options.ledgerDir, onBroken: options.onLedgerBroken });
  const speech = options.speech ?? createSpeech({ logger, cacheDir: options.speechCacheDir, timers });
  // One seed for both sides.
  const seed = options.seed ?? Math.floor(chance.fraction() * 2 ** 32);
  const agent = createVoiceAgentServer({ seed, ...options.voiceAgent, ledger, speech, clock, timers, chance, logger });
  const carrier = buildCarrierServer({
    ...options,
    seed,
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

  const agentHost = {
    request: (_request: IncomingMessage, response: ServerResponse): void =>
      void response.writeHead(426, { Connection: 'close' }).end('Upgrade Required\n'),
    upgrade: agent.handleUpgrade,
  };
  const carrierServer = createServer(carrier.app);
  const agentServer = createServer(agentHost.request);
  agentServer.on('upgrade', agentHost.upgrade);
  let doors: TlsDoors | undefined;

  async function close(): Promise<void> {
    carrier.close();
    await agent.close();
    await Promise.all([closeServer(carrierServer), closeServer(agentServer), doors?.close()]);
    await speech.close();
    await ledger.close();
  }

  try {
    doors = await openTlsDoors(options, { host, ledger, hosts: { carrier: carrier.app, voiceAgent: agentHost } });
    const ca = doors?.ca;
    if (ca) carrier.showCa(ca.certificate);
    const [carrierAt, agentAt] = await Promise.all([
      listen(carrierServer, host, options.port ?? 0),
      listen(agentServer, host, options.agentPort ?? 0),
      warm(speech),
    ]);
    const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    ledger.write('simulator-started', { accountSid, seed: carrier.seed });
    return {
      url: `http://${shownHost}:${carrierAt}`,
      agentUrl: `ws://${shownHost}:${agentAt}/v1/realtime`,
      // By name: a certificate for an address that is not loopback would be worth nothing.
      tlsUrl: doors?.tlsPort === undefined ? undefined : `https://localhost:${doors.tlsPort}`,
      proxyUrl: doors?.proxyPort === undefined ? undefined : `http://${shownHost}:${doors.proxyPort}`,
      caCertificate: ca?.certificate,
      caFile: ca?.certificateFile,
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
