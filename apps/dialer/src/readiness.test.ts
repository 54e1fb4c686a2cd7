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

function begin(list: () => Promise<GatewayEntry[]>, hangupWorkers = 1) {
  const time = createVirtualTime();
  let looks = 0;
  const readiness = createReadiness({
    directory: { list: () => (looks++, list()) },
    beats: { alive: async () => hangupWorkers },
    clock: time,
  });
  return { time, readiness, looks: () => looks };
}

describe('what a dial needs', () => {
  it('is a gateway that neither drains nor is without seats', async () => {
    const open = gateway('a', { live: 10 });
    const { readiness } = begin(async () => [gateway('b', { draining: true }), open, gateway('c', { seats: 0 })]);
    expect(await readiness()).toEqual({ ok: true, gateways: [open] });
    const none = begin(async () => [gateway('b', { draining: true })]);
    expect(await none.readiness()).toEqual({ ok: false, reason: 'no-gateway' });
  });

  it('is a hangup worker', async () => {
    expect(await begin(async () => [gateway('a')], 0).readiness()).toEqual({ ok: false, reason: 'no-hangup-worker' });
  });

  it('is looked at four times a second, however many dials there are, and at once after a look that failed', async () => {
    const { readiness, looks, time } = begin(async () => [gateway('a')]);
    await Promise.all(Array.from({ length: 8 }, readiness));
    expect(looks()).toBe(1);
    await time.advance(251);
    await readiness();
    expect(looks()).toBe(2);
    let fails = 1;
    const shaky = begin(async () => (fails-- > 0 ? Promise.reject(new Error('away')) : [gateway('a')]));
    await expect(shaky.readiness()).rejects.toThrow('away');
    expect(await shaky.readiness()).toMatchObject({ ok: true });
  });
});
