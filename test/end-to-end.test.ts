import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '@onhook/simulator';
import { countOpenSockets } from '../apps/onhook/src/demo/kernel-sockets.js';
import { openTestHouse, type TestHouse } from './house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house.close());

const ledgerOf = (sid: string | null | undefined, kind: string): LedgerEntry[] =>
  house.simulator.entries({ call: sid ?? 'none', kind });

describe('a call through every process', () => {
  it('speaks, says goodbye, is heard to the end, and ends', { timeout: 90_000 }, async () => {
    const placed = await house.placeCall({ to: '+14155550301', agentId: 'short' });
    expect(placed).toMatchObject({ status: 'queued', disposition: null });
    const call = await house.until(placed.id, ['ended']);
    const sid = call.attempts[0]?.carrierCallId;
    expect(call).toMatchObject({
      status: 'ended',
      disposition: 'completed',
      cause: 'agent-ended-call',
      endedBy: 'hangup-worker',
      endedParty: 'agent',
      goodbye: 'played',
    });
    const [farewell] = house.simulator
      .entries({ kind: 'agent-spoke' })
      .filter((entry) => entry.callId === placed.id && entry['farewell'] === true);
    const heard = ledgerOf(sid, 'line-heard').find((entry) => entry['text'] === farewell?.['text']);
    expect(heard).toMatchObject({ fromMs: 0, toMs: heard?.['ofMs'] });
    // Carrier and gateway are told side by side: the request, or the <Hangup/> behind the closed stream, whichever is first.
    const [ended] = ledgerOf(sid, 'carrier-ended');
    expect(ended).toMatchObject({ status: 'completed' });
    expect(['rest', 'twiml-hangup']).toContain(ended?.['by']);
    expect(house.simulator.entries({ kind: 'agent-session-closed' }).some((entry) => entry.callId === placed.id)).toBe(true);
  });

  it.each([
    ['is busy', '+14155550103', { disposition: 'busy', cause: 'busy', endedBy: 'carrier', endedParty: 'carrier' }],
    ['declines', '+14155550105', { disposition: 'no-answer', endedBy: 'carrier' }],
    ['cannot be connected', '+14155550106', { disposition: 'failed', endedBy: 'carrier' }],
  ])("whose callee %s ends with the carrier's word", async (_, to, end) => {
    const { id } = await house.placeCall({ to, agentId: 'never-ends' });
    expect(await house.until(id, ['ended'], 20_000)).toMatchObject(end);
  });

  it('whose callee hangs up ends as that, and the agent session with it', async () => {
    const { id } = await house.placeCall({ to: '+14155550109', agentId: 'never-ends' });
    const call = await house.until(id, ['ended'], 20_000);
    expect(call).toMatchObject({ disposition: 'completed', cause: 'callee-hung-up', endedBy: 'carrier', endedParty: 'callee' });
    await expect
      .poll(() => house.simulator.entries({ kind: 'agent-session-closed' }).some((entry) => entry.callId === id), {
        timeout: 5_000,
      })
      .toBe(true);
  });

  it('can be ended by an operator while it rings', async () => {
    const { id } = await house.placeCall({ to: '+14155550104', agentId: 'never-ends' });
    const ringing = await house.until(id, ['ringing'], 20_000);
    expect((await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' })).status).toBe(202);
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({ cause: 'operator-ended-call', endedParty: 'operator' });
    expect(ledgerOf(ringing.attempts[0]?.carrierCallId, 'carrier-ended')).toMatchObject([{ by: 'rest' }]);
  });

  it('can be ended by an operator in mid-conversation, within 3 s as the carrier sees it', async () => {
    const { id } = await house.placeCall({ to: '+14155550302', agentId: 'never-ends' });
    const call = await house.until(id, ['bridged'], 20_000);
    const askedAt = Date.now();
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    const ended = await house.simulator.whenEntry(
      (entry) => entry.kind === 'carrier-ended' && entry.callSid === call.attempts[0]?.carrierCallId,
    );
    expect(ended.at - askedAt).toBeLessThan(3_000);
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({ cause: 'operator-ended-call', endedBy: 'hangup-worker' });
  });

  it('canceled before it is dialed never rings', async () => {
    const { id } = await house.placeCall({
      to: '+14155550303',
      agentId: 'never-ends',
      schedule: { earliestAt: new Date(Date.now() + 60_000).toISOString() },
    });
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({ disposition: 'canceled', cause: 'canceled', attempts: [] });
    expect(house.simulator.entries({ kind: 'rang' }).some((entry) => entry['to'] === '+14155550303')).toBe(false);
  });

  it('that is asked for twice with one idempotency key rings once', async () => {
    const body = JSON.stringify({ to: '+14155550304', agentId: 'never-ends' });
    const send = () => house.api('/v1/calls', { method: 'POST', body, headers: { 'Idempotency-Key': 'order-8841' } });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.headers.get('Idempotency-Replayed')]).toEqual([201, 'true']);
    const { id } = (await first.json()) as { id: string };
    await house.until(id, ['bridged', 'ended'], 20_000);
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    await house.until(id, ['ended'], 20_000);
    expect(house.simulator.entries({ kind: 'rang' }).filter((entry) => entry['to'] === '+14155550304')).toHaveLength(1);
  });

  it('whose create was carried out and whose answer was lost is found by its callback, and rings once', async () => {
    await house.setFault({ kind: 'create-drop-after', count: 1 });
    const { id } = await house.placeCall({ to: '+14155550305', agentId: 'never-ends' });
    await house.until(id, ['bridged'], 20_000);
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    const call = await house.until(id, ['ended'], 20_000);
    expect(call.attempts).toHaveLength(1);
    expect(house.simulator.entries({ kind: 'rang' }).filter((entry) => entry['to'] === '+14155550305')).toHaveLength(1);
  });
});

describe('a call whose Redis stops to answer in mid-conversation', () => {
  it('goes on, and is ended by the gateway alone within 10 s of its last sound', { timeout: 60_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155550306', agentId: 'short' });
    const { attempts } = await house.until(id, ['bridged'], 20_000);
    const sid = attempts[0]?.carrierCallId;
    house.redis.pause();
    let ended: LedgerEntry;
    try {
      ended = await house.simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callSid === sid, 25_000);
    } finally {
      house.redis.resume();
    }
    const toolCalled = house.simulator.entries({ kind: 'agent-tool-call' }).find((entry) => entry.callId === id);
    const lastHeard = Number(ledgerOf(sid, 'line-heard').at(-1)?.['lastPlayedMono']);
    expect(ended.mono - Math.max(lastHeard, toolCalled?.mono ?? Number.NaN)).toBeLessThan(10_000);
    await expect.poll(async () => (await fetch(`${house.apiUrl}/readyz`)).status, { timeout: 10_000 }).toBe(200);
    // Whose word comes first after the outage, the carrier's or the gateway's, does not matter.
    const call = await house.until(id, ['ended'], 25_000);
    expect(call).toMatchObject({
      disposition: 'completed',
      cause: 'agent-ended-call',
      endedBy: 'gateway-direct',
      endedParty: 'agent',
      goodbye: 'played',
    });
    expect(call.timeline).toContainEqual(
      expect.objectContaining({
        event: 'media-closed',
        detail: expect.objectContaining({ cause: 'agent-ended-call', direct: true }),
      }),
    );
  });
});

describe('what a call leaves behind', () => {
  it('is nothing in the outbox, which the api empties whether anybody wants the news or not', async () => {
    const redis = new Redis(house.redis.url);
    try {
      const keys = await redis.keys('*');
      expect(keys.length).toBeGreaterThan(0);
      const outboxes = keys.filter((key) => key.endsWith(':outbox'));
      expect(outboxes.length).toBeGreaterThan(0);
      const waiting = async () => (await Promise.all(outboxes.map((key) => redis.xlen(key)))).filter((length) => length > 0);
      await expect.poll(waiting, { timeout: 5_000 }).toEqual([]);
    } finally {
      redis.disconnect();
    }
  });

  it('carries no phone number, secret or spoken word in any log', () => {
    const logs = (['api', 'gateway', 'dialer', 'hangup'] as const)
      .map((name) => readFileSync(house.program(name).logFile, 'utf8'))
      .join('\n');
    expect(logs).not.toMatch(/\+1415555\d{4}/);
    expect(logs).not.toContain(house.apiKey);
    expect(logs).not.toContain(house.simulator.authToken);
    expect(logs.toLowerCase()).not.toContain('goodbye, and have a lovely day');
    expect(logs).not.toContain('Lakeside');
  });

  it('is no open socket at the gateway or at the agent', async () => {
    await expect.poll(() => countOpenSockets([house.ports.gateway, house.ports.agent]), { timeout: 10_000 }).toBe(0);
  });
});
