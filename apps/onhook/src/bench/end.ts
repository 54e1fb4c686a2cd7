import { systemChance, systemTimers } from '@onhook/service';
import { createApiClient } from '../demo/api-client.js';
import { judge, type Figures } from '../demo/judge.js';
import type { LedgerEntry } from '../demo/ledger-tail.js';
import type { DemoOptions, DemoOutcome, House } from '../house.js';
import { percentiles, type Percentiles } from './percentiles.js';

/** The bench as what an opened house is for. Passes when no call had anything wrong with it. */
export function runEndBench(calls: number, atOnce: number) {
  return async (house: House, { print, signal }: DemoOptions): Promise<DemoOutcome> => {
    const report = await benchEnd(house, { calls, atOnce, print, signal });
    print(JSON.stringify(report, null, 2));
    return { passed: Object.keys(report.faults).length === 0, report: { ...report } };
  };
}

interface EndBench {
  /** From the last millisecond of the farewell that the callee heard to the carrier's end of the call. */
  readonly endToCarrierEndedMs: Percentiles;
  readonly goodbyeCutMs: Percentiles;
  readonly calls: number;
  readonly atOnce: number;
  /** What was wrong with a call, and with how many. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Callees who chat; the simulator knows no other meaning of these numbers. */
const numberOf = (i: number): string => `+1415555${String(2_000 + i).padStart(4, '0')}`;
const POLL_EVERY_MS = 250;
const CALL_WITHIN_MS = 180_000;

/** Places calls through the whole house and reads from the simulator's ledger how each ended. */
async function benchEnd(
  house: House,
  { calls, atOnce, print, signal }: { calls: number; atOnce: number; print: (line: string) => void; signal: AbortSignal },
): Promise<EndBench> {
  const api = createApiClient(house.apiUrl, house.apiKey, signal);
  const figures: Figures[] = [];
  const faults: Record<string, number> = {};
  let next = 0;
  // The shortest conversation that still has a farewell: greeting, one answer, goodbye.
  await simulator(house, '/simulator/agent-scripts', { default: 'goodbye-at-once' });

  async function oneCall(i: number): Promise<void> {
    const { id } = await api.placeCall({ to: numberOf(i), agentId: 'demo' }, `bench-${systemChance.uuid()}`);
    const giveUp = AbortSignal.any([signal, AbortSignal.timeout(CALL_WITHIN_MS)]);
    let call = await api.readCall(id);
    while (call.state !== 'ended' || call.recording.status !== 'ready') {
      if (giveUp.aborted) throw new Error(`call ${i} is still ${call.state}`);
      await systemTimers.sleep(POLL_EVERY_MS, giveUp);
      call = await api.readCall(id);
    }
    const sid = call.attempts.at(-1)?.carrierCallId;
    const ledger = (await simulator(house, '/simulator/ledger')) as LedgerEntry[];
    const verdict = judge({
      call,
      ledger: ledger.filter((entry) => entry.callId === id || entry.callSid === sid),
      recordingFile: await api.readRecording(id),
      recordingPath: null,
      openSockets: null, // other calls are under way: whose they are the kernel does not know
      socketsMustBeCounted: false,
      setupMs: house.setupMs,
      callMs: call.durationMs ?? 0,
    });
    figures.push(verdict.figures);
    for (const fault of verdict.faults) faults[fault] = (faults[fault] ?? 0) + 1;
    print(`  ${figures.length}/${calls}: ended ${verdict.figures.endToCarrierEndedMs ?? '?'} ms after the last sound`);
  }

  await Promise.all(
    Array.from({ length: Math.min(atOnce, calls) }, async () => {
      while (next < calls) await oneCall(next++);
    }),
  );
  return {
    endToCarrierEndedMs: percentiles(figures.map((one) => one.endToCarrierEndedMs ?? Number.POSITIVE_INFINITY)),
    goodbyeCutMs: percentiles(figures.map((one) => one.goodbyeCutMs)),
    calls: figures.length,
    atOnce,
    faults,
  };
}

async function simulator(house: House, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${house.simulatorUrl}${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  return response.status === 204 ? null : response.json();
}
