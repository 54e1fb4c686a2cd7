import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench } from './testing/call-bench.js';

describe('who is let in', () => {
  async function outcomeOf(claimOf: (claim: Awaited<ReturnType<CallBench['answered']>>) => Parameters<CallBench['connect']>[1]) {
    const bench = await createCallBench();
    const claim = await bench.answered();
    const socket = bench.socket();
    bench.connect(socket, claimOf(claim));
    await bench.time.advance(0);
    return { isClosed: socket.isClosed(), agents: bench.agent.sessions.length, state: (await bench.record(claim.callId)).state };
  }
  const refused = { isClosed: true, agents: 0, state: 'answered' };

  it('nobody with a wrong token', async () => {
    expect(await outcomeOf((claim) => ({ ...claim, token: 'wrong' }))).toEqual(refused);
  });
  it('nobody with the token of another attempt', async () => {
    expect(await outcomeOf((claim) => ({ ...claim, token: `${claim.callId}/2` }))).toEqual(refused);
  });
  it('nobody from another account', async () => {
    expect(await outcomeOf((claim) => ({ ...claim, accountSid: `AC${'9'.repeat(32)}` }))).toEqual(refused);
  });
  it('nobody without a call id', async () => {
    expect(await outcomeOf((claim) => ({ ...claim, callId: '' as never, token: '/1' }))).toEqual(refused);
  });

  it('nobody a second time with the same token, not even with the same stream SID; the first goes on', async () => {
    const bench = await createCallBench();
    const call = await bench.bridged();
    for (const streamSid of [undefined, call.streamSid]) {
      const second = bench.socket();
      bench.connect(second, { ...call, ...(streamSid ? { streamSid } : { streamSid: `MZ${'e'.repeat(32)}` as never }) });
      await bench.time.advance(0);
      expect(second.isClosed()).toBe(true);
    }
    expect(bench.agent.sessions).toHaveLength(1);
    expect(call.socket.isClosed()).toBe(false);
    expect(bench.gateway.live()).toBe(1);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'bridged', owner: { streamSid: call.streamSid } });
  });

  it('nobody who says nothing for five seconds, and nobody who begins with something else', async () => {
    const bench = await createCallBench();
    const [silent, rude, broken] = [bench.socket(), bench.socket(), bench.socket()];
    for (const socket of [silent, rude, broken]) void bench.gateway.admit(socket);
    silent.say({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    rude.say({ event: 'media', streamSid: 'MZ', media: { payload: '' } });
    broken.sayRaw('{"event":');
    await bench.time.advance(4_999);
    expect([silent, rude, broken].map((socket) => socket.isClosed())).toEqual([false, true, true]);
    await bench.time.advance(1);
    expect(silent.isClosed()).toBe(true);
  });

  it('nobody whose message fails inside the gateway: that socket is refused, and the process goes on', async () => {
    const bench = await createCallBench({
      isGenuineToken: (callId, attempt, token) => {
        if (token === 'cursed') throw new Error('a fault of ours');
        return token === `${callId}/${attempt}`;
      },
    });
    const cursed = bench.socket();
    bench.connect(cursed, { ...(await bench.answered()), token: 'cursed' });
    await bench.time.advance(0);
    expect([cursed.isClosed(), bench.gateway.live()]).toEqual([true, 0]);
    const { socket } = await bench.bridged();
    expect([socket.isClosed(), bench.gateway.live()]).toEqual([false, 1]);
  });

  it('nobody for the oddest of messages, before the start or while it is committed', async () => {
    const bench = await createCallBench();
    const odd = { event: 'media', media: { payload: '', timestamp: { valueOf: 1, toString: 1 } } };
    const early = bench.socket();
    void bench.gateway.admit(early);
    early.say(odd);
    const late = bench.socket();
    bench.connect(late, await bench.answered());
    late.say(odd);
    await bench.time.advance(0);
    expect([early.isClosed(), late.isClosed(), bench.gateway.live()]).toEqual([true, false, 1]);
  });

  it('nobody whose commit got no answer; the record is told when Redis is back', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    bench.setRedisDown(true);
    const socket = bench.socket();
    bench.connect(socket, claim);
    await bench.time.advance(0);
    expect(socket.isClosed()).toBe(true);
    expect(bench.agent.sessions).toEqual([]);
    bench.setRedisDown(false);
    await bench.time.advance(5_000);
    expect(await bench.timeline(claim.callId)).toEqual(['media-closed']);
  });

  it('a stream that is gone before its commit answered meets no agent, and the record knows', async () => {
    const bench = await createCallBench();
    const claim = await bench.answered();
    const socket = bench.socket();
    bench.connect(socket, claim);
    socket.hangUp();
    await bench.time.advance(0);
    expect(bench.agent.sessions).toEqual([]);
    expect(await bench.record(claim.callId)).toMatchObject({ state: 'ending', cause: 'callee-hung-up' });
  });
});
