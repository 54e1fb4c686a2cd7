import { newGatewayId } from '@onhook/contracts';
import { silentLogger, systemChance } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import type { GatewayEntry } from '@onhook/store';
import { describe, expect, it } from 'vitest';
import { startDirectoryBeat } from './directory-beat.js';
import { createOverload } from './overload.js';

const LIMITS = { maxUtilisation: 0.8, maxLagMs: 100 };
const load = (utilisation: number, lagMs = 0): { utilisation: number; lagMs: number } => ({ utilisation, lagMs });

describe('overload', () => {
  it('begins at the second look above a limit, and is over clearly below it', () => {
    const overload = createOverload(LIMITS);
    const seen = [0.5, 0.85, 0.85, 0.79, 0.7, 0.65, 0.79].map((utilisation) => overload.look(load(utilisation)));
    expect(seen).toEqual([false, false, true, true, true, false, false]);
  });

  it('is no single pause of the loop, but it is a loop that is always late', () => {
    const overload = createOverload(LIMITS);
    expect([400, 5, 400, 5].map((lagMs) => overload.look(load(0.2, lagMs)))).toEqual([false, false, false, false]);
    expect([150, 150, 90, 10].map((lagMs) => overload.look(load(0.2, lagMs)))).toEqual([false, true, true, false]);
  });
});

describe('a gateway at its limit', () => {
  it('shows no free seat, keeps its calls, and shows them again when it is at ease', async () => {
    const time = createVirtualTime();
    const entries: GatewayEntry[] = [];
    let isOverloaded = false;
    const beat = await startDirectoryBeat({
      gatewayId: newGatewayId(systemChance.uuidv7()),
      directory: { beat: async (entry) => void entries.push(entry), leave: async () => {} },
      mediaUrl: 'wss://media.example.com/x',
      seats: 100,
      live: () => 40,
      draining: () => false,
      isOverloaded: () => isOverloaded,
      timers: time,
      logger: silentLogger,
    });
    isOverloaded = true;
    await time.advance(2_000);
    isOverloaded = false;
    await time.advance(2_000);
    await beat.stop();
    expect(entries.map(({ live, seats, draining }) => [live, seats, draining])).toEqual([
      [40, 100, false],
      [40, 40, false],
      [40, 100, false],
    ]);
  });
});
