import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemChance, systemClock, systemTimers } from '@onhook/service';
import type { RedisBinary } from '../../setup/redis-binary.mjs';
import { createApiClient } from '../demo/api-client.js';
import type { LedgerEntry } from '../demo/ledger-tail.js';
import { openFaultHouse, type FaultHouse, type VictimKind } from './fault-house.js';
import { percentiles, type Percentiles } from './percentiles.js';

export const FAULT_CLASSES = ['none', 'process', 'redis', 'carrier'] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

export interface FaultBench {
  readonly fault: FaultClass;
  /** From the first request for the end to the carrier's end of the call. */
  readonly endToCarrierEndedMs: Percentiles;
  readonly calls: number;
  /** What was done, and the latest end after it. */
  readonly kinds: Readonly<Record<string, { readonly calls: number; readonly maxMs: number }>>;
  readonly outageMs: number;
  /** What the promise allows: p99 without a fault, else the longest. */
  readonly boundMs: number;
  readonly passed: boolean;
}

/** Begins a fault in the moment in which the ends are asked for; `undo` puts everything right again. */
interface Fault {
  readonly kind: string;
  begin(house: FaultHouse): Promise<{ undo(): Promise<void> }>;
}

const OUTAGE_MS = 4_000;
/** Longer than any lease: who wakes finds that others have acted. */
const FROZEN_MS = 12_000;
const CALL_WITHIN_MS = 60_000;

const signalled = (kind: VictimKind, signal: 'SIGKILL' | 'SIGSTOP'): Fault => ({
  kind: `${kind} ${signal === 'SIGKILL' ? 'killed' : 'frozen'}`,
  async begin(house) {
    const victim = house.programs(kind)[0]!;
    process.kill(victim.pid, signal);
    const beganAt = systemClock.monotonicMs();
    return {
      async undo() {
        if (signal === 'SIGKILL') return house.replace(victim);
        await systemTimers.sleep(Math.max(0, FROZEN_MS - (systemClock.monotonicMs() - beganAt)));
        process.kill(victim.pid, 'SIGCONT');
      },
    };
  },
});

const FAULTS: Readonly<Record<FaultClass, readonly Fault[]>> = {
  none: [{ kind: 'none', begin: async () => ({ undo: async () => {} }) }],
  process: [
    signalled('hangup', 'SIGKILL'),
    signalled('hangup', 'SIGSTOP'),
    signalled('gateway', 'SIGSTOP'),
    signalled('gateway', 'SIGKILL'),
    signalled('dialer', 'SIGSTOP'),
  ],
  redis: [
    {
      kind: 'redis killed',
      async begin(house) {
        await house.killRedis();
        const back = systemTimers.sleep(OUTAGE_MS).then(() => house.startRedis());
        return { undo: () => back };
      },
    },
  ],
  carrier: [
    {
      kind: 'carrier API away',
      async begin(house) {
        await control(house, 'POST', '/simulator/faults', { kind: 'rest-away', count: 1_000_000 });
        const back = systemTimers.sleep(OUTAGE_MS).then(() => control(house, 'DELETE', '/simulator/faults'));
        return { undo: async () => void (await back) };
      },
    },
  ],
};

/** Real processes, real calls in conversation: what one fault in the very moment of their end costs. */
export async function benchEndUnderFault(input: {
  readonly fault: FaultClass;
  readonly calls: number;
  readonly atOnce: number;
  readonly root: string;
  readonly binary: RedisBinary;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}): Promise<FaultBench> {
  const { fault, calls, atOnce, signal, print } = input;
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-bench-end-'));
  const house = await openFaultHouse({ ...input, dir });
  const took = new Map<string, number[]>();
  try {
    await control(house, 'POST', '/simulator/agent-scripts', { default: 'never-ends' });
    const faults = FAULTS[fault];
    for (let done = 0, round = 0; done < calls; round++) {
      const one = faults[round % faults.length]!;
      const ms = await oneRound(house, one, { count: Math.min(atOnce, calls - done), first: done, signal });
      took.set(one.kind, [...(took.get(one.kind) ?? []), ...ms]);
      done += ms.length;
      print(`  ${done}/${calls}: ${one.kind}, the last call ended after ${Math.max(...ms)} ms`);
    }
  } finally {
    await house.close();
    rmSync(dir, { recursive: true, force: true });
  }
  const all = [...took.values()].flat();
  const outageMs = fault === 'redis' || fault === 'carrier' ? OUTAGE_MS : 0;
  const boundMs = fault === 'none' ? 3_000 : outageMs + 10_000;
  const endToCarrierEndedMs = percentiles(all);
  return {
    fault,
    endToCarrierEndedMs,
    calls: all.length,
    kinds: Object.fromEntries([...took].map(([kind, ms]) => [kind, { calls: ms.length, maxMs: Math.max(...ms) }])),
    outageMs,
    boundMs,
    passed: (fault === 'none' ? endToCarrierEndedMs.p99 : endToCarrierEndedMs.max) <= boundMs,
  };
}

async function oneRound(
  house: FaultHouse,
  fault: Fault,
  { count, first, signal }: { count: number; first: number; signal: AbortSignal },
): Promise<number[]> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(2 * CALL_WITHIN_MS)]);
  const api = createApiClient(house.apiUrl, house.apiKey, deadline);
  const calls = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const to = `+1415555${String(2_000 + ((first + i) % 1_000)).padStart(4, '0')}`;
      const { id } = await api.placeCall({ to, agentId: 'demo' }, `bench-${systemChance.uuid()}`);
      for (;;) {
        const call = await api.readCall(id);
        if (call.state === 'bridged') return { id, sid: call.attempts.at(-1)?.carrierCallId ?? '' };
        if (deadline.aborted) throw new Error(`call ${id} is still ${call.state}`);
        await systemTimers.sleep(100, deadline);
      }
    }),
  );
  const { undo } = await fault.begin(house);
  const askedAt = systemClock.now();
  const asking = Promise.all(calls.map(({ id }) => askForEnd(house, id, deadline)));
  const ended = await Promise.all(calls.map(({ sid }) => carrierEndedAt(house, sid, deadline)));
  await asking;
  await undo();
  return ended.map((at) => Math.max(0, Math.round(at - askedAt)));
}

/** As a client does: until it is answered. */
async function askForEnd(house: FaultHouse, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await fetch(`${house.apiUrl}/v1/calls/${id}/end`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${house.apiKey}`, 'Content-Type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(5_000),
    }).catch(() => null);
    // 409: it is over already.
    if (answer && (answer.ok || answer.status === 409)) return;
    if (signal.aborted) throw new Error(`the end of ${id} was not accepted`);
    await systemTimers.sleep(200, signal);
  }
}

async function carrierEndedAt(house: FaultHouse, sid: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const entries = (await control(house, 'GET', `/simulator/ledger?kind=carrier-ended&call=${sid}`)) as LedgerEntry[];
    const [ended] = entries;
    if (ended) return ended.at;
    if (signal.aborted) throw new Error(`leg ${sid} is still up`);
    await systemTimers.sleep(100, signal);
  }
}

async function control(house: FaultHouse, method: 'GET' | 'POST' | 'DELETE', where: string, body?: unknown): Promise<unknown> {
  const response = await fetch(house.simulatorUrl + where, {
    method,
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${where} was answered ${response.status}`);
  return response.status === 204 ? null : response.json().catch(() => null);
}
