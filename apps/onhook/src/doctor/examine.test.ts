import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkAgentKey } from './agent.js';
import { checkCarrier } from './carrier.js';
import { checkNode } from './machine.js';
import { checkMediaUrl, checkPublicUrl } from './reach.js';
import { checkRedisServer, type RedisLook } from './redis.js';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer({ keepAlive: false }, (request, response) => {
    response.setHeader('Connection', 'close');
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const redis = (more: Partial<RedisLook> = {}): RedisLook => ({
  facts: async () => ({ version: '7.0.15', warnings: [] }),
  time: async () => 1_000,
  memory: async () => ({ used: 1_048_576, limit: 0 }),
  close: () => {},
  ...more,
});

describe('the doctor', () => {
  it('wants Node 20.19 or newer', () => {
    expect(['v18.20.4', 'v20.18.3', 'v20.19.0', 'v24.1.0'].map((version) => checkNode(version).level)).toEqual([
      'fail',
      'fail',
      'ok',
      'ok',
    ]);
  });

  it('warns of a Redis that may lose the last second, of one with little memory, and of a clock that is wrong', async () => {
    const look = redis({
      facts: async () => ({ version: '7.0.15', warnings: ['appendfsync is everysec'] }),
      memory: async () => ({ used: 1_048_576, limit: 64 * 1_048_576 }),
      time: async () => 61_000,
    });
    const findings = await checkRedisServer(
      async () => look,
      () => 1_000,
    );
    expect(findings.map(({ name, level }) => [name, level])).toEqual([
      ['Redis', 'ok'],
      ['Redis durability', 'warn'],
      ['Redis memory', 'warn'],
      ['Clock', 'warn'],
    ]);
  });

  it('names each thing for which a Redis cannot be used', async () => {
    const look = redis({
      facts: () => Promise.reject(Object.assign(new Error('unfit'), { problems: ['its version is 5.0', 'it evicts'] })),
    });
    expect(
      (
        await checkRedisServer(
          async () => look,
          () => 1_000,
        )
      ).map(({ level, says }) => [level, says]),
    ).toEqual([
      ['fail', 'its version is 5.0'],
      ['fail', 'it evicts'],
    ]);
  });

  it('tells a public URL that leads to us from one that leads elsewhere, and from none', async () => {
    const ours = await serve((_, response) => response.end('{"status":"ok"}'));
    const other = await serve((_, response) => response.writeHead(404).end('not here'));
    expect(await checkPublicUrl(ours, false)).toMatchObject({ level: 'ok' });
    expect(await checkPublicUrl(other, false)).toMatchObject({ level: 'fail', says: '/healthz was answered 404' });
    expect(await checkPublicUrl('http://127.0.0.1:65529', false)).toMatchObject({
      level: 'fail',
      says: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await checkPublicUrl('http://example.com', true)).toMatchObject({
      level: 'fail',
      says: 'http://example.com is not https',
    });
  });

  it('takes 403 for the gateway’s own answer, and anything else for a proxy that swallows upgrades', async () => {
    const answers = async (status: number): Promise<string> =>
      (await serve((_, response) => response.writeHead(status).end())).replace('http', 'ws');
    expect(await checkMediaUrl(await answers(403), false)).toMatchObject({ level: 'ok' });
    expect(await checkMediaUrl(await answers(404), false)).toMatchObject({ level: 'fail' });
    expect(await checkMediaUrl(await answers(503), false)).toMatchObject({ level: 'warn' });
  });

  it('finds a number that is not ours, and credentials that do not belong together', async () => {
    const url = await serve((request, response) => {
      if (!request.headers.authorization?.endsWith(Buffer.from('AC1:right').toString('base64')))
        return void response.writeHead(401).end('{}');
      const body = request.url?.includes('IncomingPhoneNumbers')
        ? { incoming_phone_numbers: request.url.includes('0006') ? [{ capabilities: { voice: true } }] : [] }
        : { outgoing_caller_ids: [] };
      response.end(JSON.stringify(body));
    });
    const look = (authToken: string): ReturnType<typeof checkCarrier> =>
      checkCarrier({
        accountSid: 'AC1',
        authToken,
        fromNumbers: ['+15005550006', '+14155550100'],
        countries: [],
        apiBaseUrl: url,
      });
    expect((await look('wrong')).map(({ level }) => level)).toEqual(['fail']);
    expect((await look('right')).map(({ level, says }) => [level, says])).toEqual([
      ['ok', 'the credentials are good'],
      ['ok', '…0006 is ours and may make calls'],
      ['fail', '…0100 does not belong to this account (Twilio error 21210)'],
    ]);
  });

  it('tells a refused key from a provider that is away', async () => {
    const url = (
      await serve((request, response) =>
        response.writeHead(request.headers.authorization === 'Bearer good' ? 200 : 401).end('{}'),
      )
    ).replace('http', 'ws');
    expect((await checkAgentKey('good', `${url}/v1/realtime`)).level).toBe('ok');
    expect(await checkAgentKey('bad', `${url}/v1/realtime`)).toMatchObject({ level: 'fail', says: 'the key is refused' });
    expect(await checkAgentKey('good', 'ws://127.0.0.1:65529/v1/realtime')).toMatchObject({
      level: 'fail',
      says: expect.stringContaining('cannot be reached'),
    });
  });
});
