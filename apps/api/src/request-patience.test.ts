import { once } from 'node:events';
import { request as open } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Timers } from '@onhook/service';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from './server.js';

/** Patience that ends when the test says so. */
const waiting = new Map<() => void, number>();
const timers: Pick<Timers, 'after'> = {
  after(ms, run) {
    waiting.set(run, ms);
    return { cancel: () => void waiting.delete(run) };
  },
};
const app = express();
// As the API does: what is mounted sees a shorter URL.
app.use('/v1', (_request, _response, next) => next());
app.post(/.*/, (request, response) => {
  let size = 0;
  request.on('data', (chunk: Buffer) => (size += chunk.length));
  request.on('end', () => response.json({ size }));
});
const server = createHttpServer(app, timers);
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A client that has sent half of what it promised. */
async function half(path: string) {
  const { port } = server.address() as AddressInfo;
  const client = open({ port, host: '127.0.0.1', path, method: 'POST', headers: { 'Content-Length': '8' } });
  const arrived = once(server, 'request');
  const answered = once(client, 'response') as Promise<[{ statusCode: number }]>;
  client.write('1234');
  await arrived;
  return { client, answered };
}

describe('a request that takes long to arrive', () => {
  it('is refused after 15 s', async () => {
    const { answered } = await half('/v1/calls');
    await expect.poll(() => [...waiting.values()]).toEqual([15_000]);
    for (const tooLate of waiting.keys()) tooLate();
    expect((await answered)[0].statusCode).toBe(408);
    await expect.poll(() => waiting.size).toBe(0);
  });

  it('is let be if it brings a file', async () => {
    const { client, answered } = await half('/v1/campaigns/camp_1/contacts?dryRun=true');
    const other = await half('/v1/do-not-call/import');
    expect(waiting.size).toBe(0);
    client.end('5678');
    other.client.end('5678');
    expect((await answered)[0].statusCode).toBe(200);
    expect((await other.answered)[0].statusCode).toBe(200);
  });

  it('is not counted any more once it is there', async () => {
    const { client, answered } = await half('/v1/calls');
    await expect.poll(() => waiting.size).toBe(1);
    client.end('5678');
    expect((await answered)[0].statusCode).toBe(200);
    expect(waiting.size).toBe(0);
  });
});
