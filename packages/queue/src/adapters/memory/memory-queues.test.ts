import { describe, expect, it } from 'vitest';
import { dialJob, hangupJob, newCallId } from '@onhook/contracts';
import { silentLogger, systemChance } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { describeQueue } from '../../conformance/index.js';
import { createMemoryQueues, type MemoryQueueFaults } from './memory-queues.js';

describeQueue('the memory queue', async () => {
  const time = createVirtualTime();
  const queues = createMemoryQueues({ timers: time, clock: time, chance: createSeededChance(1, time) });
  return {
    producer: queues.producer,
    startWorker: (options) => queues.startWorker({ ...options, logger: silentLogger }),
    addUnchecked: async (queue, data) => queues.addUnchecked(queue, data),
    pass: (ms) => time.advance(ms),
    stop: async () => undefined,
  };
});

describe('the memory queue does what BullMQ does on a bad day', () => {
  const newCall = () => newCallId('b', systemChance.uuidv7());
  function open(faults: Partial<MemoryQueueFaults>) {
    const time = createVirtualTime();
    const queues = createMemoryQueues({ timers: time, clock: time, chance: createSeededChance(7, time) });
    queues.setFaults(faults);
    const seen: string[] = [];
    const work = (): void =>
      void queues.startWorker({
        job: hangupJob,
        concurrency: 1,
        logger: silentLogger,
        handle: async (payload) => void seen.push('callId' in payload ? payload.callId : payload.sid),
      });
    return { time, queues, seen, work };
  }

  it('repeats a job whose completion was lost, after the stall time', async () => {
    const { time, queues, seen, work } = open({ loseCompletion: 1 });
    const callId = newCall();
    work();
    await queues.producer.add(hangupJob, { callId });
    await time.advance(7_000);
    expect(seen).toEqual([callId]);
    queues.setFaults({ loseCompletion: 0 });
    await time.advance(1_000);
    expect(seen).toEqual([callId, callId]);
    await time.advance(60_000);
    expect(seen).toHaveLength(2);
    expect(queues.size('hangup')).toBe(0);
  });

  it('runs a job twice at the same time', async () => {
    const { time, queues, work, seen } = open({ runTwiceAtOnce: 1 });
    work();
    await queues.producer.add(hangupJob, { callId: newCall() });
    await time.advance(1);
    expect(seen).toHaveLength(2);
  });

  it('loses a job that it had accepted', async () => {
    const { time, queues, work, seen } = open({ loseJob: 1 });
    work();
    await queues.producer.add(hangupJob, { callId: newCall() });
    await time.advance(60_000);
    expect(seen).toEqual([]);
  });

  it('refuses an add, with and without having kept it', async () => {
    const { time, queues, work, seen } = open({ rejectAdd: 1 });
    work();
    await expect(queues.producer.add(hangupJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
    await time.advance(1_000);
    expect(seen).toEqual([]);
    queues.setFaults({ rejectAdd: 0, rejectAddButKeep: 1 });
    await expect(queues.producer.add(hangupJob, { callId: newCall() })).rejects.toMatchObject({ code: 'queue-unavailable' });
    await time.advance(1_000);
    expect(seen).toHaveLength(1);
  });

  it('reorders and delays', async () => {
    const { time, queues, work, seen } = open({ reorder: 1 });
    const [first, second, late] = [newCall(), newCall(), newCall()];
    await queues.producer.add(hangupJob, { callId: first });
    await queues.producer.add(hangupJob, { callId: second });
    queues.setFaults({ reorder: 0, delay: 1 });
    await queues.producer.add(hangupJob, { callId: late });
    work();
    await time.advance(1);
    expect(seen).toEqual([second, first]);
    await time.advance(2_000);
    expect(seen).toEqual([second, first, late]);
  });

  it('hands over a copy, never the object of the producer', async () => {
    const { time, queues } = open({});
    const payload = { callId: newCall() };
    let given: object | undefined;
    queues.startWorker({ job: dialJob, concurrency: 1, logger: silentLogger, handle: async (p) => void (given = p) });
    await queues.producer.add(dialJob, payload);
    await time.advance(1);
    expect(given).toEqual(payload);
    expect(given).not.toBe(payload);
  });
});
