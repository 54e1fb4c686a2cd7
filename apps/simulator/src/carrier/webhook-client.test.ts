import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { systemChance, systemClock, systemTimers } from '@onhook/service';
import type { Exchange } from './call-logs.js';
import { createWebhookClient } from './webhook-client.js';

const authToken = 'test-token';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  body: string;
  headers: IncomingMessage['headers'];
}

describe('a request of the carrier to its customer', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function customer(answer: (seen: Seen, response: ServerResponse) => void) {
    const seen: Seen[] = [];
    const exchanges: Exchange[] = [];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { method, url, headers } = request;
        const one = { method, url, headers, body: Buffer.concat(parts).toString() };
        seen.push(one);
        answer(one, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createWebhookClient({
      authToken,
      clock: systemClock,
      timers: systemTimers,
      chance: systemChance,
      onExchange: (exchange) => exchanges.push(exchange),
    });
    closers.push(async () => {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { client, seen, exchanges, host, url: `http://${host}` };
  }
  const params = { CallSid: 'CA1', CallStatus: 'ringing' };

  it('follows a redirect with GET, its parameters in the query, signed for the new place', async () => {
    const { client, seen, url, exchanges } = await customer(({ url: path }, response) => {
      if (path === '/old') response.writeHead(302, { Location: '/new?a=1' }).end();
      else response.writeHead(200, { 'Content-Type': 'text/xml' }).end('<Response/>');
    });
    expect(await client.send({ url: `${url}/old`, method: 'POST', params })).toMatchObject({ ok: true, attempts: 1 });
    expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'POST /old',
      'GET /new?a=1&CallSid=CA1&CallStatus=ringing',
    ]);
    const signature = String(seen[1]!.headers['x-twilio-signature']);
    expect(twilio.validateRequest(authToken, signature, url + seen[1]!.url!, {})).toBe(true);
    expect(seen[0]!.headers['i-twilio-idempotency-token']).toBe(seen[1]!.headers['i-twilio-idempotency-token']);
    expect(exchanges.map(({ answer }) => answer?.status)).toEqual([302, 200]);
  });

  it('keeps method and body over a 307', async () => {
    const { client, seen, url } = await customer(({ url: path }, response) => {
      if (path === '/old') response.writeHead(307, { Location: '/new' }).end();
      else response.writeHead(204).end();
    });
    expect(await client.send({ url: `${url}/old`, method: 'POST', params })).toMatchObject({ ok: true });
    expect(seen[1]).toMatchObject({ method: 'POST', url: '/new', body: 'CallSid=CA1&CallStatus=ringing' });
  });

  it('follows ten redirects and no more (11215)', async () => {
    const { client, seen, url } = await customer((_, response) => void response.writeHead(302, { Location: '/again' }).end());
    const outcome = await client.send({ url: `${url}/`, method: 'GET', params: {} });
    expect(outcome).toMatchObject({ ok: false, errorCode: 11215 });
    expect(seen).toHaveLength(11);
  });

  it('does not follow to another protocol, and takes a redirect without a place for a failure', async () => {
    const { client, url } = await customer(
      (_, response) => void response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
    );
    expect(await client.send({ url, method: 'GET', params: {} })).toMatchObject({ ok: false, failure: '4xx', status: 302 });
  });

  it('shows user and password of the URL only to a server that asks, and once', async () => {
    const { client, seen, host } = await customer(({ headers, url: path }, response) => {
      if (headers.authorization && path === '/open') response.writeHead(204).end();
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    expect(await client.send({ url: `http://ann:s%20ecret@${host}/open`, method: 'POST', params })).toMatchObject({ ok: true });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      `Basic ${Buffer.from('ann:s ecret').toString('base64')}`,
    ]);
    seen.length = 0;
    expect(await client.send({ url: `http://ann:x@${host}/shut`, method: 'POST', params })).toMatchObject({ status: 401 });
    expect(seen).toHaveLength(2);
  });

  it.each(['/relative', 'nowhere', 'ftp://127.0.0.1/', 'http://[', ''])('to %j is none, and fails without a try', async (url) => {
    const { client, exchanges } = await customer(() => undefined);
    expect(await client.send({ url, method: 'POST', params })).toMatchObject({ ok: false, errorCode: 11100, attempts: 0 });
    expect(exchanges).toEqual([]);
  });

  it('takes a user and a place that are no text as they are', async () => {
    const { client, seen, host } = await customer(({ headers }, response) => {
      if (headers.authorization) response.writeHead(302, { Location: `http://%fe@${host}/%ff` }).end();
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    expect(await client.send({ url: `http://%ff@${host}/`, method: 'POST', params })).toMatchObject({
      ok: false,
      errorCode: 11215,
    });
    expect(seen[1]!.headers.authorization).toBe(`Basic ${Buffer.from('%ff:').toString('base64')}`);
    expect(seen[2]!.url).toMatch(/^\/%ff\?/);
  });

  it('waits for an answer from when it is connected, as long as rt says, and not longer than tt in all', async () => {
    const { client, seen, url } = await customer(() => undefined);
    const slow = await client.send({ url: `${url}/#rt=150`, method: 'POST', params });
    expect(slow).toMatchObject({ ok: false, failure: 'rt', attempts: 1 });
    expect(slow.tookMs).toBeLessThan(2_000);
    seen.length = 0;
    const total = await client.send({ url: `${url}/#rt=150&tt=400&rc=5&rp=all`, method: 'POST', params });
    expect(total).toMatchObject({ ok: false, failure: 'rt' });
    expect(total.tookMs).toBeLessThan(2_000);
    expect(seen.length).toBeLessThan(4);
  });

  it('tries a place that nobody listens at once more', async () => {
    const { client, url } = await customer(() => undefined);
    closers.push(() => Promise.resolve());
    const port = Number(new URL(url).port);
    await closers.shift()!();
    const again = createWebhookClient({ authToken, clock: systemClock, timers: systemTimers, chance: systemChance });
    expect(await again.send({ url: `http://127.0.0.1:${port}/`, method: 'POST', params })).toMatchObject({
      ok: false,
      failure: 'ct',
      attempts: 2,
      detail: 'ECONNREFUSED',
    });
    client.close();
  });
});
