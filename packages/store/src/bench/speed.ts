import type { Clock } from '@onhook/service';
import { nextNumber, request, RUNNING } from '../conformance/admission-request.js';
import type { Admission, AdmissionRequest } from '../ports/admission.js';
import type { AdmissionControl } from '../ports/admission-control.js';

export interface SpeedDeps {
  readonly connections: readonly Pick<Admission, 'ask' | 'release'>[];
  readonly control: AdmissionControl;
  readonly account: string;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** What Redis has used of its core so far. */
  readonly redisCpuMs: () => Promise<number>;
  readonly slices: number;
  readonly decisionsPerSlice: number;
}

export interface Slice {
  /** Decisions a second. */
  readonly perSecond: number;
  /** For each second that Redis had a core: on a shared machine it does not get all of one. */
  readonly perCoreSecond: number;
  /** The same with the release that follows every grant. */
  readonly perCoreSecondWithRelease: number;
}

/** Every rule that there is, none of which ever binds. */
const LIMITS = {
  maxConcurrent: 50_000,
  maxConcurrentPerFrom: 50_000,
  callsPerSecond: 10_000,
  callsPerSecondPerFrom: 10_000,
  attemptsPerNumberPerDay: 3,
  countries: ['US', 'CA'],
  numberTypes: ['mobile'],
  minutesPerDay: 100_000_000,
  microsPerDay: 1_000_000_000_000,
  microsPerMinute: { US: 14_000, '*': 500_000 },
} as const;

/** Grants under all limits at once, and then the release of each. */
export async function measureSpeed(deps: SpeedDeps): Promise<Slice[]> {
  const { control, account } = deps;
  await control.setLimits(account, LIMITS);
  const running = { ...RUNNING, maxConcurrent: 50_000, callsPerSecond: 10_000, minutes: 100_000_000, micros: 1_000_000_000_000 };
  await control.setCampaign(account, 'spring', running);
  const slices: Slice[] = [];
  for (let i = 0; i < deps.slices; i++) slices.push(await oneSlice(deps));
  return slices;
}

async function oneSlice({ connections, account, clock, redisCpuMs, decisionsPerSlice }: SpeedDeps): Promise<Slice> {
  const waiting = Array.from({ length: decisionsPerSlice }, () => newRequest(account));
  const asked = [...waiting];
  const deciding = await timed(connections, async (admission) => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await admission.ask(next);
  });
  const releasing = await timed(connections, async (admission) => {
    for (let next = asked.pop(); next; next = asked.pop()) await admission.release(account, next.callId, 1, 1);
  });
  return {
    perSecond: Math.round((decisionsPerSlice / deciding.tookMs) * 1_000),
    perCoreSecond: Math.round((decisionsPerSlice / deciding.cpuMs) * 1_000),
    perCoreSecondWithRelease: Math.round((decisionsPerSlice / (deciding.cpuMs + releasing.cpuMs)) * 1_000),
  };

  async function timed(
    all: SpeedDeps['connections'],
    work: (admission: SpeedDeps['connections'][number]) => Promise<void>,
  ): Promise<{ tookMs: number; cpuMs: number }> {
    const cpuBefore = await redisCpuMs();
    const startedAt = clock.monotonicMs();
    await Promise.all(all.map(work));
    const tookMs = clock.monotonicMs() - startedAt;
    return { tookMs, cpuMs: Math.max((await redisCpuMs()) - cpuBefore, 1) };
  }
}

function newRequest(account: string): AdmissionRequest {
  const window = { opensAt: 0, closesAt: Number.MAX_SAFE_INTEGER };
  return request(account, { to: nextNumber(), leaseMs: 600_000, campaign: { id: 'spring', revision: 1 }, window });
}
