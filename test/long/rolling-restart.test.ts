import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView } from '@onhook/contracts';
import type { Program } from '@onhook/onhook';
import { systemTimers } from '@onhook/service';
import { freePort } from '../../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from '../house.js';

let house: TestHouse;
const taken = new Set<number>();
beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house.close());

const CALL_EVERY_MS = 700;
/** Longer than any of these conversations. */
const STOP_WITHIN_MS = 60_000;

async function openGateway(): Promise<Program & { readonly healthUrl: string }> {
  const port = await freePort({ taken });
  const program = await house.startAnother('gateway', {
    PORT: String(port),
    MEDIA_PUBLIC_URL: `ws://127.0.0.1:${port}/carrier/twilio/media`,
    STOP_WITHIN_MS: String(STOP_WITHIN_MS),
    DRAIN_ACCEPT_MS: '6000',
  });
  return Object.assign(program, { healthUrl: `http://127.0.0.1:${port}/healthz` });
}

/** As a client should: the same request under the same key until it is answered. */
async function insist(to: string, agentId: string): Promise<string> {
  for (const giveUpAt = Date.now() + 20_000; ;) {
    try {
      const answer = await house.api('/v1/calls', {
        method: 'POST',
        body: JSON.stringify({ to, agentId }),
        headers: { 'Idempotency-Key': to },
      });
      if (answer.ok) return ((await answer.json()) as CallView).id;
      expect(answer.status).toBe(503);
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    await systemTimers.sleep(100);
  }
}

/** One call after the other, each to a number of its own, until it is told to stop. */
function keepCalling(): { stop(): Promise<string[]> } {
  const placed: Promise<string>[] = [];
  const stopping = new AbortController();
  const done = (async () => {
    for (let i = 0; !stopping.signal.aborted; i++) {
      placed.push(insist(`+1415555${6_000 + i}`, 'short'));
      await systemTimers.sleep(CALL_EVERY_MS, stopping.signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await done;
      return Promise.all(placed);
    },
  };
}

async function stopped(program: Program): Promise<void> {
  await program.stop(STOP_WITHIN_MS);
  expect([program.name, await program.exited]).toEqual([program.name, { code: 0, signal: null }]);
}

describe('a rolling restart under live calls', () => {
  it('loses no call and cuts none, whichever process is replaced', { timeout: 180_000 }, async () => {
    const oldGateway = await openGateway();
    await house.program('gateway').stop();
    const calling = keepCalling();
    await expect.poll(async () => liveOn(oldGateway), { timeout: 30_000 }).toBeGreaterThan(1);

    await openGateway();
    const drained = stopped(oldGateway);
    await expect.poll(async () => (await health(oldGateway)).status).toBe('draining');
    // The dialers look at the directory anew within 250 ms.
    await systemTimers.sleep(300);
    const longOnes = await Promise.all(['+14155557001', '+14155557002'].map((to) => insist(to, 'never-ends')));
    await Promise.all(longOnes.map((id) => house.until(id, ['bridged'], 30_000)));

    await house.startAnother('hangup');
    await stopped(house.program('hangup'));
    await house.startAnother('dialer');
    await stopped(house.program('dialer'));
    // Its address is the carrier's too: for a moment nobody is there, and callbacks are lost.
    await stopped(house.program('api'));
    await systemTimers.sleep(CALL_EVERY_MS);
    await house.startAnother('api');
    await drained;
    await systemTimers.sleep(3 * CALL_EVERY_MS);

    const shortOnes = await calling.stop();
    expect(shortOnes.length).toBeGreaterThan(10);
    const ended = await Promise.all(shortOnes.map((id) => house.until(id, ['ended'], 60_000)));
    const asMeant = { cause: 'agent-ended-call', goodbye: 'played', disposition: 'completed' };
    expect(ended.map(({ cause, goodbye, disposition }) => ({ cause, goodbye, disposition }))).toEqual(ended.map(() => asMeant));

    for (const id of longOnes) {
      expect((await house.readCall(id)).state).toBe('bridged');
      expect((await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' })).status).toBe(202);
      ended.push(await house.until(id, ['ended'], 20_000));
    }
    // One leg each, and no other.
    const legs = house.simulator.entries({ kind: 'carrier-ended' }).map(({ callSid }) => callSid);
    expect(legs).toHaveLength(ended.length);
    expect(new Set(legs)).toEqual(new Set(ended.map(({ attempts }) => attempts[0]?.carrierCallId)));
    expect(ended.map(({ attempts }) => attempts.length)).toEqual(ended.map(() => 1));
  });
});

async function health(gateway: { healthUrl: string }): Promise<{ status: string; live: number }> {
  return (await (await fetch(gateway.healthUrl)).json()) as { status: string; live: number };
}

const liveOn = async (gateway: { healthUrl: string }): Promise<number> => (await health(gateway)).live;
