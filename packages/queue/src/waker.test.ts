import { describe, expect, it } from 'vitest';
import { newCallId, type CarrierCallId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import type { Producer } from './port.js';
import { createWaker } from './waker.js';

const callId = newCallId('c', systemChance.uuidv7());
const sid = `CA${'0'.repeat(32)}` as CarrierCallId;
const clock = { now: () => 1_000_000 };

function recording(failOn?: string) {
  const added: unknown[] = [];
  const producer: Producer = {
    async add(job, payload, options) {
      added.push([job.queue, payload, options]);
      if (job.queue === failOn) throw new Error('away');
    },
    close: async () => undefined,
  };
  return { added, wake: createWaker({ producer, clock }) };
}

describe('the waker', () => {
  it('turns each kind of wake into its job, one per call at a time', async () => {
    const { added, wake } = recording();
    await wake([
      { type: 'wake-dialer', callId },
      { type: 'wake-hangup', callId },
      { type: 'stray', sid },
    ]);
    expect(added).toEqual([
      ['dial', { callId }, { dedupeId: callId }],
      ['hangup', { callId }, { dedupeId: callId }],
      ['hangup', { sid }, { dedupeId: sid }],
    ]);
  });

  it('delays a wake until its moment, and not at all if that has passed', async () => {
    const { added, wake } = recording();
    await wake([
      { type: 'wake-dialer', callId, at: 1_002_500 },
      { type: 'wake-dialer', callId, at: 999_000 },
    ]);
    expect(added).toEqual([
      ['dial', { callId }, { dedupeId: callId, delayMs: 2_500 }],
      ['dial', { callId }, { dedupeId: callId }],
    ]);
  });

  it('tries every wake before it tells that one failed', async () => {
    const { added, wake } = recording('dial');
    await expect(
      wake([
        { type: 'wake-dialer', callId },
        { type: 'wake-hangup', callId },
      ]),
    ).rejects.toThrow('away');
    expect(added).toHaveLength(2);
  });
});
