import type { Carrier } from '@onhook/carrier';
import type { Logger } from '@onhook/service';
import type { Callee } from './carrier/callee.js';
import { createCallbacks } from './carrier/callbacks.js';
import { createLedger, type Ledger } from './carrier/ledger.js';
import { createRest } from './carrier/rest.js';
import { createSwitchboard, type Switchboard } from './carrier/switchboard.js';
import { createDraw, type Draw } from './draw.js';
import { createNetwork, type HttpHost, type Network } from './http.js';
import { createJobs, type Jobs } from './jobs.js';
import { createPorts, type CrashPoint } from './ports.js';
import { startApi, startDialer, startGatewayProcess, startHangup, type GatewayHost, type Surroundings } from './programs.js';
import { createProvider, type Provider } from './provider.js';
import { createSimRedis, type SimRedis } from './redis.js';
import { createScheduler, type Scheduler } from './scheduler.js';
import { ACCOUNT_SID, mediaUrlOf, PUBLIC_URL, SLOTS } from './settings.js';
import { createSimProcess, KINDS, type Kind, type SimProcess } from './sim-process.js';
import { createWeather, type Weather } from './weather.js';

/** A Monday morning, so that no number of the run depends on the day on which it runs. */
const BEGINS_AT = Date.UTC(2026, 0, 5, 9, 0, 0);

/** All processes of a house, their Redis, their carrier and the network between them, in one process of Node and on no clock but its own. */
export interface World {
  readonly beganAt: number;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly redis: SimRedis;
  readonly ledger: Ledger;
  readonly switchboard: Switchboard;
  readonly provider: Provider;
  readonly network: Network;
  readonly jobs: Jobs;
  readonly around: Surroundings;
  readonly armed: CrashPoint[];
  /** Those that live now. */
  processes(kind?: Kind): readonly SimProcess[];
  gateways(): readonly GatewayHost[];
  setCarrierAway(untilMs: number): void;
  setAccountAway(untilMs: number): void;
  kill(process: SimProcess): void;
  freeze(process: SimProcess, ms: number): void;
  stop(process: SimProcess): void;
  /** Every slot has its process. */
  start(): Promise<void>;
  /** Moments at which a gateway could take a stream. */
  readonly served: readonly number[];
}

export interface WorldOptions {
  readonly seed: number;
  readonly calleeOf: (to: string) => Callee;
  readonly loggerOf?: (process: string, now: () => number) => Logger;
}

const RESTARTS_AFTER_MS = [300, 4_000] as const;
const LOOK_EVERY_MS = 1_000;

const silent: Logger = {
  fatal() {},
  error() {},
  warn() {},
  info() {},
  debug() {},
  trace() {},
  child: () => silent,
} as unknown as Logger;

export function createWorld({ seed, calleeOf, loggerOf = () => silent }: WorldOptions): World {
  const scheduler = createScheduler(BEGINS_AT);
  const { now } = scheduler;
  const drawFor = (stream: string): Draw => createDraw(seed, stream, now);
  const draw = drawFor('world');
  const weather = createWeather({ draw: drawFor('weather'), now });
  const redis = createSimRedis({ scheduler, draw: drawFor('redis'), weather });
  const ledger = createLedger(now);
  const running = new Map<string, SimProcess>();
  const apis = new Map<string, HttpHost>();
  const gateways = new Map<string, GatewayHost>();
  const armed: CrashPoint[] = [];
  const served: number[] = [];
  let [carrierAwayUntil, accountAwayUntil] = [0, 0];
  let lives = 0;

  const network = createNetwork({ scheduler, draw: drawFor('network'), hosts: () => [...apis.values()] });
  scheduler.usesStreams(() => network.open() > 0);
  const callbacks = createCallbacks({ scheduler, draw: drawFor('callbacks'), weather, network, publicUrl: PUBLIC_URL });
  const switchboard = createSwitchboard({
    scheduler,
    draw: drawFor('switchboard'),
    weather,
    ledger,
    callbacks,
    accountSid: ACCOUNT_SID,
    calleeOf,
    mediaHost: (url) => gateways.get(url) ?? null,
  });
  const rest = createRest({
    scheduler,
    draw: drawFor('rest'),
    weather,
    ledger,
    switchboard,
    isAway: () => now() < carrierAwayUntil,
  });
  const provider = createProvider({ scheduler, draw: drawFor('provider'), weather });
  const ports = createPorts({
    scheduler,
    draw: drawFor('ports'),
    weather,
    isRedisDown: redis.isDown,
    armed,
    strike: (process, { act, freezeMs }) => {
      if (act === 'cut') return redis.loseTailNow(freezeMs);
      weather.begins(
        act === 'kill' ? 'kill-at-port-call' : 'freeze-at-port-call',
        now() + (act === 'kill' ? 0 : freezeMs),
        process.name,
      );
      if (act === 'kill') kill(process);
      else freeze(process, freezeMs);
    },
    isAccountAway: () => now() < accountAwayUntil,
  });
  const jobs = createJobs({
    scheduler,
    draw: drawFor('jobs'),
    weather,
    logger: silent,
    isRedisDown: redis.isDown,
    isRedisDownFor: ports.isRedisDownFor,
  });
  const restOf = new Map<SimProcess, Carrier>();
  const around: Surroundings = {
    database: redis.database,
    draw: drawFor('house'),
    ports,
    producerFor: jobs.producerFor,
    startWorker: jobs.startWorker,
    carrierFor(process) {
      const known = restOf.get(process) ?? rest(process);
      restOf.set(process, known);
      return known;
    },
    agentFor: provider.agentFor,
  };

  async function spawn(kind: Kind, slot: number): Promise<void> {
    const name = `${kind}-${slot}/${++lives}`;
    const process = createSimProcess({
      name,
      kind,
      slot,
      scheduler,
      logger: loggerOf(name, now),
      skewMs: draw.between(-150, 150),
    });
    running.set(name, process);
    process.onDeath(() => {
      running.delete(name);
      apis.delete(name);
      if (gateways.get(mediaUrlOf(slot))?.process === process) gateways.delete(mediaUrlOf(slot));
      const awayMs = draw.between(...RESTARTS_AFTER_MS);
      scheduler.after(awayMs, () => void spawn(kind, slot));
    });
    switch (kind) {
      case 'api':
        return void apis.set(name, startApi(process, around));
      case 'dialer':
        return startDialer(process, around);
      case 'hangup':
        return startHangup(process, around);
      case 'gateway': {
        const host = await startGatewayProcess(process, mediaUrlOf(slot), around);
        if (process.isAlive()) gateways.set(mediaUrlOf(slot), host);
      }
    }
  }

  function kill(process: SimProcess): void {
    process.kill();
  }

  function freeze(process: SimProcess, ms: number): void {
    if (!process.isAlive() || process.isFrozen()) return;
    process.freeze();
    jobs.froze(process);
    scheduler.after(ms, () => process.thaw());
  }

  return {
    beganAt: BEGINS_AT,
    scheduler,
    weather,
    redis,
    ledger,
    switchboard,
    provider,
    network,
    jobs,
    around,
    armed,
    served,
    processes: (kind) => [...running.values()].filter((process) => kind === undefined || process.kind === kind),
    gateways: () => [...gateways.values()],
    setCarrierAway: (until) => void (carrierAwayUntil = Math.max(carrierAwayUntil, until)),
    setAccountAway: (until) => void (accountAwayUntil = Math.max(accountAwayUntil, until)),
    kill,
    freeze,
    stop: (process) => process.deliver(() => void process.stop()),
    async start() {
      for (const kind of KINDS)
        for (let slot = 1; slot <= SLOTS[kind]; slot++) scheduler.after(draw.between(0, 300), () => void spawn(kind, slot));
      const look = (): void => {
        if ([...gateways.values()].some(({ process }) => process.isServing())) served.push(now());
        scheduler.after(LOOK_EVERY_MS, look);
      };
      look();
      await scheduler.run(BEGINS_AT + 2_000);
    },
  };
}
