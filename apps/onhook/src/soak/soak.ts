import { systemChance, systemClock, systemTimers } from '@onhook/service';
import { createApiClient } from '../demo/api-client.js';
import type { DemoOptions, DemoOutcome, House } from '../house.js';
import { judgeSoak } from './judge-soak.js';
import { readGateway, takeSample, type Sample } from './samples.js';

interface SoakOptions {
  readonly calls: number;
  readonly atOnce: number;
}

/** Many short calls through the whole house, looked at between rounds: what grows with every call that is over? */
export function runSoak({ calls, atOnce }: SoakOptions) {
  return async (house: House, { print, signal }: DemoOptions): Promise<DemoOutcome> => {
    const beganAt = systemClock.monotonicMs();
    const elapsedSec = (): number => Math.round((systemClock.monotonicMs() - beganAt) / 1_000);
    await setScene(house);
    const endings: Record<string, number> = {};
    const samples: Sample[] = [];
    // The first round opens what stays open: connections, compiled code, caches.
    for (const until of roundsOf(calls)) {
      await round(house, { from: samples.at(-1)?.calls ?? 0, until, atOnce, endings, signal });
      await quiet(house, signal);
      const sample = await takeSample(house, until, elapsedSec());
      samples.push(sample);
      print(
        `  ${until}/${calls} calls in ${sample.atSec} s; the gateway weighs ${sample.rssMb['gateway']} MB, its heap ${sample.gateway.heapMb}`,
      );
    }
    const verdict = judgeSoak(samples, endings);
    const report = {
      passed: verdict.failed.length === 0,
      calls,
      atOnce,
      tookSec: elapsedSec(),
      node: process.version,
      ...verdict,
    };
    print(JSON.stringify(report, null, 2));
    return { passed: report.passed, report: { ...report, samples } };
  };
}

const ROUNDS = 10;
const POLL_EVERY_MS = 500;
const CALL_WITHIN_MS = 120_000;
const QUIET_WITHIN_MS = 60_000;
/** Sockets that were closed last, timers of calls that are over, keys that are removed a moment later. */
const SETTLE_MS = 3_000;

function roundsOf(calls: number): number[] {
  const rounds = Math.min(ROUNDS, Math.max(2, Math.floor(calls / 20)));
  return Array.from({ length: rounds }, (_, i) => Math.round((calls * (i + 1)) / rounds));
}

/** Three callees of four hang up while they are spoken to, the fourth answers and hears goodbye: short calls, and every way out. */
async function setScene(house: House): Promise<void> {
  const soon = { queuedMs: 0, postDialMs: 0, answerAfterMs: { fromMs: 20, toMs: 200 } };
  await tell(house, '/simulator/agent-scripts', {
    name: 'soak',
    greeting: 'Hello.',
    steps: { any: [{ next: 'end' }] },
    farewell: 'Goodbye.',
    thinkMs: 20,
  });
  await tell(house, '/simulator/agent-scripts', { default: 'soak' });
  await tell(house, '/simulator/scenarios', {
    to: '+1415555????',
    oneOf: [
      { weight: 3, persona: 'silent', ...soon, steps: [{ wait: { fromMs: 300, toMs: 1_200 } }, { hangUp: true }] },
      { weight: 1, persona: 'chats', ...soon, replies: Array.from({ length: 5 }, () => 'Yes, that is me.') },
    ],
  });
}

async function tell(house: House, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${house.simulatorUrl}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
}

interface RoundOptions {
  readonly from: number;
  readonly until: number;
  readonly atOnce: number;
  /** How the calls ended, by cause: counted here. */
  readonly endings: Record<string, number>;
  readonly signal: AbortSignal;
}

async function round(house: House, { from, until, atOnce, endings, signal }: RoundOptions): Promise<void> {
  const api = createApiClient(house.apiUrl, house.apiKey, signal);
  let next = from;
  async function oneCall(i: number): Promise<void> {
    const to = `+1415555${String(i % 10_000).padStart(4, '0')}`;
    const { id } = await api.placeCall({ to, agentId: 'soak' }, `soak-${systemChance.uuid()}`);
    const giveUp = AbortSignal.any([signal, AbortSignal.timeout(CALL_WITHIN_MS)]);
    let call = await api.readCall(id);
    while (call.state !== 'ended') {
      if (giveUp.aborted) throw new Error(`call ${i} is still ${call.state}`);
      await systemTimers.sleep(POLL_EVERY_MS, giveUp);
      call = await api.readCall(id);
    }
    const ending = call.cause ?? 'none';
    endings[ending] = (endings[ending] ?? 0) + 1;
  }
  await Promise.all(
    Array.from({ length: Math.min(atOnce, until - from) }, async () => {
      while (next < until) await oneCall(next++);
    }),
  );
}

/** Every call has left the gateway, and what closes a moment later is closed. */
async function quiet(house: House, signal: AbortSignal): Promise<void> {
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(QUIET_WITHIN_MS)]);
  while ((await readGateway(house)).live > 0) {
    if (giveUp.aborted) throw new Error('the gateway still has calls that are over');
    await systemTimers.sleep(POLL_EVERY_MS, giveUp);
  }
  await systemTimers.sleep(SETTLE_MS, signal);
}
