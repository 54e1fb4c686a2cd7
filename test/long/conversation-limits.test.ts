import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from '../house.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';

let house: TestHouse;
/** Between the gateway and its voice agents. */
let agentLine: TcpProxy;

beforeAll(async () => {
  house = await openTestHouse();
  await house.program('gateway').stop();
  agentLine = await startTcpProxy(house.ports.agent);
  const port = await freePort({ taken: new Set<number>() });
  await house.startAnother('gateway', {
    PORT: String(port),
    MEDIA_PUBLIC_URL: `ws://127.0.0.1:${port}/carrier/twilio/media`,
    OPENAI_REALTIME_URL: `ws://127.0.0.1:${agentLine.port}/v1/realtime`,
  });
});
afterAll(async () => {
  await house.close();
  await agentLine.close();
});

describe('a call that takes its time', () => {
  it('that reaches its longest duration says goodbye before it ends', { timeout: 90_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155556001', agentId: 'never-ends', limits: { maxDurationSeconds: 30 } });
    const call = await house.until(id, ['ended'], 60_000);
    expect(call).toMatchObject({ cause: 'max-duration', endedParty: 'platform', goodbye: 'played' });
    const sid = call.attempts[0]?.carrierCallId;
    expect(house.simulator.entries({ call: sid ?? 'none', kind: 'line-heard' }).at(-1)).toMatchObject({
      text: 'Our time is up. Thank you for your time. Goodbye.',
    });
    const answeredAt = house.simulator
      .entries({ call: sid ?? 'none', kind: 'call-state' })
      .find((entry) => entry['status'] === 'in-progress')!.mono;
    expect(house.simulator.entries({ call: sid ?? 'none', kind: 'carrier-ended' })[0]!.mono - answeredAt).toBeLessThan(38_000);
  });

  it(
    'whose agent is cut off by a network that swallows everything finds out, and goes on with another session',
    { timeout: 90_000 },
    async () => {
      const { id } = await house.placeCall({ to: '+14155556002', agentId: 'never-ends' });
      await house.until(id, ['bridged'], 20_000);
      await house.simulator.whenEntry((entry) => entry.kind === 'agent-spoke' && entry.callId === id, 20_000);
      agentLine.freeze();
      await expect
        .poll(() => house.simulator.entries({ call: id, kind: 'agent-session-opened' }).length, { timeout: 40_000 })
        .toBe(2);
      expect((await house.readCall(id)).state).toBe('bridged');
      await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
      await house.until(id, ['ended'], 10_000);
    },
  );
});
