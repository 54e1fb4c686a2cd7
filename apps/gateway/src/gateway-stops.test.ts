import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';

describe('a gateway that stops', () => {
  it('lets live calls finish, and tells the directory that it takes no more', async () => {
    const bench = await createCallBench();
    const { socket } = await bench.talking();
    expect(await bench.store.directory.list()).toMatchObject([{ live: 1, seats: 10, draining: false }]);
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 60_000, endAfterMs: 68_000 });
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
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 4_000, endAfterMs: 4_000 }).then(() => (isStopped = true));
    await bench.time.advance(1_000);
    expect(isStopped).toBe(false);
    letGo();
    await bench.time.advance(10);
    await stopped;
    expect(socket.isClosed()).toBe(true);
    expect(bench.agent.sessions).toEqual([]);
    expect(await bench.record(claim.callId)).toMatchObject({ state: 'ending', cause: 'worker-shutdown', owner: null });
  });

  it('takes over no stream that starts after it has closed its door', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    await bench.talking();
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 1_000, endAfterMs: 1_000 });
    await bench.time.advance(0);
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
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 4_000, endAfterMs: 4_000 });
    await bench.time.advance(3_990);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(3_100);
    await stopped;
    expect(socket.isClosed()).toBe(true);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'worker-shutdown', by: 'platform' });
  });

  it('still takes the streams of calls that were dialed before, for as long as they may ring', async () => {
    const bench = await createCallBench();
    const [early, late] = [await bench.answered(), await bench.answered()];
    const stopped = bench.gateway.stop({ acceptMs: 40_000, goodbyeAfterMs: 60_000, endAfterMs: 68_000 });
    await bench.time.advance(39_000);
    const socket = bench.socket();
    bench.connect(socket, early);
    socket.startFrames();
    await bench.time.advance(10);
    expect(await bench.record(early.callId)).toMatchObject({ state: 'bridged' });
    expect(await bench.store.directory.list()).toMatchObject([{ draining: true }]);
    await bench.time.advance(1_000);
    const tooLate = bench.socket();
    bench.connect(tooLate, late);
    await bench.time.advance(10);
    expect(tooLate.isClosed()).toBe(true);
    socket.hangUp();
    await bench.time.advance(10);
    await stopped;
  });

  it('takes streams for as long as a call that was dialed for it may ring, and no longer', async () => {
    const bench = await createCallBench();
    const late = await bench.answered();
    const { gatewayId } = (await bench.store.directory.list())[0]!;
    await bench.store.directory.expectStream(gatewayId, 310_000);
    const stopped = bench.gateway.stop({ acceptMs: null, goodbyeAfterMs: 3_000_000, endAfterMs: 3_008_000 });
    for (let i = 0; i < 30; i++) await bench.time.advance(10_000);
    expect(bench.gateway.stage()).toBe('draining');
    const socket = bench.socket();
    bench.connect(socket, late);
    socket.startFrames();
    await bench.time.advance(10);
    expect(await bench.record(late.callId)).toMatchObject({ state: 'bridged' });
    await bench.time.advance(11_000);
    expect(bench.gateway.stage()).toBe('closed');
    socket.hangUp();
    await bench.time.advance(10);
    await stopped;
  });

  it('is gone after four seconds if nobody rings for it: the dials that were granted before are over by then', async () => {
    const bench = await createCallBench();
    let isStopped = false;
    const plan = { acceptMs: null, goodbyeAfterMs: 60_000, endAfterMs: 68_000 };
    const stopped = bench.gateway.stop(plan).then(() => (isStopped = true));
    await bench.time.advance(3_900);
    expect([bench.gateway.stage(), isStopped]).toEqual(['draining', false]);
    await bench.time.advance(200);
    await stopped;
  });

  it('lets the agents of the calls that are left say goodbye, and ends each when that was heard', async () => {
    const bench = await createCallBench();
    const { callId, session, socket } = await bench.talking();
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 4_000, endAfterMs: 12_000 });
    await bench.time.advance(4_000);
    expect(session.said.at(-1)).toEqual({ words: 'I am sorry, I have to end this call now. Goodbye.', exact: true });
    session.speak(3_000, { turnId: 'bye', itemId: 'bye' });
    await bench.time.advance(2_990);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(3_100);
    await stopped;
    expect(socket.isClosed()).toBe(true);
    expect(await bench.record(callId)).toMatchObject({ cause: 'worker-shutdown', by: 'platform', goodbye: 'played' });
  });

  it('waits for no goodbye beyond its limit', async () => {
    const bench = await createCallBench();
    const { callId, session } = await bench.talking();
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 4_000, endAfterMs: 6_000 });
    await bench.time.advance(4_500);
    session.speak(60_000, { turnId: 'bye', itemId: 'bye' });
    await bench.time.advance(5_000);
    await stopped;
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'worker-shutdown', goodbye: 'interrupted' });
  });
});
