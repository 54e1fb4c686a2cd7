import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';

describe('a gateway that is lost to an error that nobody caught', () => {
  it('ends every call at once, by its sockets and at the carrier, and the record knows', async () => {
    const bench = await createCallBench();
    const calls = [await bench.talking(), await bench.talking()];
    const abandoned = bench.gateway.abandon();
    await bench.time.advance(10);
    await abandoned;
    for (const { socket } of calls) expect(socket.isClosed()).toBe(true);
    expect(bench.hangUps.toSorted()).toEqual(calls.map(({ sid }) => sid).toSorted());
    for (const { callId } of calls) {
      expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'internal-error', trigger: 'gateway-direct' });
    }
    expect(bench.gateway.live()).toBe(0);
  });

  it('does so without Redis', async () => {
    const bench = await createCallBench();
    const { socket, sid } = await bench.talking();
    bench.setRedisDown(true);
    const abandoned = bench.gateway.abandon();
    await bench.time.advance(10);
    await abandoned;
    expect([socket.isClosed(), bench.hangUps]).toEqual([true, [sid]]);
  });

  it('takes no call any more, and does not wait for any when it stops', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    await bench.gateway.abandon();
    const socket = bench.socket();
    bench.connect(socket, claim);
    await bench.time.advance(10);
    expect(socket.isClosed()).toBe(true);
    let isStopped = false;
    void bench.gateway.stop({ acceptMs: 40_000, goodbyeAfterMs: 100_000, endAfterMs: 100_000 }).then(() => (isStopped = true));
    await bench.time.advance(10);
    expect(isStopped).toBe(true);
  });
});
