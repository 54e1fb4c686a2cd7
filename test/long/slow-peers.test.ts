import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemTimers } from '@onhook/service';
import type { LedgerEntry } from '@onhook/simulator';
import { freePort } from '../../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from '../house.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';

let house: TestHouse;
/** Between the gateway and its voice agents, and between the carrier and the gateway. */
let agentLine: TcpProxy;
let carrierLine: TcpProxy;
let numbers = 0;

beforeAll(async () => {
  house = await openTestHouse();
  await house.program('gateway').stop();
  agentLine = await startTcpProxy(house.ports.agent);
  const port = await freePort({ taken: new Set<number>() });
  carrierLine = await startTcpProxy(port);
  await house.startAnother('gateway', {
    PORT: String(port),
    MEDIA_PUBLIC_URL: `ws://127.0.0.1:${carrierLine.port}/carrier/twilio/media`,
    OPENAI_REALTIME_URL: `ws://127.0.0.1:${agentLine.port}/v1/realtime`,
    AGENT_SILENT_AFTER_MS: '6000',
  });
});
afterAll(async () => {
  await house.close();
  await agentLine.close();
  await carrierLine.close();
});

const ledger = (call: string | null | undefined, kind: string): LedgerEntry[] =>
  house.simulator.entries({ call: call ?? 'none', kind });
const linesOf = (sid: string): [unknown, boolean][] =>
  ledger(sid, 'line-heard').map(({ text, toMs, ofMs }) => [text, toMs === ofMs]);

/** A call in which the agent has begun to speak. */
async function talking(agentId: string): Promise<{ id: string; sid: string }> {
  const { id } = await house.placeCall({ to: `+1415555${String(6_000 + ++numbers)}`, agentId });
  const { attempts } = await house.until(id, ['bridged'], 30_000);
  const sid = attempts[0]!.carrierCallId!;
  await house.simulator.whenEntry(
    (entry) => entry.kind === 'agent-speaks' || (entry.kind === 'line-heard' && entry.callSid === sid),
    30_000,
  );
  return { id, sid };
}

/** Beside a peer that reads nothing, somebody else is called and spoken with as if it were not there. */
async function neighbourIsFine(): Promise<void> {
  const { id, sid } = await talking('short');
  expect(await house.until(id, ['ended'], 60_000)).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
  expect(linesOf(sid).filter(([, isWhole]) => !isWhole)).toEqual([]);
}

describe('a peer that reads slowly', () => {
  it('if it is the carrier, and it goes on after three seconds, costs no word', async () => {
    const { id, sid } = await talking('short');
    const release = carrierLine.hold('to-client');
    await systemTimers.sleep(3_000);
    release();
    expect(await house.until(id, ['ended'], 60_000)).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
    expect(linesOf(sid).filter(([, isWhole]) => !isWhole)).toEqual([]);
  });

  it('if it is the agent, and it goes on after three seconds, still hears what was said', async () => {
    const { id, sid } = await talking('short');
    const release = agentLine.hold('to-server');
    await systemTimers.sleep(3_000);
    release();
    expect(await house.until(id, ['ended'], 60_000)).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
    expect(ledger(id, 'agent-heard').length).toBeGreaterThan(0);
    expect(linesOf(sid).at(-1)?.[1]).toBe(true);
  });

  it('if it is the carrier, and for good, ends its own call within the limits; others are as they were', async () => {
    const { id, sid } = await talking('never-ends');
    const release = carrierLine.hold('to-client');
    await neighbourIsFine();
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    const call = await house.until(id, ['ended'], 30_000);
    expect(call.cause).toBe('operator-ended-call');
    const asked = call.timeline!.find(({ event }) => event === 'end-asked')!;
    expect(ledger(sid, 'carrier-ended')[0]!.at - Date.parse(asked.at)).toBeLessThan(3_000);
    release();
  });

  it('if it is the agent, and for good, is given up for another session; others are as they were', async () => {
    const { id } = await talking('never-ends');
    const release = agentLine.hold('to-server');
    await expect.poll(() => ledger(id, 'agent-session-opened').length, { timeout: 60_000 }).toBe(2);
    await neighbourIsFine();
    expect((await house.readCall(id)).state).toBe('bridged');
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    expect(await house.until(id, ['ended'], 30_000)).toMatchObject({ cause: 'operator-ended-call' });
    release();
  });
});
