import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { silentLogger, systemClock } from '@onhook/service';
import { createLedger } from '../ledger.js';
import { openTlsDoors, type TlsDoors } from './tls-doors.js';

interface Asked {
  name: string;
  path?: string;
  socket?: Socket;
  trusts?: boolean;
}

describe('the doors with TLS', () => {
  const ledger = createLedger({ clock: systemClock, logger: silentLogger });
  const sockets = new WebSocketServer({ noServer: true });
  let doors: TlsDoors;
  beforeAll(async () => {
    const opened = await openTlsDoors(
      { tlsPort: 0, proxyPort: 0 },
      {
        host: '127.0.0.1',
        ledger,
        hosts: {
          carrier: (request, response) => void response.end(`carrier ${request.url}`),
          voiceAgent: {
            request: (_request, response) => void response.writeHead(426).end('voice agent'),
            upgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head, (accepted) => accepted.close()),
          },
        },
      },
    );
    if (!opened) throw new Error('no doors');
    doors = opened;
  });
  afterAll(() => doors.close());

  function get({ name, path = '/', socket, trusts = true }: Asked): Promise<string> {
    return new Promise((resolve, reject) => {
      const common = { ...(trusts && { ca: doors.ca.certificate }), servername: name };
      const request = httpsRequest({
        ...common,
        path,
        headers: { Host: name },
        ...(socket
          ? { createConnection: () => tlsConnect({ ...common, socket }) }
          : { host: '127.0.0.1', port: doors.tlsPort, agent: false }),
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let body = '';
        response.on('data', (part: Buffer) => (body += part.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
      });
      request.end();
    });
  }

  function tunnelTo(target: string): Promise<{ status: number; socket: Socket }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: doors.proxyPort, method: 'CONNECT', path: target });
      request.on('connect', (response, socket: Socket) => resolve({ status: response.statusCode ?? 0, socket }));
      request.on('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, socket: response.socket });
      });
      request.on('error', reject);
      request.end();
    });
  }

  it.each([
    ['api.twilio.com', '200 carrier /a?b=c'],
    ['api.dublin.ie1.twilio.com', '200 carrier /a?b=c'],
    ['localhost', '200 carrier /a?b=c'],
    ['api.openai.com', '426 voice agent'],
  ])('are %s to a client that asks for it and trusts the CA', async (name, answer) => {
    expect(await get({ name, path: '/a?b=c' })).toBe(answer);
  });

  it('upgrade sockets of the voice agent and of nobody else', async () => {
    const upgrade = (name: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = httpsRequest({
          host: '127.0.0.1',
          port: doors.tlsPort,
          ca: doors.ca.certificate,
          servername: name,
          agent: false,
          headers: {
            Connection: 'Upgrade',
            Upgrade: 'websocket',
            'Sec-WebSocket-Version': '13',
            'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          },
        });
        request.on('upgrade', (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        request.on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.on('error', reject);
        request.end();
      });
    expect(await upgrade('api.openai.com')).toBe(101);
    expect(await upgrade('api.twilio.com')).toBe(400);
  });

  it('cannot vouch for a name that is nobody they stand in for', async () => {
    const context = doors.ca.issue(['example.com']);
    const server = createServer(context, (_request, response) => void response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const failure = new Promise<string>((resolve, reject) => {
      const socket = tlsConnect({ host: '127.0.0.1', port, servername: 'example.com', ca: doors.ca.certificate });
      socket.on('secureConnect', () => reject(new Error('was trusted')));
      socket.on('error', (error) => resolve(error.message));
    });
    expect(await failure).toMatch(/PERMITTED|permitted/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('write down that a client does not trust the CA, which its author would hardly guess', async () => {
    const failed = new Promise((resolve) => ledger.subscribe((entry) => entry.kind === 'tls-failed' && resolve(entry)));
    await expect(get({ name: 'api.twilio.com', trusts: false })).rejects.toThrow(/self.signed|unable to verify/);
    expect(await failed).toMatchObject({ kind: 'tls-failed' });
  });

  it('lead through the proxy to the two names they stand in for', async () => {
    const { status, socket } = await tunnelTo('api.twilio.com:443');
    expect(status).toBe(200);
    expect(await get({ name: 'api.twilio.com', socket })).toBe('200 carrier /');
    expect(ledger.entries({ kind: 'proxy-connected' })).toMatchObject([{ target: 'api.twilio.com:443', as: 'carrier' }]);
  });

  it.each(['example.com:443', 'api.twilio.com:80', 'api.twilio.com.example.com:443', '127.0.0.1:4010', 'x'])(
    'refuse a tunnel to %s',
    async (target) => {
      const { status, socket } = await tunnelTo(target);
      socket.destroy();
      expect(status).toBe(403);
      expect(ledger.entries({ kind: 'proxy-refused' }).at(-1)).toMatchObject({ method: 'CONNECT', target });
    },
  );

  it('refuse to fetch a page for anybody, and note the host but not the address', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: doors.proxyPort, path: 'http://example.com/secret?a=b' });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject);
      request.end();
    });
    expect(status).toBe(403);
    expect(ledger.entries({ kind: 'proxy-refused' }).at(-1)).toMatchObject({ method: 'GET', target: 'example.com' });
  });

  it('close, although a tunnel never spoke', async () => {
    const own = await openTlsDoors(
      { proxyPort: 0 },
      {
        host: '127.0.0.1',
        ledger,
        hosts: { carrier: () => undefined, voiceAgent: { request: () => undefined, upgrade: () => undefined } },
      },
    );
    const socket = connect(own?.proxyPort ?? 0, '127.0.0.1');
    const gone = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => {
      socket.once('data', resolve);
      socket.write('CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n');
    });
    await own?.close();
    await gone;
  });
});
