import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RedisBinary } from '../../../setup/redis-binary.mjs';
import { openFaultHouse, type FaultHouse } from '../fault-house.js';
import { importPhase, type ImportFigures } from './import-phase.js';
import { RACE_CALLS_PER_SECOND, racePhase, type RaceFigures } from './race-phase.js';

export interface CampaignBench extends Partial<ImportFigures>, Partial<RaceFigures> {
  /** What one round of the feeder costs with all contacts, of what it costs with 1 000. */
  readonly tickRatio?: number;
  readonly passed: boolean;
}

/** The goals; a figure that was not measured is not judged. */
const GOALS: Readonly<Record<string, (value: number) => boolean>> = {
  importRatio: (value) => value <= 2,
  importRssMb: (value) => value <= 300,
  bytesPerContact: (value) => value <= 200,
  tickRatio: (value) => value <= 1.5,
  pauseMs: (value) => value <= 1_000,
  cpsMaxSliding: (value) => value <= RACE_CALLS_PER_SECOND,
  cpsMaxSlidingAtCarrier: (value) => value <= RACE_CALLS_PER_SECOND,
  cpsAchieved: (value) => value >= RACE_CALLS_PER_SECOND - 1,
  dialledTwice: (value) => value === 0,
  notDialled: (value) => value === 0,
};

/**
 * A campaign at size and at pace, through the real processes: `contacts` are imported and fed, `race` are called (0: left out) by two
 * dialers of which one is killed.
 */
export async function benchCampaign(input: {
  readonly contacts: number;
  readonly race: number;
  readonly root: string;
  readonly binary: RedisBinary;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}): Promise<CampaignBench> {
  const { contacts, race, print } = input;
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-bench-campaign-'));
  const env = {
    ...input.env,
    ALLOWED_COUNTRIES: '*',
    CALLS_PER_SECOND: String(RACE_CALLS_PER_SECOND),
    MAX_CONCURRENT_CALLS: '200',
    SEATS: '200',
  };
  const house = await openFaultHouse({ ...input, env, dir, counts: { dialer: 2, gateway: 1, hangup: 1 } });
  const figures: Record<string, number | boolean> = {};
  try {
    // Everybody is busy: what is measured is the dialing.
    const everybody = [{ to: '+1628555*', persona: 'busy' }];
    await fetch(`${house.simulatorUrl}/simulator/scenarios`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(everybody),
    });
    if (contacts > 0) {
      const { id, figures: imported } = await importPhase(house, { contacts, dir, print });
      Object.assign(figures, imported, { tickRatio: await tickRatio(house, input, id) });
    }
    if (race > 0) Object.assign(figures, await racePhase(house, { contacts: race, dir, print }));
  } finally {
    await house.close();
    rmSync(dir, { recursive: true, force: true });
  }
  const missed = Object.entries(GOALS).filter(([name, meets]) => typeof figures[name] === 'number' && !meets(figures[name]));
  for (const [name] of missed) print(`  ${name} missed its goal: ${String(figures[name])}`);
  return { ...figures, passed: missed.length === 0 && figures['balanced'] !== false };
}

/** In a process of its own: the store's side door is open to its own bench only. */
async function tickRatio(
  house: FaultHouse,
  { root, env }: { root: string; env: NodeJS.ProcessEnv },
  id: string,
): Promise<number> {
  const program = path.join(root, 'packages/store/dist/bench/campaign-tick/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, id], {
    env: { ...env, REDIS_URL: house.redisUrl, DATA_KEY: house.dataKey, ONHOOK_PREFIX: 'onhook' },
  });
  return Number((JSON.parse(stdout) as { tickRatio: number }).tickRatio);
}
