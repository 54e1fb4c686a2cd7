import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialJob, hangupJob, newCallId, type CallId, type DialPayload, type JobType } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import type { JobAnswer, JobHandler, Producer, Worker } from '../port.js';

/** One adapter as the suite sees it. */
export interface QueueHarness {
  readonly producer: Producer;
  startWorker<P>(options: { job: JobType<P>; handle: JobHandler<P>; concurrency: number }): Worker;
  /** Puts a job into the queue past the producer's check. */
  addUnchecked(queue: string, data: unknown): Promise<void>;
  /** Lets time pass, really or virtually. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const newCall = (): CallId => newCallId('a', systemChance.uuidv7());

/** What every queue adapter promises on a good day. */
export function describeQueue(name: string, open: () => Promise<QueueHarness>): void {
  describe(`${name} keeps the promises of a queue`, () => {
    let queue: QueueHarness;
    const workers: Worker[] = [];
    beforeEach(async () => {
      queue = await open();
    });
    afterEach(async () => {
      await closeWithTimePassing();
      await queue.stop();
    });

    async function closeWithTimePassing(): Promise<void> {
      let isClosed = false;
      const closing = Promise.all(workers.splice(0).map((worker) => worker.close())).then(() => (isClosed = true));
      for (let i = 0; i < 500 && !isClosed; i++) await queue.pass(20);
      await closing;
    }

    async function until(condition: () => boolean): Promise<void> {
      for (let i = 0; i < 500; i++) {
        if (condition()) return;
        await queue.pass(20);
      }
      throw new Error('the awaited did not happen within 10 s');
    }

    function work(handle: (payload: DialPayload) => Promise<JobAnswer | void>, concurrency = 1): void {
      workers.push(queue.startWorker({ job: dialJob, handle, concurrency }));
    }

    it('hands every job to a worker, in the order in which they came', async () => {
      const calls = [newCall(), newCall(), newCall()];
      for (const callId of calls) await queue.producer.add(dialJob, { callId });
      const seen: string[] = [];
      work(async ({ callId }) => void seen.push(callId));
      await until(() => seen.length === 3);
      expect(seen).toEqual(calls);
    });

    it('keeps its queues apart', async () => {
      const callId = newCall();
      const seen: string[] = [];
      work(async () => void seen.push('dial'));
      workers.push(queue.startWorker({ job: hangupJob, handle: async () => void seen.push('hangup'), concurrency: 1 }));
      await queue.producer.add(hangupJob, { callId }, { dedupeId: callId });
      await until(() => seen.length === 1);
      expect(seen).toEqual(['hangup']);
    });

    it('keeps two equal jobs that wait as one', async () => {
      const callId = newCall();
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      const last = newCall();
      await queue.producer.add(dialJob, { callId: last });
      const seen: string[] = [];
      work(async (payload) => void seen.push(payload.callId));
      await until(() => seen.includes(last));
      expect(seen).toEqual([callId, last]);
    });

    it('runs a job once more if it was added while it ran, however often', async () => {
      const callId = newCall();
      let runs = 0;
      let letGo: () => void = () => undefined;
      work(async () => {
        runs++;
        if (runs === 1) await new Promise<void>((resolve) => (letGo = resolve));
      });
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => runs === 1);
      for (let i = 0; i < 3; i++) await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      letGo();
      await until(() => runs === 2);
      await queue.pass(300);
      expect(runs).toBe(2);
    });

    it('does not run a delayed job before its time', async () => {
      const callId = newCall();
      const seen: string[] = [];
      work(async (payload) => void seen.push(payload.callId));
      await queue.producer.add(dialJob, { callId }, { delayMs: 1_000, dedupeId: callId });
      await queue.pass(500);
      expect(seen).toEqual([]);
      await until(() => seen.length === 1);
    });

    it('runs a wake for now at once although one for later is kept', async () => {
      const callId = newCall();
      const seen: string[] = [];
      work(async (payload) => void seen.push(payload.callId));
      await queue.producer.add(dialJob, { callId }, { delayMs: 60_000, dedupeId: callId });
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => seen.length === 1);
      expect(seen).toEqual([callId]);
    });

    it('runs a wake for now at once although one for later came after it', async () => {
      const callId = newCall();
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await queue.producer.add(dialJob, { callId }, { delayMs: 60_000, dedupeId: callId });
      const seen: string[] = [];
      work(async (payload) => void seen.push(payload.callId));
      await until(() => seen.length === 1);
      expect(seen).toEqual([callId]);
    });

    it('keeps a wake for now that came while the job ran, although one for later came after it', async () => {
      const callId = newCall();
      let runs = 0;
      let letGo: () => void = () => undefined;
      work(async () => {
        runs++;
        if (runs === 1) await new Promise<void>((resolve) => (letGo = resolve));
      });
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => runs === 1);
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await queue.producer.add(dialJob, { callId }, { delayMs: 60_000, dedupeId: callId });
      letGo();
      await until(() => runs === 2);
      expect(runs).toBe(2);
    });

    it('runs as many jobs at once as it may, and no more', async () => {
      let atOnce = 0;
      let most = 0;
      let done = 0;
      work(async () => {
        most = Math.max(most, ++atOnce);
        await queue.pass(50);
        atOnce--;
        done++;
      }, 3);
      for (let i = 0; i < 6; i++) await queue.producer.add(dialJob, { callId: newCall() });
      await until(() => done === 6);
      expect(most).toBe(3);
    });

    it('goes on with the next job when a handler rejects, and does not repeat the one that failed', async () => {
      const bad = newCall();
      const good = newCall();
      const seen: string[] = [];
      work(async ({ callId }) => {
        seen.push(callId);
        if (callId === bad) throw new Error('something of ours');
      });
      await queue.producer.add(dialJob, { callId: bad });
      await queue.producer.add(dialJob, { callId: good });
      await until(() => seen.includes(good));
      await queue.pass(300);
      expect(seen).toEqual([bad, good]);
    });

    it('runs a job anew under the id of one that failed', async () => {
      const callId = newCall();
      let runs = 0;
      work(async () => {
        if (++runs === 1) throw new Error('something of ours');
      });
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => runs === 1);
      await queue.pass(200);
      await queue.producer.add(dialJob, { callId }, { dedupeId: callId });
      await until(() => runs === 2);
      expect(runs).toBe(2);
    });

    it('holds the whole queue when the handler asks for it, and the job comes back', async () => {
      const held = newCall();
      const other = newCall();
      const seen: string[] = [];
      work(async ({ callId }) => {
        seen.push(callId);
        return seen.length === 1 ? { holdQueueMs: 800 } : undefined;
      });
      await queue.producer.add(dialJob, { callId: held });
      await queue.producer.add(dialJob, { callId: other });
      await until(() => seen.length === 1);
      await queue.pass(300);
      expect(seen).toEqual([held]);
      await until(() => seen.length === 3);
      expect(seen).toEqual([held, held, other]);
    });

    it('drops a job whose payload is not in the catalogue, and goes on', async () => {
      const good = newCall();
      const seen: string[] = [];
      await queue.addUnchecked(dialJob.queue, { callId: 'not-a-call', to: '+14155550123' });
      await queue.addUnchecked(dialJob.queue, null);
      await queue.producer.add(dialJob, { callId: good });
      work(async ({ callId }) => void seen.push(callId));
      await until(() => seen.length > 0);
      expect(seen).toEqual([good]);
    });

    it('leaves a job of a newer release alone, and goes on', async () => {
      const callId = newCall();
      const seen: string[] = [];
      await queue.addUnchecked(dialJob.queue, { v: 2, callId, anything: 'else' });
      await queue.addUnchecked(dialJob.queue, { v: 1, callId });
      work(async (payload) => void seen.push(JSON.stringify(payload)));
      await until(() => seen.length > 0);
      await queue.pass(300);
      expect(seen).toEqual([JSON.stringify({ callId })]);
    });

    it('offers a job again whose record is of a newer release', async () => {
      let runs = 0;
      work(async () => {
        if (++runs === 1) throw Object.assign(new Error('the record was written by a newer release'), { code: 'newer-schema' });
      });
      await queue.producer.add(dialJob, { callId: newCall() });
      await until(() => runs === 2);
    });

    it('refuses to add a payload that is not in the catalogue', async () => {
      const wrong = { callId: 'call_z_nothing' as CallId };
      await expect(queue.producer.add(dialJob, wrong)).rejects.toMatchObject({ code: 'job-payload-invalid' });
      const talkative = { callId: newCall(), to: '+14155550123' };
      await expect(queue.producer.add(dialJob, talkative)).rejects.toMatchObject({ code: 'job-payload-invalid' });
    });

    it('waits for the running job when it is closed, and takes no other', async () => {
      const seen: string[] = [];
      let letGo: () => void = () => undefined;
      const worker = queue.startWorker({
        job: dialJob,
        concurrency: 1,
        handle: async ({ callId }) => {
          seen.push(`began ${callId}`);
          await new Promise<void>((resolve) => (letGo = resolve));
          seen.push(`ended ${callId}`);
        },
      });
      const [first, second] = [newCall(), newCall()];
      await queue.producer.add(dialJob, { callId: first });
      await queue.producer.add(dialJob, { callId: second });
      await until(() => seen.length === 1);
      let isClosed = false;
      const closing = worker.close().then(() => (isClosed = true));
      await queue.pass(100);
      expect(isClosed).toBe(false);
      letGo();
      await until(() => isClosed);
      await closing;
      expect(seen).toEqual([`began ${first}`, `ended ${first}`]);
    });
  });
}
