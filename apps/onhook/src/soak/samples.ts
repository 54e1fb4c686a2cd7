import { readdirSync, readFileSync } from 'node:fs';
import { systemTimers } from '@onhook/service';
import { askRedis, serverOf } from '../../setup/resp.mjs';
import type { House } from '../house.js';

/** What a house weighs at a moment in which no call is up. */
export interface Sample {
  /** Calls that were over by then. */
  readonly calls: number;
  readonly atSec: number;
  readonly gateway: {
    readonly live: number;
    readonly heapMb: number;
    readonly externalMb: number;
    /** What keeps the process alive: timers, sockets, requests under way. */
    readonly handles: Readonly<Record<string, number>>;
  };
  /** By process. Null where the system does not tell. */
  readonly rssMb: Readonly<Record<string, number | null>>;
  readonly descriptors: Readonly<Record<string, number | null>>;
  /** Keys in Redis that belong to no single call, by kind. */
  readonly keys: Readonly<Record<string, number>>;
  readonly keysOfCalls: number;
}

const MB = 1_048_576;
const READ_WITHIN_MS = 20_000;
const COLLECTED_AFTER_MS = 1_500;

/** Every process has collected its garbage: else it is its collector's laziness that is weighed. */
export async function takeSample(house: House, calls: number, atSec: number): Promise<Sample> {
  for (const { pid } of house.programs) process.kill(pid, 'SIGUSR2');
  await systemTimers.sleep(COLLECTED_AFTER_MS);
  const [gateway, keys] = await Promise.all([readGateway(house), readKeys(house)]);
  const ofEach = <T>(read: (pid: number) => T): Record<string, T> =>
    Object.fromEntries(house.programs.map(({ name, pid }) => [name, read(pid)]));
  return { calls, atSec, gateway, rssMb: ofEach(rssMb), descriptors: ofEach(descriptors), ...keys };
}

/** From the gateway's own figures: what only a process knows about itself. */
export async function readGateway(house: House): Promise<Sample['gateway']> {
  const url = house.programs.find(({ name }) => name === 'gateway')?.facts['metricsUrl'];
  if (typeof url !== 'string') throw new Error('the gateway has not said where its metrics are');
  const text = await readText(url);
  const figure = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const handles = [...text.matchAll(/^nodejs_active_resources\{type="(\w+)"[^}]*\} (\d+)$/gm)];
  return {
    live: figure('onhook_gateway_live_calls'),
    heapMb: round(figure('nodejs_heap_size_used_bytes') / MB),
    externalMb: round(figure('nodejs_external_memory_bytes') / MB),
    handles: Object.fromEntries(handles.map(([, type, count]) => [type!, Number(count)])),
  };
}

/** A machine that stood still for a while is asked again. */
async function readText(url: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(READ_WITHIN_MS) })).text();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** The server is the soak's own: whatever stands in it is ours. */
async function readKeys({ redisUrl }: House): Promise<Pick<Sample, 'keys' | 'keysOfCalls'>> {
  const names = (await askRedis(serverOf(redisUrl), [['KEYS', '*']], READ_WITHIN_MS)) as string[];
  const keys: Record<string, number> = {};
  let keysOfCalls = 0;
  for (const name of names) {
    const kind = kindOf(name);
    if (kind === null) keysOfCalls++;
    else keys[kind] = (keys[kind] ?? 0) + 1;
  }
  return { keys, keysOfCalls };
}

/** Stands in the kind of a key of which there is one for each shard. */
export const SHARD = '{shard}';
/** Stands at the end of the kind of a job. */
export const JOB = ':<job>';

/** @returns null for what is kept of one call, until its retention is over */
export function kindOf(name: string): string | null {
  if (/call_[a-p]_|:idem:/.test(name)) return null;
  return name
    .replace(/\{[a-p]\}/, SHARD)
    .replace(/\{gw:[^}]*\}/, '{gw}')
    .replace(/:\d+$/, JOB);
}

function rssMb(pid: number): number | null {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`));
  return found ? round(Number(found[1]) / 1_024) : null;
}

function descriptors(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null; // not Linux
  }
}

function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
