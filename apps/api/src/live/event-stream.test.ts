import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import type { Response } from 'express';
import { systemTimers } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { openEventStream, type EventStream } from './event-stream.js';

/** However busy the machine is. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

/** One stream, to a socket that reads only when it is told to. */
async function openOne(timers: Parameters<typeof openEventStream>[1] = systemTimers) {
  const app = express();
  let stream: EventStream | undefined;
  let response: Response | undefined;
  let isClosed = false;
  app.get('/', (_request, answer) => {
    response = answer;
    stream = openEventStream(answer, timers, () => (isClosed = true));
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(() => text).toContain('retry: 2000');
  return {
    stream: stream!,
    response: response!,
    socket,
    text: () => text,
    isClosed: () => isClosed,
    async stop() {
      socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('an event stream', () => {
  it('says each event with its type, its place and one line of data', async () => {
    const one = await openOne();
    one.stream.send('call.ended', '1.2', { text: 'two\nlines' });
    await eventually(one.text).toContain('event: call.ended\nid: 1.2\ndata: {"text":"two\\nlines"}\n\n');
    one.stream.end();
    await eventually(one.isClosed).toBe(true);
    one.stream.send('call.ended', '1.3', {});
    await one.stop();
  });

  it('says every 15 s that it is there', async () => {
    const time = createVirtualTime();
    const one = await openOne(time);
    await time.advance(31_000);
    await expect
      .poll(() =>
        one
          .text()
          .split('\n')
          .filter((line) => line === ':'),
      )
      .toHaveLength(2);
    await one.stop();
  });

  it('holds no more than a little for a client that does not read: it is cut off', async () => {
    const one = await openOne();
    one.socket.pause();
    let mostHeld = 0;
    for (let i = 0; i < 2_000 && one.stream.isOpen; i++) {
      one.stream.send('call.updated', String(i), 'x'.repeat(20_000));
      mostHeld = Math.max(mostHeld, one.response.writableLength);
      if (i % 20 === 0) await systemTimers.sleep(1);
    }
    await eventually(one.isClosed).toBe(true);
    expect(mostHeld).toBeLessThan(300_000);
    await one.stop();
  });

  it('is over for us when its client goes', async () => {
    const one = await openOne();
    one.socket.destroy();
    await eventually(one.isClosed).toBe(true);
    expect(one.stream.isOpen).toBe(false);
    await one.stop();
  });
});
