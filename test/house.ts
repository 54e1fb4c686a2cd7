import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSupervisor, keepCredentials, planPrograms, readLauncherConfig, type Program } from '@onhook/onhook';
import type { CallView } from '@onhook/contracts';
import { systemChance, systemTimers } from '@onhook/service';
import { startSimulator, type Simulator } from '@onhook/simulator';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { startRedis, type TestRedis } from './redis.js';

const root = path.resolve(import.meta.dirname, '..');
/** Rendering speech takes seconds; the launcher keeps it in the same place. */
const speechCacheDir = path.join(root, '.onhook/speech');

/** Every process of ours for real (built by `npm run build`, which `npm test` does), a real Redis, the simulator in this process. */
export interface TestHouse<R = TestRedis> {
  readonly simulator: Simulator;
  readonly redis: R;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly recordingsDir: string;
  readonly ports: { readonly gateway: number; readonly agent: number };
  program(name: 'api' | 'gateway' | 'dialer' | 'hangup'): Program;
  /** One more process of a kind, beside the first, with these settings of its own. Stopped with the house at the latest. */
  startAnother(name: 'api' | 'gateway' | 'dialer' | 'hangup', env?: NodeJS.ProcessEnv): Promise<Program>;
  api(path: string, init?: RequestInit): Promise<Response>;
  placeCall(body: Record<string, unknown>): Promise<CallView>;
  readCall(id: string): Promise<CallView>;
  /** Polls until the call is in one of these states; rejects with its timeline if that takes too long. */
  until(id: string, states: readonly CallView['state'][], withinMs?: number): Promise<CallView>;
  setFault(fault: { kind: string; to?: string; count?: number; delayMs?: number }): Promise<void>;
  clearFaults(): Promise<void>;
  setScenario(scenario: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

interface HouseOptions<R> {
  readonly env?: NodeJS.ProcessEnv;
  readonly agentsDir?: string;
  /** Another than one server of its own. The house stops it. */
  readonly startRedis: () => Promise<R>;
}

interface SomeRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Rejects if any of it does not come up; nothing is left open then. */
export function openTestHouse(options?: Partial<HouseOptions<TestRedis>>): Promise<TestHouse>;
export function openTestHouse<R extends SomeRedis>(options: HouseOptions<R>): Promise<TestHouse<R>>;
export async function openTestHouse(options: Partial<HouseOptions<SomeRedis>> = {}): Promise<TestHouse<SomeRedis>> {
  /** Of whatever was opened; the last is closed first. */
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const one of closers.splice(0).reverse()) {
      try {
        await one();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the house could not be closed');
  };
  try {
    return await open(options, closers, close);
  } catch (error) {
    await close().catch((worse: unknown) => console.error(worse));
    throw error;
  }
}

async function open(
  {
    env = {},
    agentsDir = path.join(import.meta.dirname, 'agents'),
    startRedis: start = startRedis,
  }: Partial<HouseOptions<SomeRedis>>,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<TestHouse<SomeRedis>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-house-'));
  closers.push(() => (process.env['ONHOOK_KEEP'] ? console.log(dir) : rmSync(dir, { recursive: true, force: true })));
  const credentials = keepCredentials(dir, systemChance);
  const redis = await start();
  closers.push(() => redis.stop());
  const simulator = await startSimulator({
    speechCacheDir,
    accountSid: credentials.accountSid,
    authToken: credentials.authToken,
  });
  closers.push(() => simulator.close());
  const taken = new Set<number>();
  const ports = {
    api: await freePort({ taken }),
    gateway: await freePort({ taken }),
    simulator: Number(new URL(simulator.url).port),
    agent: Number(new URL(simulator.agentUrl).port),
  };
  const plan = planPrograms({
    root,
    dir,
    node: process.execPath,
    ports,
    config: readLauncherConfig({ LOG_LEVEL: 'info', AGENTS_DIR: agentsDir }),
    credentials,
    redisUrl: redis.url,
    redisPrefix: 'onhook',
    env: { PATH: process.env['PATH'], ...env },
    patience: 1,
  });
  const supervisor = createSupervisor({
    timers: systemTimers,
    force: new AbortController().signal,
    readyWithinMs: 30_000,
    stopWithinMs: 8_000,
  });
  closers.push(() => supervisor.stopAll());
  const programs = await supervisor.start(...plan.apps);
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  let others = 0;

  const api = (where: string, init: RequestInit = {}): Promise<Response> =>
    fetch(apiUrl + where, {
      ...init,
      headers: { Authorization: `Bearer ${plan.apiKey}`, 'Content-Type': 'application/json', ...init.headers },
    });
  const json = async (where: string, init?: RequestInit): Promise<CallView> => {
    const response = await api(where, init);
    if (!response.ok) throw new Error(`${where} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as CallView;
  };
  const control = async (method: 'POST' | 'DELETE', where: string, body?: unknown): Promise<void> => {
    const response = await fetch(simulator.url + where, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${where} was answered ${response.status}: ${await response.text()}`);
  };

  const house: TestHouse<SomeRedis> = {
    simulator,
    redis,
    apiUrl,
    apiKey: plan.apiKey,
    recordingsDir: plan.recordingsDir,
    ports,
    program: (name) => programs.find((program) => program.name === name)!,
    async startAnother(name, extra = {}) {
      const spec = plan.apps.find((one) => one.name === name)!;
      const logFile = spec.logFile.replace(/\.log$/, `-${++others}.log`);
      const [program] = await supervisor.start({ ...spec, logFile, env: { ...spec.env, ...extra } });
      return program!;
    },
    api,
    placeCall: (body) => json('/v1/calls', { method: 'POST', body: JSON.stringify(body) }),
    readCall: (id) => json(`/v1/calls/${id}`),
    async until(id, states, withinMs = 60_000) {
      const giveUpAt = Date.now() + withinMs;
      for (;;) {
        const call = await json(`/v1/calls/${id}`);
        if (states.includes(call.state)) return call;
        if (Date.now() > giveUpAt) {
          throw new Error(
            `after ${withinMs} ms the call is ${call.state}, not ${states.join(' or ')}:\n${JSON.stringify(call.timeline, null, 1)}`,
          );
        }
        await systemTimers.sleep(50);
      }
    },
    setFault: (fault) => control('POST', '/simulator/faults', fault),
    clearFaults: () => control('DELETE', '/simulator/faults'),
    setScenario: (scenario) => control('POST', '/simulator/scenarios', scenario),
    close,
  };
  for (const giveUpAt = Date.now() + 30_000; ;) {
    if ((await fetch(`${apiUrl}/readyz`)).ok) return house;
    if (Date.now() > giveUpAt) throw new Error('the house did not become ready');
    await systemTimers.sleep(50);
  }
}
