import { newGatewayId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import type { GatewayEntry } from '@onhook/store';
import { describe, expect, it } from 'vitest';
import { createReadiness } from './readiness.js';

function gateway(name: string, changes: Partial<GatewayEntry> = {}): GatewayEntry {
  const gatewayId = newGatewayId(systemChance.uuidv7());
  return { gatewayId, mediaUrl: `wss://${name}.example/media`, live: 0, seats: 10, draining: false, ...changes };
}

function begin(gateways: GatewayEntry[], hangupWorkers = 1) {
  const time = createVirtualTime();
  let looks = 0;
  const readiness = createReadiness({
    directory: { list: async () => (looks++, gateways) },
    beats: { alive: async () => hangupWorkers },
    clock: time,
  });
  async function dial(times: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let i = 0; i < times; i++) {
      const ready = await readiness();
      const where = ready.ok ? new URL(ready.takeSeat()).hostname.split('.')[0]! : ready.reason;
      counts[where] = (counts[where] ?? 0) + 1;
    }
    return counts;
  }
  return { time, readiness, dial, looks: () => looks };
}

describe('where the dialer sends streams', () => {
  it('a burst within the memory of one look is spread over the gateways', async () => {
    const { dial, looks } = begin([gateway('a'), gateway('b'), gateway('c')]);
    expect(await dial(15)).toEqual({ a: 5, b: 5, c: 5 });
    expect(looks()).toBe(1);
  });

  it('so is a burst of jobs that all looked before any of them dialed', async () => {
    const { readiness } = begin([gateway('a'), gateway('b')]);
    const ready = await Promise.all(Array.from({ length: 8 }, readiness));
    const urls = ready.map((one) => (one.ok ? one.takeSeat() : one.reason));
    expect(new Set(urls).size).toBe(2);
    expect(urls.filter((url) => url.includes('//a.'))).toHaveLength(4);
  });

  it('in shares of the seats, beginning with the emptiest', async () => {
    const { dial } = begin([gateway('big', { seats: 30, live: 15 }), gateway('small', { seats: 10 })]);
    expect(await dial(5)).toEqual({ small: 5 });
    expect(await dial(20)).toEqual({ big: 15, small: 5 });
  });

  it('never beyond the seats, though the directory does not know of the dials yet; later it does', async () => {
    const { dial, time } = begin([gateway('a', { live: 8 })]);
    expect(await dial(3)).toEqual({ a: 2, 'no-gateway-seat': 1 });
    await time.advance(5_001);
    expect(await dial(1)).toEqual({ a: 1 });
  });

  it('never to a gateway that drains or is full, nor without a hangup worker', async () => {
    const full = begin([gateway('a', { draining: true }), gateway('b', { live: 10 }), gateway('c', { seats: 0 })]);
    expect(await full.dial(1)).toEqual({ 'no-gateway-seat': 1 });
    expect(await begin([gateway('a')], 0).dial(1)).toEqual({ 'no-hangup-worker': 1 });
  });

  it('looking alone takes no seat', async () => {
    const { readiness, dial } = begin([gateway('a', { seats: 1 })]);
    for (let i = 0; i < 5; i++) expect(await readiness()).toMatchObject({ ok: true });
    expect(await dial(1)).toEqual({ a: 1 });
  });
});
