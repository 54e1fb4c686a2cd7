import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemTimers } from '@onhook/service';
import { afterEach, describe, expect, it } from 'vitest';
import { readAllowedNetworks, type LookUp } from './address-guard.js';
import { createSendGuarded, type GuardedAnswer, type GuardedRequest } from './guarded-request.js';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  server = createServer(answer);
  await new Promise<void>((resolve) => void server!.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?x=1`);
}

const here = readAllowedNetworks(['127.0.0.1']);
const send = (
  url: URL,
  change: Partial<GuardedRequest> = {},
  deps: { allowed?: typeof here; publicPorts?: readonly number[]; lookUp?: LookUp } = {},
): Promise<GuardedAnswer> =>
  createSendGuarded({ timers: systemTimers, allowed: here, ...deps })({
    url,
    method: 'POST',
    headers: { 'x-one': '1' },
    body: '{"a":"ä"}',
    timeoutMs: 5_000,
    maxResponseBytes: 100,
    signal: new AbortController().signal,
    ...change,
  });

describe('a request of a tool', () => {
  it('arrives as it was meant, and its answer is read', async () => {
    let seen: unknown;
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        seen = [request.method, request.url, request.headers['x-one'], request.headers['content-length'], body];
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"ok":true}');
      });
    });
    expect(await send(url)).toEqual({
      outcome: 'answered',
      status: 201,
      contentType: 'application/json',
      body: '{"ok":true}',
      retryAfter: null,
    });
    expect(seen).toEqual(['POST', '/path?x=1', '1', '10', '{"a":"ä"}']);
  });

  it.each([
    ['an address of this machine', 'https://127.0.0.1/'],
    ['the same as a number', 'https://2130706433/'],
    ['the same in hexadecimal', 'https://0x7f.1/'],
    ['the same in IPv6', 'https://[::1]/'],
    ['the same wrapped', 'https://[::ffff:127.0.0.1]/'],
    ['metadata', 'http://169.254.169.254/latest/meta-data/'],
  ])('never leaves for %s', async (_, url) => {
    expect(await send(new URL(url), {}, { allowed: [] })).toEqual({ outcome: 'failed', reason: 'forbidden' });
  });

  it('never leaves for a name that means this machine, nor unencrypted for one that does not', async () => {
    const url = await serve((_, response) => void response.end('secret'));
    const named = new URL(`https://tool.example:${url.port}/`);
    const local: LookUp = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    const world: LookUp = (_, __, callback) => callback(null, [{ address: '93.184.216.34', family: 4 }]);
    expect(await send(named, {}, { allowed: [], lookUp: local })).toEqual({ outcome: 'failed', reason: 'forbidden' });
    const plain = new URL(`http://tool.example:${url.port}/`);
    expect(await send(plain, {}, { lookUp: world })).toEqual({ outcome: 'failed', reason: 'forbidden' });
    expect(await send(plain, {}, { lookUp: local })).toMatchObject({ outcome: 'answered', body: 'secret' });
  });

  it('goes nowhere else', async () => {
    const url = await serve((_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect(await send(url)).toEqual({ outcome: 'failed', reason: 'redirect' });
  });

  it('reads no more than asked for', async () => {
    const url = await serve((_, response) => void response.end('x'.repeat(101)));
    expect(await send(url)).toEqual({ outcome: 'failed', reason: 'too-large' });
    expect(await send(url, { maxResponseBytes: 101 })).toMatchObject({ outcome: 'answered' });
  });

  it('waits no longer than asked for, also in the middle of an answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
    });
    expect(await send(url, { timeoutMs: 100 })).toEqual({ outcome: 'failed', reason: 'timeout' });
  });

  it('takes half an answer for none', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.socket?.destroy());
    });
    expect(await send(url)).toEqual({ outcome: 'failed', reason: 'unreachable' });
  });

  it('is broken off when nobody wants it any more', async () => {
    const url = await serve(() => undefined);
    const over = new AbortController();
    const answer = send(url, { signal: over.signal });
    over.abort();
    expect(await answer).toEqual({ outcome: 'failed', reason: 'broken-off' });
    expect(await send(url, { signal: over.signal })).toEqual({ outcome: 'failed', reason: 'broken-off' });
  });

  it('may be for the status alone: then the rest is not minded, nor kept', async () => {
    const url = await serve((_, response) => void response.writeHead(503, { 'retry-after': '7' }).end('x'.repeat(101)));
    expect(await send(url, { onlyStatus: true })).toMatchObject({ status: 503, body: '', retryAfter: '7' });
    expect(await send(url, { onlyStatus: true, maxResponseBytes: 500 })).toMatchObject({ status: 503, body: '' });
  });

  it('does not wait for a connection longer than asked for', async () => {
    // Never answered, neither by an address nor by an error.
    const nowhere: LookUp = () => undefined;
    const url = new URL('https://hook.example/');
    expect(await send(url, { connectWithinMs: 50 }, { lookUp: nowhere })).toEqual({ outcome: 'failed', reason: 'unreachable' });
  });

  it('leaves for public addresses at the ports that were named, and for allowed ones at any', async () => {
    const url = await serve((_, response) => void response.end('here'));
    const world: LookUp = (_, __, callback) => callback(null, [{ address: '93.184.216.34', family: 4 }]);
    const strict = { publicPorts: [443, 8443] };
    expect(await send(url, {}, strict)).toMatchObject({ outcome: 'answered' });
    expect(await send(new URL('https://hook.example:6379/'), {}, { ...strict, lookUp: world })).toEqual({
      outcome: 'failed',
      reason: 'forbidden',
    });
  });

  it('to nobody is unreachable', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => server!.close(resolve));
    server = undefined;
    expect(await send(url)).toEqual({ outcome: 'failed', reason: 'unreachable' });
  });
});
