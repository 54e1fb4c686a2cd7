import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';

describe('a gateway that stops', () => {
  it('lets live calls finish, and tells the directory that it takes no more', async () => {
    const bench = await createCallBench();
    const { socket } = await bench.talking();
    expect(await bench.store.directory.list()).toMatchObject([{ live: 1, seats: 10, draining: false }]);
    const stopped = bench.gateway.stop({ finishWithinMs: 60_000 });
    await bench.time.advance(3_000);
    expect(await bench.store.directory.list()).toMatchObject([{ live: 1, draining: true }]);
    socket.hangUp();
    await bench.time.advance(10);
    await stopped;
    expect(await bench.store.directory.list()).toEqual([]);
  });

  it('does not miss the stream whose commit was under way: it is closed, and the record knows before the process is gone', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    const { apply } = bench.store.calls;
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    Object.assign(bench.store.calls, { apply: async (...args: Parameters<typeof apply>) => (await held, apply(...args)) });
    const socket = bench.socket();
    bench.connect(socket, claim);
    await bench.time.advance(0);
    let isStopped = false;
    const stopped = bench.gateway.stop({ finishWithinMs: 4_000 }).then(() => (isStopped = true));
    await bench.time.advance(1_000);
    expect(isStopped).toBe(false);
    letGo();
    await bench.time.advance(10);
    await stopped;
    expect(socket.isClosed()).toBe(true);
    expect(bench.agent.sessions).toEqual([]);
    expect(await bench.record(claim.callId)).toMatchObject({ state: 'ending', cause: 'worker-shutdown', owner: null });
  });

  it('takes over no stream that starts after it began to stop', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    await bench.talking();
    const stopped = bench.gateway.stop({ finishWithinMs: 1_000 });
    const socket = bench.socket();
    bench.connect(socket, claim);
    await bench.time.advance(10);
    expect(socket.isClosed()).toBe(true);
    expect((await bench.record(claim.callId)).state).toBe('answered');
    await bench.time.advance(5_000);
    await stopped;
  });

  it('ends what is left when its time is up, each call by its own three-second fuse at the latest', async () => {
    const bench = await createCallBench();
    const { callId, socket } = await bench.talking();
    const stopped = bench.gateway.stop({ finishWithinMs: 4_000 });
    await bench.time.advance(3_990);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(3_100);
    await stopped;
    expect(socket.isClosed()).toBe(true);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'worker-shutdown', by: 'platform' });
  });
});
