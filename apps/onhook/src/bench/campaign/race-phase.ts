import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock, systemTimers } from '@onhook/service';
import type { LedgerEntry } from '../../demo/ledger-tail.js';
import type { FaultHouse } from '../fault-house.js';
import { callApi, type BenchCampaign } from './api.js';
import { mostInSlidingSpan, mostAtATime } from './sliding.js';

export interface RaceFigures {
  readonly pauseMs: number;
  /** Grants of admission in any half-open second, by their turns. */
  readonly cpsMaxSliding: number;
  /** Creates that reached the carrier in any sliding five seconds, by five. */
  readonly cpsMaxSlidingAtCarrier: number;
  readonly cpsAchieved: number;
  readonly maxConcurrent: number;
  readonly maxConcurrentLimit: number;
  readonly dialled: number;
  readonly dialledTwice: number;
  readonly notDialled: number;
  readonly balanced: boolean;
}

interface ContactLine {
  readonly to: string;
  readonly reason: string | null;
}

const WITHIN_MS = 240_000;
const MAX_CONCURRENT = 200;
export const RACE_CALLS_PER_SECOND = 50;

/** A campaign at full pace with two dialers, of which one dies in the middle; near the end it is paused and goes on. */
export async function racePhase(
  house: FaultHouse,
  { contacts, dir, print }: { contacts: number; dir: string; print: (line: string) => void },
): Promise<RaceFigures> {
  const numbers = Array.from({ length: contacts }, (_, i) => `+1628${5_552_000 + i}`);
  const { id } = await callApi<BenchCampaign>(house, 'POST', '/v1/campaigns', {
    name: 'race',
    agentId: 'demo',
    maxConcurrency: MAX_CONCURRENT,
    schedule: { windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '24:00' }] },
  });
  for (let at = 0; at < numbers.length; at += 1_000) {
    const some = numbers.slice(at, at + 1_000).map((to) => ({ to }));
    await callApi(house, 'POST', `/v1/campaigns/${id}/contacts`, some);
  }
  await callApi(house, 'POST', `/v1/campaigns/${id}/start`, {});
  const beganAt = systemClock.now();
  const expectedMs = (contacts / RACE_CALLS_PER_SECOND) * 1_000;

  await systemTimers.sleep(expectedMs / 2);
  const victim = house.programs('dialer')[0]!;
  process.kill(victim.pid, 'SIGKILL');
  print(`  dialer ${victim.pid} was killed after ${Math.round(expectedMs / 2_000)} s`);
  await systemTimers.sleep(expectedMs * 0.42);
  await callApi(house, 'POST', `/v1/campaigns/${id}/pause`, {});
  const pausedAt = systemClock.now();
  await systemTimers.sleep(3_000);
  const before = await creates(house, beganAt);
  await callApi(house, 'POST', `/v1/campaigns/${id}/resume`, {});
  print(`  paused after ${before.length} creates`);

  let campaign: BenchCampaign;
  do {
    if (systemClock.now() - beganAt > WITHIN_MS) throw new Error(`the campaign is still ${JSON.stringify(campaign!)}`);
    await systemTimers.sleep(500);
    campaign = await callApi<BenchCampaign>(house, 'GET', `/v1/campaigns/${id}`);
  } while (campaign.status !== 'completed');

  const all = await creates(house, beganAt);
  const byNumber = new Map<string, number>();
  for (const { to } of all) byNumber.set(String(to), (byNumber.get(String(to)) ?? 0) + 1);
  const results = await resultsOf(house, id);
  const lost = new Set(results.filter(({ reason }) => reason === 'submission-lost').map(({ to }) => to));
  const first = before[0]?.at ?? beganAt;
  return {
    pauseMs: Math.max(0, Math.max(...before.map(({ at }) => at)) - pausedAt),
    cpsMaxSliding: mostInSlidingSpan(turnsOf(dir), 1_000_000),
    cpsMaxSlidingAtCarrier:
      mostInSlidingSpan(
        all.map(({ mono }) => mono),
        5_000,
      ) / 5,
    cpsAchieved: Math.round((before.length / ((pausedAt - first) / 1_000)) * 10) / 10,
    maxConcurrent: mostAtATime(await legs(house, beganAt)),
    maxConcurrentLimit: MAX_CONCURRENT,
    dialled: all.length,
    dialledTwice: [...byNumber.values()].filter((count) => count > 1).length,
    notDialled: numbers.filter((to) => !byNumber.has(to) && !lost.has(to)).length,
    balanced: campaign.ledger.balanced,
  };
}

async function ledger(house: FaultHouse, kind: string, since: number): Promise<LedgerEntry[]> {
  const response = await fetch(`${house.simulatorUrl}/simulator/ledger?kind=${kind}`, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`the ledger was answered ${response.status}`);
  return ((await response.json()) as LedgerEntry[]).filter(({ at }) => at >= since);
}

async function creates(house: FaultHouse, since: number): Promise<LedgerEntry[]> {
  return (await ledger(house, 'create-request', since)).filter(({ outcome }) => outcome === 'accepted');
}

/** From the create to the carrier's end. */
async function legs(house: FaultHouse, since: number): Promise<{ from: number; to: number }[]> {
  const ended = new Map((await ledger(house, 'carrier-ended', since)).map(({ callSid, mono }) => [callSid, mono]));
  return (await creates(house, since)).map(({ callSid, mono }) => ({
    from: mono,
    to: ended.get(callSid) ?? Number.POSITIVE_INFINITY,
  }));
}

async function resultsOf(house: FaultHouse, id: string): Promise<ContactLine[]> {
  const response = await fetch(`${house.apiUrl}/v1/campaigns/${id}/contacts`, {
    headers: { Authorization: `Bearer ${house.apiKey}`, Accept: 'application/x-ndjson' },
    signal: AbortSignal.timeout(60_000),
  });
  return (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ContactLine);
}

/** The moments of admission's turns (Redis microseconds), as the dialers logged them. */
function turnsOf(dir: string): number[] {
  const logs = path.join(dir, 'logs');
  return readdirSync(logs)
    .filter((name) => name.startsWith('dialer'))
    .flatMap((name) => readFileSync(path.join(logs, name), 'utf8').split('\n'))
    .flatMap((line) => {
      const turn = /"turnUs":(\d+)/.exec(line)?.[1];
      return turn === undefined ? [] : [Number(turn)];
    });
}
