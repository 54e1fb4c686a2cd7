import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createSample, FROM, mustApply, sampleCall } from '../../conformance/sample-call.js';
import { createMemoryDatabase, createMemoryStore, type MemoryFaults } from './index.js';

function setUp(faults: MemoryFaults = {}) {
  const time = createVirtualTime();
  const database = createMemoryDatabase(time);
  const chance = createSeededChance(1, time);
  const { calls } = createMemoryStore({ database, chance, faults });
  return { time, database, calls, healthy: createMemoryStore({ database, chance }).calls };
}

const dialStarted = { type: 'dial-started', source: 'dialer', n: 1, from: FROM } as const;

describe('the memory store under faults', () => {
  it('tries again after an injected conflict', async () => {
    let conflicts = 3;
    const { calls } = setUp({ conflicts: () => conflicts-- > 0 });
    const callId = await createSample(calls);
    expect((await mustApply(calls, callId, dialStarted)).verdict).toBe('moved');
    expect(await calls.timeline(callId)).toHaveLength(2);
  });

  it('gives up on a conflict that never ends, and has written nothing', async () => {
    let isOn = false;
    const { calls } = setUp({ conflicts: () => isOn });
    const callId = await createSample(calls);
    isOn = true;
    await expect(calls.apply(callId, dialStarted)).rejects.toMatchObject({ code: 'call-contended', retryable: true });
    expect((await calls.load(callId))?.version).toBe(1);
  });

  it('leaves the caller in doubt when an answer is lost', async () => {
    let isLosing = false;
    const { calls, healthy } = setUp({ losesReply: () => isLosing });
    const callId = await createSample(calls);
    isLosing = true;
    await expect(calls.apply(callId, dialStarted)).rejects.toMatchObject({ code: 'redis-unavailable' });
    expect((await healthy.load(callId))?.call.state).toBe('dialing');
    expect((await mustApply(healthy, callId, dialStarted)).effects).toEqual([]);
  });

  it('does nothing while it is down', async () => {
    const { calls, healthy } = setUp({ isDown: () => true });
    const asked = sampleCall();
    await expect(calls.create(asked, null)).rejects.toMatchObject({ code: 'redis-unavailable' });
    expect(await healthy.load(asked.callId)).toBeNull();
  });
});

describe('a queued call', () => {
  it('that is only woken again gets no timeline entry, so that a day of waiting does not fill it', async () => {
    const { calls, time } = setUp();
    const callId = await createSample(calls);
    for (let i = 0; i < 5; i++) {
      const { deadline } = (await calls.load(callId))!.call;
      await time.advance(deadline! - time.now());
      expect(await calls.due(1)).toEqual([{ callId, deadline }]);
      const applied = await mustApply(calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: deadline! });
      expect(applied).toMatchObject({ call: { state: 'queued', wakes: i + 1 }, effects: [{ type: 'wake-dialer' }] });
    }
    expect(await calls.timeline(callId)).toHaveLength(1);
    await mustApply(calls, callId, dialStarted);
    expect((await calls.timeline(callId)).map(({ version }) => version)).toEqual([1, 2]);
  });
});
