import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { systemTimers } from '@onhook/service';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

let house: TestHouse;
const sockets: Socket[] = [];
const streams: WebSocket[] = [];
beforeAll(async () => {
  house = await openTestHouse();
}, 60_000);
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const stream of streams) stream.terminate();
  await house.close();
});

const MEDIA = '/carrier/twilio/media';

/** A request that never ends: one header at a time, as slowly as it can. */
function dawdle(port: number): void {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  // Or it would not notice that it was put out.
  socket.resume();
  socket.write('POST /v1/calls HTTP/1.1\r\nHost: x\r\n');
  const dripping = systemTimers.every(500, () => (socket.destroyed ? dripping.cancel() : void socket.write('X-Drip: 1\r\n')));
  socket.once('close', () => dripping.cancel());
}

/** A stream with a genuine signature, or none, that never says whose it is. */
function silentStream(signature: string | null): void {
  const stream = new WebSocket(`ws://127.0.0.1:${house.ports.gateway}${MEDIA}`, {
    headers: signature === null ? {} : { 'X-Twilio-Signature': signature },
    perMessageDeflate: false,
  });
  streams.push(stream);
  stream.on('error', () => {});
}

describe('a live call, while others flood', () => {
  it('speaks on, is ended within its bound, and the API answers', { timeout: 120_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155550302', agentId: 'never-ends' });
    const call = await house.until(id, ['bridged'], 30_000);
    const apiPort = Number(new URL(house.apiUrl).port);
    const mediaUrl = `ws://127.0.0.1:${house.ports.gateway}${MEDIA}`;
    const signature = createHmac('sha1', house.simulator.authToken).update(mediaUrl).digest('base64');

    for (let i = 0; i < 300; i++) {
      dawdle(apiPort);
      dawdle(house.ports.gateway);
      silentStream(null);
    }
    for (let i = 0; i < 40; i++) silentStream(signature);
    let asked = 0;
    const flood = systemTimers.every(20, () => {
      for (let i = 0; i < 5; i++) {
        asked++;
        void fetch(`${house.apiUrl}/v1/calls`, { headers: { Authorization: `Bearer sk_made_up_${asked}` } }).catch(() => {});
      }
    });
    try {
      await systemTimers.sleep(6_000);
      const began = performance.now();
      expect((await house.api('/v1/calls?limit=1')).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(2_000);
      expect((await house.readCall(id)).state).toBe('bridged');
      const askedAt = Date.now();
      expect((await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' })).status).toBe(202);
      const ended = await house.simulator.whenEntry(
        (entry) => entry.kind === 'carrier-ended' && entry.callSid === call.attempts[0]?.carrierCallId,
      );
      expect(ended.at - askedAt).toBeLessThan(3_000);
    } finally {
      flood.cancel();
    }
    expect(asked).toBeGreaterThan(100);
    // Nobody of them is still there: who does not say who he is within five seconds, or what he wants within ten, is put out.
    await expect.poll(() => streams.filter((stream) => stream.readyState === WebSocket.OPEN).length, { timeout: 15_000 }).toBe(0);
    await expect.poll(() => sockets.filter((socket) => !socket.destroyed).length, { timeout: 25_000 }).toBe(0);
    expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ cause: 'operator-ended-call' });
  });

  it('bodies without end are refused, and the next request is served', async () => {
    const port = Number(new URL(house.apiUrl).port);
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(
      `POST /v1/calls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${house.apiKey}\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // What was announced is read off before it is refused, for fifteen seconds at most.
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 (408|413)/);
    expect((await house.api('/v1/calls?limit=1')).status).toBe(200);
  });
});
