import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { AGENT, aNeighbour, MEDIA_PATH, mediaMessage, openFuzzedGateway, until, type FuzzedGateway } from './fuzzed-gateway.js';
import { CREATED, startProvider, UPDATED, type Provider, type ProviderSession } from './provider.js';

/** What the network itself keeps for a peer that reads nothing, on one machine: some megabytes. A flood fills it. */
const CHUNK = Buffer.alloc(96_000, 0x66).toString('base64');
const MB = 1_048_576;
/** What a whole call may keep of a flood: the queue of its carrier (4 MB), and what a collector has not yet taken away. */
const MOST_KEPT_MB = 64;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function aHouse(hostile: (session: ProviderSession) => boolean): Promise<{ house: FuzzedGateway; provider: Provider }> {
  const provider = await startProvider(AGENT, hostile);
  closers.push(provider.close);
  const house = await openFuzzedGateway(provider);
  closers.push(house.close);
  return { house, provider };
}

async function aStream({ gateway, port, dial }: FuzzedGateway, known: (callId: string) => void) {
  const { callId, start } = await dial();
  known(callId);
  const socket = new WebSocket(`ws://127.0.0.1:${port}${MEDIA_PATH}`, { perMessageDeflate: false });
  closers.push(async () => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify(start));
  await until('the stream is let in', () => gateway.live() === 2);
  return { callId, streamSid: start.streamSid, socket };
}

describe('a carrier that reads nothing of an agent that never stops', { timeout: 60_000 }, () => {
  it('loses its call, and nothing but its call: memory has a bound, the neighbour is heard', async () => {
    let victim = '';
    const { house, provider } = await aHouse((session) => {
      if (session.callId !== victim) return false;
      const { socket } = session;
      socket.send(JSON.stringify(CREATED));
      socket.once('message', () => {
        socket.send(JSON.stringify(UPDATED));
        socket.send(JSON.stringify({ type: 'response.created', response: { id: 'r', status: 'in_progress' } }));
        const item = { response_id: 'r', item_id: 'i', output_index: 0, content_index: 0 };
        const more = (): void => {
          if (socket.readyState !== socket.OPEN) return;
          socket.send(JSON.stringify({ type: 'response.output_audio.delta', ...item, delta: CHUNK }), () => setTimeout(more, 5));
        };
        more();
      });
      return true;
    });
    const neighbour = await aNeighbour(house, provider);
    const before = process.memoryUsage().rss;
    const { socket, streamSid } = await aStream(house, (callId) => (victim = callId));
    socket.pause();
    let n = 0;
    const speaks = setInterval(() => socket.send(mediaMessage(streamSid, ++n, 0x33)), 20);
    await until('the call is given up', () => house.gateway.live() === 1, 30_000).finally(() => clearInterval(speaks));
    expect((process.memoryUsage().rss - before) / MB).toBeLessThan(MOST_KEPT_MB);
    expect(house.traffic.carrierBufferedMaxBytes).toBeLessThan(4 * MB + 3 * CHUNK.length);
    expect(await house.causeOf(victim)).toBe('media-lost');
    expect([neighbour.faults(), house.uncaught]).toEqual([[], []]);
    await neighbour.hangUp();
  });
});

describe('an agent that reads nothing of a carrier that never stops', { timeout: 60_000 }, () => {
  it('is given up for another session; the queue has a bound, the neighbour is heard', async () => {
    let victim = '';
    let sessions = 0;
    const { house, provider } = await aHouse((session) => {
      if (session.callId !== victim || ++sessions > 1) return false;
      const { socket } = session;
      socket.send(JSON.stringify(CREATED));
      socket.once('message', () => {
        socket.send(JSON.stringify(UPDATED));
        socket.pause();
      });
      return true;
    });
    const neighbour = await aNeighbour(house, provider);
    const { socket, streamSid } = await aStream(house, (callId) => (victim = callId));
    let n = 0;
    const floods = setInterval(() => {
      for (let i = 0; i < 200; i++) socket.send(mediaMessage(streamSid, ++n, 0x33));
    }, 20);
    await until('it is given up', () => sessions === 2, 40_000).finally(() => clearInterval(floods));
    expect(house.gateway.live()).toBe(2);
    // Full is 64 KB; what one read of the carrier's socket brings may come on top.
    expect(house.traffic.agentBufferedMaxBytes).toBeLessThan(MB);
    expect(house.traffic.unheardByAgent).toBeGreaterThan(1_000);
    socket.close();
    await until('its call is over', () => house.gateway.live() === 1);
    expect([neighbour.faults(), house.uncaught]).toEqual([[], []]);
    await neighbour.hangUp();
  });
});
