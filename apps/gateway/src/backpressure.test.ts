import { describe, expect, it } from 'vitest';
import { AGENT_BACKPRESSURE, CARRIER_BACKPRESSURE, createBackpressure } from './backpressure.js';
import { createCallBench } from './testing/call-bench.js';

describe('backpressure', () => {
  it('calls a peer stuck that has taken nothing for five seconds', () => {
    const pressure = createBackpressure(CARRIER_BACKPRESSURE);
    for (let at = 0; at < 5_000; at += 500) expect(pressure.isStuck(100_000 + at, at)).toBe(false);
    expect(pressure.isStuck(105_000, 5_000)).toBe(true);
  });

  it('calls no peer stuck that takes some, however much waits', () => {
    const pressure = createBackpressure(CARRIER_BACKPRESSURE);
    for (let at = 0; at < 60_000; at += 500) expect(pressure.isStuck(3_000_000 - at, at)).toBe(false);
  });

  it('calls no peer stuck that takes some, however much faster more comes', () => {
    const pressure = createBackpressure(CARRIER_BACKPRESSURE);
    for (let at = 0; at < 60_000; at += 500) expect(pressure.isStuck(100_000 + at * 40, at, at * 20)).toBe(false);
    // It takes no more, and nothing more comes.
    for (let at = 60_000; at < 64_500; at += 500) expect(pressure.isStuck(2_500_000, at, 1_190_000)).toBe(false);
    expect(pressure.isStuck(2_500_000, 65_000, 1_190_000)).toBe(true);
  });

  it('calls nothing a queue that the network takes at one time', () => {
    const pressure = createBackpressure(AGENT_BACKPRESSURE);
    for (let at = 0; at < 60_000; at += 500) expect(pressure.isStuck(16_000, at)).toBe(false);
  });
});

describe('a carrier that does not read', () => {
  it('loses its call after five seconds: nobody hears what the agent says', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    socket.setBuffered(200_000);
    await bench.time.advance(4_900);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(1_000);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'media-lost', by: 'carrier' });
  });

  it('keeps it while it takes anything, though a long answer comes in faster', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    for (let second = 1; second <= 12; second++) {
      socket.setBuffered(200_000 * second, 20_000 * second);
      await bench.time.advance(1_000);
    }
    expect((await bench.record(callId)).state).toBe('bridged');
    // And loses it when it takes nothing any more.
    await bench.time.advance(6_000);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'media-lost', by: 'carrier' });
  });

  it('loses it at once when four megabytes wait', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    socket.setBuffered(4_200_000);
    await bench.time.advance(30);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'media-lost' });
  });

  it('and catches up keeps it', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.talking();
    for (let waiting = 3_000_000; waiting > 0; waiting -= 300_000) {
      socket.setBuffered(waiting);
      await bench.time.advance(1_000);
    }
    expect((await bench.record(callId)).state).toBe('bridged');
  });
});

describe('an agent that does not read', () => {
  it('is not given what it would hear seconds too late, and hears again when it has caught up', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    session.setBuffered(70_000);
    const heard = session.heard.length;
    await bench.time.advance(1_000);
    expect(session.heard.length).toBe(heard);
    session.setBuffered(0);
    await bench.time.advance(1_000);
    expect(session.heard.length).toBe(heard + 50);
    expect(bench.agent.sessions).toHaveLength(1);
  });

  it('is replaced after five seconds', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    session.setBuffered(70_000);
    await bench.time.advance(6_000);
    expect(session.isClosed()).toBe(true);
    expect(bench.agent.sessions).toHaveLength(2);
    expect((await bench.record(callId)).state).toBe('bridged');
  });
});
