import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '@onhook/onhook';
import { systemTimers } from '@onhook/service';
import type { LedgerEntry } from '@onhook/simulator';
import { freePort } from '../../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from '../house.js';

interface Gateway {
  readonly program: Program;
  readonly port: number;
  live(): Promise<number>;
}

let house: TestHouse;
let numbers = 0;
const taken = new Set<number>();
/** Of the test that runs: none of them is left to the next. */
const gateways: Gateway[] = [];

beforeAll(async () => {
  house = await openTestHouse();
  // Every test has its own.
  await house.program('gateway').stop();
});
afterAll(() => house.close());
afterEach(async () => {
  await Promise.all(gateways.splice(0).map(({ program }) => program.stop(3_000)));
});

async function openGateway(env: NodeJS.ProcessEnv = {}): Promise<Gateway> {
  const port = await freePort({ taken });
  const program = await house.startAnother('gateway', {
    PORT: String(port),
    MEDIA_PUBLIC_URL: `ws://127.0.0.1:${port}/carrier/twilio/media`,
    ...env,
  });
  const gateway = {
    program,
    port,
    live: async () => ((await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()) as { live: number }).live,
  };
  gateways.push(gateway);
  return gateway;
}

/** A dialer looks at the directory anew after 250 ms. */
const directoryIsRead = (): Promise<void> => systemTimers.sleep(300);
const nextNumber = (): string => `+1415555${String(4_000 + ++numbers)}`;
const place = (agentId: string, to = nextNumber()): Promise<{ id: string }> => house.placeCall({ to, agentId });
const end = (id: string): Promise<Response> => house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
const ledger = (sid: string | null | undefined, kind: string): LedgerEntry[] =>
  house.simulator.entries({ call: sid ?? 'none', kind });

describe('three gateway processes', () => {
  it('share a burst of calls, and each ends its own', { timeout: 60_000 }, async () => {
    const three = await Promise.all([openGateway(), openGateway(), openGateway()]);
    await directoryIsRead();
    const calls = await Promise.all(Array.from({ length: 9 }, () => place('never-ends')));
    await Promise.all(calls.map(({ id }) => house.until(id, ['bridged'], 30_000)));
    expect(await Promise.all(three.map((gateway) => gateway.live()))).toEqual([3, 3, 3]);
    await Promise.all(calls.map(({ id }) => end(id)));
    const ended = await Promise.all(calls.map(({ id }) => house.until(id, ['ended'], 20_000)));
    expect(ended.map(({ cause, endedBy }) => `${cause} ${endedBy}`)).toEqual(
      calls.map(() => 'operator-ended-call hangup-worker'),
    );
    expect(await Promise.all(three.map((gateway) => gateway.live()))).toEqual([0, 0, 0]);
  });

  it('lose no call but those of the one that is killed, and those end within 3 s', { timeout: 60_000 }, async () => {
    const [killed, ...others] = await Promise.all([openGateway(), openGateway(), openGateway()]);
    await directoryIsRead();
    const calls = await Promise.all(Array.from({ length: 6 }, () => place('never-ends')));
    await Promise.all(calls.map(({ id }) => house.until(id, ['bridged'], 30_000)));
    const killedAt = Date.now();
    killed!.program.kill();
    const sids = new Map(
      (await Promise.all(calls.map(({ id }) => house.readCall(id)))).map((call) => [call.attempts[0]?.carrierCallId, call.id]),
    );
    const gone = (): [string, number][] =>
      [...sids].flatMap(([sid, id]) => ledger(sid, 'carrier-ended').map(({ at }): [string, number] => [id, at - killedAt]));
    await expect.poll(() => gone().length, { timeout: 5_000 }).toBe(2);
    expect(Math.max(...gone().map(([, ms]) => ms))).toBeLessThan(3_000);
    expect(await Promise.all(others.map((gateway) => gateway.live()))).toEqual([2, 2]);
    for (const [id] of gone()) expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ disposition: 'completed' });
    await Promise.all(calls.map(({ id }) => end(id)));
    await Promise.all(calls.map(({ id }) => house.until(id, ['ended'], 20_000)));
  });
});

describe('a gateway process that is told to stop', () => {
  it('gets no new call, takes the stream of one that rings, and lets it end as it wants to', { timeout: 60_000 }, async () => {
    const leaving = await openGateway({ STOP_WITHIN_MS: '60000', DRAIN_ACCEPT_MS: '6000' });
    const to = nextNumber();
    await house.setScenario({ to, persona: 'chats', answerAfterMs: 3_000 });
    await directoryIsRead();
    const ringing = await place('short', to);
    await house.until(ringing.id, ['ringing'], 10_000);

    const staying = await openGateway();
    const stopped = leaving.program.stop(60_000);
    await expect
      .poll(async () => ((await (await fetch(`http://127.0.0.1:${leaving.port}/healthz`)).json()) as { status: string }).status)
      .toBe('draining');
    await directoryIsRead();
    const later = await Promise.all([place('never-ends'), place('never-ends'), place('never-ends')]);
    await Promise.all(later.map(({ id }) => house.until(id, ['bridged'], 20_000)));
    expect(await staying.live()).toBe(3);

    expect(await house.until(ringing.id, ['ended'], 40_000)).toMatchObject({
      cause: 'agent-ended-call',
      endedBy: 'hangup-worker',
      goodbye: 'played',
    });
    await stopped;
    expect(await leaving.program.exited).toEqual({ code: 0, signal: null });
    await Promise.all(later.map(({ id }) => end(id)));
  });

  it('lets the agent say goodbye in a call that does not end, and hears it out', { timeout: 60_000 }, async () => {
    const leaving = await openGateway({ STOP_WITHIN_MS: '16000', DRAIN_ACCEPT_MS: '0' });
    await directoryIsRead();
    const { id } = await place('never-ends');
    const { attempts } = await house.until(id, ['bridged'], 20_000);
    const sid = attempts[0]?.carrierCallId;
    await house.simulator.whenEntry((entry) => entry.kind === 'line-heard' && entry.callSid === sid);
    await leaving.program.stop(20_000);
    expect(await leaving.program.exited).toEqual({ code: 0, signal: null });
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({
      cause: 'worker-shutdown',
      endedParty: 'platform',
      endedBy: 'hangup-worker',
      goodbye: 'played',
    });
    const goodbye = ledger(sid, 'line-heard').at(-1);
    expect(goodbye).toMatchObject({
      text: 'I am sorry, I have to end this call now. Goodbye.',
      fromMs: 0,
      toMs: goodbye?.['ofMs'],
    });
  });

  it('a second time is gone at once, and its calls with it', { timeout: 60_000 }, async () => {
    const leaving = await openGateway({ STOP_WITHIN_MS: '60000' });
    await directoryIsRead();
    const { id } = await place('never-ends');
    const { attempts } = await house.until(id, ['bridged'], 20_000);
    process.kill(leaving.program.pid, 'SIGTERM');
    await expect
      .poll(async () => ((await (await fetch(`http://127.0.0.1:${leaving.port}/healthz`)).json()) as { status: string }).status)
      .toBe('draining');
    expect((await house.readCall(id)).state).toBe('bridged');
    const forcedAt = Date.now();
    process.kill(leaving.program.pid, 'SIGTERM');
    await leaving.program.exited;
    expect(Date.now() - forcedAt).toBeLessThan(1_000);
    const ended = await house.simulator.whenEntry(
      (entry) => entry.kind === 'carrier-ended' && entry.callSid === attempts[0]?.carrierCallId,
      5_000,
    );
    expect(ended.at - forcedAt).toBeLessThan(3_000);
    await house.until(id, ['ended'], 20_000);
  });
});
