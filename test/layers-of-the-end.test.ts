import { readFileSync } from 'node:fs';
import { statusCallbackPath, type CallId } from '@onhook/contracts';
import type { Program } from '@onhook/onhook';
import { systemTimers } from '@onhook/service';
import type { LedgerEntry } from '@onhook/simulator';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from './house.js';

/** A media lease lasts this long here, so that nobody has to wait for it. */
const LEASE_MS = 3_000;

let house: TestHouse;
let numbers = 0;
const taken = new Set<number>();
const gateways: Program[] = [];

beforeAll(async () => {
  house = await openTestHouse({ env: { OWNER_LEASE_MS: String(LEASE_MS) } });
  // Every test has its own.
  await house.program('gateway').stop();
});
afterAll(() => house.close());
afterEach(async () => {
  await house.clearFaults();
  await Promise.all(gateways.splice(0).map((program) => program.stop(2_000)));
});

async function openGateway(env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const port = await freePort({ taken });
  const mediaUrl = `ws://127.0.0.1:${port}/carrier/twilio/media`;
  const program = await house.startAnother('gateway', { PORT: String(port), MEDIA_PUBLIC_URL: mediaUrl, ...env });
  gateways.push(program);
  // A dialer looks at the directory anew after 250 ms.
  await systemTimers.sleep(300);
  return program;
}

const nextNumber = (): string => `+1415555${String(7_000 + ++numbers)}`;
const end = (id: string): Promise<Response> => house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
const endedEntry = (sid: string, withinMs: number): Promise<LedgerEntry> =>
  house.simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callSid === sid, withinMs);

async function bridged(agentId: string): Promise<{ id: string; sid: string }> {
  const { id } = await house.placeCall({ to: nextNumber(), agentId });
  const { attempts } = await house.until(id, ['bridged'], 20_000);
  return { id, sid: attempts[0]!.carrierCallId! };
}

/** What runs while this process is frozen; it thaws whatever happens. */
async function frozen<T>({ pid }: Program, run: () => Promise<T>): Promise<T> {
  process.kill(pid, 'SIGSTOP');
  try {
    return await run();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

describe('each layer ends a call:', () => {
  it(
    'the gateway, by the answer to its lease renewal or by its fuse, while no hangup worker does anything',
    {
      timeout: 90_000,
    },
    async () => {
      await openGateway();
      const { id, sid } = await bridged('short');
      const ended = await frozen(house.program('hangup'), async () => {
        const entry = await endedEntry(sid, 40_000);
        await expect.poll(async () => (await house.readCall(id)).state, { timeout: 5_000 }).toBe('settling');
        return entry;
      });
      expect(ended['by']).toBe('twiml-hangup');
      const call = await house.until(id, ['ended'], 20_000);
      expect(call).toMatchObject({ cause: 'agent-ended-call', endedParty: 'agent', goodbye: 'played' });
    },
  );

  it('the fall-through, when the gateway process is killed', { timeout: 60_000 }, async () => {
    const gateway = await openGateway();
    const { id, sid } = await bridged('never-ends');
    const killedAt = Date.now();
    gateway.kill();
    const ended = await endedEntry(sid, 10_000);
    expect([ended['by'], ended.at - killedAt < 3_000]).toEqual(['twiml-hangup', true]);
    // A gateway that lives would have said how its stream closed: it is waited for.
    expect(await house.until(id, ['ended'], 20_000)).toMatchObject({
      disposition: 'completed',
      cause: 'gateway-lost',
      endedBy: 'fall-through',
      endedParty: 'platform',
    });
  });

  it('the watchdog, when the gateway process is frozen and its lease runs out', { timeout: 60_000 }, async () => {
    const gateway = await openGateway();
    const { id, sid } = await bridged('never-ends');
    const frozenAt = Date.now();
    const ended = await frozen(gateway, async () => {
      const entry = await endedEntry(sid, 15_000);
      expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ cause: 'gateway-lost', endedBy: 'watchdog' });
      return entry;
    });
    expect([ended['by'], ended.at - frozenAt < 10_000]).toEqual(['rest', true]);
  });

  it(
    'the close order or, if that is lost, the answer to the lease renewal, while the carrier API is away',
    {
      timeout: 60_000,
    },
    async () => {
      const admin = new Redis(house.redis.url);
      try {
        // This gateway may not read its orders.
        await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>deaf-to-orders', '~*', '&*', '+@all', '-xread');
        const gateway = await openGateway({ REDIS_URL: `redis://deaf:deaf-to-orders@127.0.0.1:${house.redis.port}` });
        const { id, sid } = await bridged('never-ends');
        await house.setFault({ kind: 'update-5xx', count: 50 });
        const askedAt = Date.now();
        await end(id);
        const ended = await endedEntry(sid, 15_000);
        expect([ended['by'], ended.at - askedAt < 5_000]).toEqual(['twiml-hangup', true]);
        expect(readFileSync(gateway.logFile, 'utf8')).toContain('lease was taken away');
        expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ cause: 'operator-ended-call', endedParty: 'operator' });
      } finally {
        admin.disconnect();
      }
    },
  );
});

describe('no layer ends a call that is well:', () => {
  it('after an outage of Redis that was longer than a lease', { timeout: 60_000 }, async () => {
    await openGateway();
    const { id, sid } = await bridged('never-ends');
    house.redis.pause();
    await systemTimers.sleep(LEASE_MS + 2_000);
    house.redis.resume();
    await expect.poll(async () => (await fetch(`${house.apiUrl}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    // Long enough for a watchdog that judged at once, or after one lease.
    await systemTimers.sleep(LEASE_MS + 1_500);
    expect(house.simulator.entries({ call: sid, kind: 'carrier-ended' })).toEqual([]);
    expect((await house.readCall(id)).state).toBe('bridged');
    await end(id);
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({ cause: 'operator-ended-call', endedBy: 'hangup-worker' });
  });
});

describe('a second leg', () => {
  it('of an attempt that has one is hung up, and the first goes on', { timeout: 60_000 }, async () => {
    await openGateway();
    const { id, sid } = await bridged('never-ends');
    const { simulator } = house;
    // Somebody with our credentials places a call whose callbacks name this attempt.
    const answer = await fetch(`${simulator.url}/2010-04-01/Accounts/${simulator.accountSid}/Calls.json`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${simulator.accountSid}:${simulator.authToken}`).toString('base64')}`,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams([
        ['To', nextNumber()],
        ['From', '+15005550006'],
        ['Twiml', '<Response><Pause length="40"/></Response>'],
        ['StatusCallback', house.apiUrl + statusCallbackPath(id as CallId, 1)],
        ['StatusCallbackEvent', 'initiated'],
        ['StatusCallbackEvent', 'answered'],
      ]),
    });
    const second = ((await answer.json()) as { sid: string }).sid;
    expect((await endedEntry(second, 15_000))['by']).toBe('rest');
    const call = await house.readCall(id);
    expect([call.state, call.attempts.map((attempt) => attempt.carrierCallId)]).toEqual(['bridged', [sid]]);
    await end(id);
    await house.until(id, ['ended'], 10_000);
  });
});
