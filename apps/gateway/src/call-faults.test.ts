import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';
import { createFakeAgent } from './testing/fake-agent.js';

describe('a call that the callee or the carrier ends', () => {
  it('by stop: the callee hung up, the agent session closes with it', async () => {
    const bench = await createCallBench();
    const { session, socket, callId } = await bench.talking();
    socket.hangUp();
    await bench.time.advance(10);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'callee-hung-up', goodbye: null, owner: null });
    expect(session.isClosed()).toBe(true);
    expect(bench.gateway.live()).toBe(0);
    expect(bench.wakes).toContainEqual({ type: 'wake-hangup', callId });
  });

  it('by a broken socket: media lost', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    socket.breakOff();
    await bench.time.advance(10);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'media-lost' });
  });

  it('by eight seconds without a frame on an open socket: media lost', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    socket.stopFrames();
    await bench.time.advance(7_500);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(1_000);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'media-lost' });
  });

  it('goes on after messages that are none, or come a second time', async () => {
    const bench = await createCallBench();
    const { socket, callId, sid, streamSid } = await bench.talking();
    for (const text of [
      '{',
      '',
      'null',
      '[]',
      '{"event":7}',
      '{"event":"media"}',
      '{"event":"mark","mark":3}',
      '{"event":"start"}',
      '{"event":"news"}',
    ])
      socket.sayRaw(text);
    socket.start({ callId, attempt: '1', token: `${callId}/1` }, { accountSid: 'x', callSid: sid, streamSid });
    await bench.time.advance(1_000);
    expect((await bench.record(callId)).state).toBe('bridged');
    expect(bench.agent.sessions).toHaveLength(1);
  });
});

describe('an agent that fails', () => {
  it('to be ready within five seconds ends the call: agent-connect-failed', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: false }) });
    const call = await bench.bridged();
    await bench.time.advance(4_500);
    expect((await bench.record(call.callId)).state).toBe('bridged');
    await bench.time.advance(1_000);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'agent-connect-failed' });
  });

  it('by closing before it was ready ends the call at once', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: false }) });
    const call = await bench.bridged();
    bench.agent.last().events.closed({ code: 401, reason: '', opened: false, byUs: false, retryable: false });
    await bench.time.advance(10);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'agent-connect-failed' });
  });

  it('by calling a tool that does not exist gets an answer and stays on the line', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    session.events.toolCall({ toolCallId: 'x', turnId: 't2', name: 'hang_up_all', args: null });
    expect(session.toolResults).toEqual([{ toolCallId: 'x', respond: true }]);
    expect((await bench.record(callId)).state).toBe('bridged');
  });
});

describe('the layers behind the order to close', () => {
  it('the answer to a lease renewal closes the sockets within two seconds of the commit', async () => {
    const bench = await createCallBench();
    const { session, socket, callId } = await bench.talking();
    await bench.store.calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' });
    await bench.time.advance(2_050);
    expect(socket.isClosed()).toBe(true);
    expect(session.isClosed()).toBe(true);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'operator-ended-call', owner: null });
  });

  it('the fuse closes them three seconds after the end was asked, even if that got no answer', async () => {
    const bench = await createCallBench();
    const { session, socket, callId } = await bench.talking();
    const { apply, renewLeases } = bench.store.calls;
    // A Redis that hangs: neither answers nor fails.
    Object.assign(bench.store.calls, { apply: () => new Promise(() => {}), renewLeases: () => new Promise(() => {}) });
    session.die(1008, { retryable: false });
    await bench.time.advance(2_990);
    expect(socket.isClosed()).toBe(false);
    await bench.time.advance(20);
    expect(socket.isClosed()).toBe(true);
    Object.assign(bench.store.calls, { apply, renewLeases });
    expect((await bench.record(callId)).state).toBe('bridged');
  });

  it('says that it was the fuse', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    const { renewLeases } = bench.store.calls;
    Object.assign(bench.store.calls, { renewLeases: async () => ({ close: [] }) });
    session.die(1008, { retryable: false });
    await bench.time.advance(3_050);
    Object.assign(bench.store.calls, { renewLeases });
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'agent-lost', owner: null, trigger: 'gateway' });
  });

  it('without Redis the gateway closes the socket at once, asks the carrier itself, and tells the record later', async () => {
    const bench = await createCallBench();
    const { session, socket, callId, sid } = await bench.talking();
    bench.setRedisDown(true);
    await bench.time.advance(20_000);
    // A Redis that is away ends no conversation.
    expect(socket.isClosed()).toBe(false);
    const item = { turnId: 't2', itemId: 'bye' };
    session.speak(1_000, item, { done: false });
    session.endCall('t2');
    session.events.turnDone({ turnId: 't2', status: 'completed' });
    await bench.time.advance(990);
    expect(socket.isClosed()).toBe(false);
    await bench.time.advance(30);
    expect(socket.isClosed()).toBe(true);
    expect(bench.hangUps).toEqual([sid]);
    expect(bench.gateway.live()).toBe(1);
    bench.setRedisDown(false);
    await bench.time.advance(6_000);
    expect(await bench.record(callId)).toMatchObject({
      state: 'ending',
      cause: 'agent-ended-call',
      by: 'agent',
      goodbye: 'played',
      trigger: 'gateway-direct',
    });
    expect(bench.gateway.live()).toBe(0);
  });

  it('a carrier that does not answer our close frame does not keep the call here', async () => {
    const bench = await createCallBench();
    const { callId, streamSid } = await bench.talking({ answersClose: false });
    await bench.store.orders.send(bench.gatewayId, { type: 'close', callId, streamSid });
    await bench.time.advance(3_010);
    expect(bench.gateway.live()).toBe(0);
  });

  it('ignores an order for a stream that it does not hold, and for another call on one that it holds', async () => {
    const bench = await createCallBench();
    const { callId, streamSid, socket } = await bench.talking();
    const other = await bench.answered();
    await bench.store.orders.send(bench.gatewayId, { type: 'close', callId, streamSid: `MZ${'f'.repeat(32)}` as never });
    await bench.store.orders.send(bench.gatewayId, { type: 'close', callId: other.callId, streamSid });
    await bench.time.advance(100);
    expect(socket.isClosed()).toBe(false);
  });
});

describe('last words from outside', () => {
  it('are said to the letter, heard out, and then the call ends with the cause of whoever asked', async () => {
    const bench = await createCallBench();
    const { session, callId, streamSid } = await bench.talking();
    session.speak(4_000, { turnId: 't2', itemId: 'i2' });
    await bench.store.calls.apply(callId, {
      type: 'end-asked',
      source: 'api',
      cause: 'operator-ended-call',
      by: 'operator',
      words: 'We close now.',
    });
    await bench.store.orders.send(bench.gatewayId, { type: 'say-and-end', callId, streamSid });
    await bench.time.advance(0);
    expect(session.said.at(-1)).toEqual({ words: 'We close now.', exact: true });
    expect(session.interrupts.map(({ itemId }) => itemId)).toEqual(['i2']);
    session.speak(1_500, { turnId: 't3', itemId: 'i3' });
    await bench.time.advance(1_490);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(20);
    expect(await bench.record(callId)).toMatchObject({
      state: 'ending',
      cause: 'operator-ended-call',
      by: 'operator',
      goodbye: 'played',
    });
  });

  it('are not waited for when the agent does not say them', async () => {
    const bench = await createCallBench();
    const { callId, streamSid } = await bench.talking();
    await bench.store.calls.apply(callId, {
      type: 'end-asked',
      source: 'api',
      cause: 'operator-ended-call',
      by: 'operator',
      words: 'We close now.',
    });
    await bench.store.orders.send(bench.gatewayId, { type: 'say-and-end', callId, streamSid });
    await bench.time.advance(5_010);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'operator-ended-call', goodbye: 'none' });
  });
});

describe('a recording that fails', () => {
  it('harms nothing: the call goes on and ends as it should', async () => {
    const bench = await createCallBench({ recordings: { open: () => ({ write: () => false, finish: async () => null }) } });
    const { socket, callId } = await bench.talking();
    await bench.time.advance(5_000);
    socket.hangUp();
    await bench.time.advance(10);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'callee-hung-up', recording: null });
    expect(bench.gateway.live()).toBe(0);
  });
});
