import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { systemChance, systemClock, systemTimers, type Timers } from '@onhook/service';
import { openPrivateCa } from '../tls/private-ca.js';
import { openStreamSocket, ProtocolViolation, type StreamSocket } from './stream-socket.js';

/** A socket whose events are written down, and can be waited for. */
function open(
  port: number,
  {
    timers = systemTimers,
    onText,
    ...tls
  }: { timers?: Timers; onText?: (text: string) => void; ca?: string; scheme?: 'ws' | 'wss' } = {},
) {
  const events: string[] = [];
  const looks = new Set<() => void>();
  const note = (event: string): void => {
    events.push(event);
    for (const look of looks) look();
  };
  const socket: StreamSocket = openStreamSocket({
    url: `${tls.scheme ?? 'ws'}://127.0.0.1:${port}/media`,
    ca: tls.ca,
    signature: 'signed=',
    chance: systemChance,
    timers,
    on: {
      onOpen: () => note('open'),
      onRefused: (errorCode, why) => note(`refused ${errorCode}: ${why}`),
      onText(bytes, from, to) {
        const text = Buffer.from(bytes.slice(from, to)).toString();
        onText?.(text);
        note(text);
      },
      onBinary: () => note('binary'),
      onViolation: (why) => note(`violation: ${why}`),
      onClose: (code) => note(`closed ${code}`),
    },
  });
  const until = (fits: (event: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const impatience = systemTimers.after(5_000, () => reject(new Error(`only ${events.join(', ')}`)));
      const look = (): void => {
        const found = events.find(fits);
        if (found === undefined) return;
        impatience.cancel();
        looks.delete(look);
        resolve(found);
      };
      looks.add(look);
      look();
    });
  return { socket, events, until };
}

describe('a socket of the carrier', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  async function portOf(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function serve(): Promise<{ port: number; accepted: Promise<WebSocket> }> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const accepted = new Promise<WebSocket>((resolve) => server.on('connection', (socket) => resolve(socket)));
    await new Promise((resolve) => server.on('listening', resolve));
    closers.push(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, accepted };
  }

  /** A server that says just these bytes to whoever connects. */
  async function serveBytes(bytes: string): Promise<number> {
    const server = createTcpServer((socket) => void socket.on('error', () => undefined).once('data', () => socket.write(bytes)));
    closers.push(() => server.close());
    return portOf(server);
  }

  it('speaks with a real WebSocket server in both directions', async () => {
    const { port, accepted } = await serve();
    const { socket, until, events } = open(port);
    await until((event) => event === 'open');
    const server = await accepted;
    const heard = new Promise((resolve) => server.on('message', (data: Buffer) => resolve(data.toString())));
    socket.sendText('héllo');
    expect(await heard).toBe('héllo');
    server.send('x'.repeat(200_000));
    server.send('end');
    await until((event) => event === 'end');
    expect(events[1]).toHaveLength(200_000);
    socket.destroy();
  });

  it('answers a ping', async () => {
    const { port, accepted } = await serve();
    const { socket } = open(port);
    const server = await accepted;
    const pong = new Promise((resolve) => server.on('pong', (data: Buffer) => resolve(data.toString())));
    server.ping('are you there');
    expect(await pong).toBe('are you there');
    socket.destroy();
  });

  it.each([1000, 1005, 1006] as const)('closes with %i, after what was sent before', async (code) => {
    const { port, accepted } = await serve();
    const { socket, until } = open(port);
    await until((event) => event === 'open');
    const server = await accepted;
    const heard: string[] = [];
    server.on('message', (data: Buffer) => heard.push(data.toString()));
    const closed = new Promise((resolve) => server.on('close', resolve));
    socket.sendText('stop');
    socket.close(code);
    socket.sendText('too late');
    expect(await closed).toBe(code);
    expect(heard).toEqual(['stop']);
    await until((event) => event === `closed ${code}`);
  });

  it.each([1000, 1001, 1011, 4000])('tells the code %i with which the server closed, and answers with the same', async (code) => {
    const { port, accepted } = await serve();
    const { until } = open(port);
    const server = await accepted;
    const closed = new Promise((resolve) => server.on('close', resolve));
    server.close(code, 'why');
    await until((event) => event === `closed ${code}`);
    expect(await closed).toBe(code);
  });

  it('tells a connection that ends without a close from one that is closed', async () => {
    const { port, accepted } = await serve();
    const { until } = open(port);
    (await accepted).terminate();
    await until((event) => event === 'closed 1006');
  });

  it('closes with the code that a violation asks for', async () => {
    const { port, accepted } = await serve();
    const { until } = open(port, {
      onText() {
        throw new ProtocolViolation('not UTF-8', 1007);
      },
    });
    const server = await accepted;
    const closed = new Promise((resolve) => server.on('close', resolve));
    server.send('x');
    await until((event) => event === 'violation: not UTF-8');
    expect(await closed).toBe(1007);
  });

  it.each([
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'refused 31920: HTTP 403'],
    ['HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n', 'refused 31920: HTTP 301'],
    [
      'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n',
      'refused 31920: wrong Sec-WebSocket-Accept',
    ],
    ['HTTP/1.1 101 Yes\r\nUpgrade: soup\r\n\r\n', 'refused 31920: HTTP 101 without Upgrade: websocket'],
    ['SSH-2.0-x\r\n\r\n', 'refused 31920: not HTTP/1.1'],
    ['x'.repeat(20_000), 'refused 31920: no end of the header'],
  ])('is refused by an answer that is no upgrade: %#', async (bytes, refused) => {
    expect(await open(await serveBytes(bytes)).until((event) => event.startsWith('refused'))).toBe(refused);
  });

  it('is refused by a server that only hangs up (31920), by nobody (31902), and by one that says nothing (31901)', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    const port = await portOf(server);
    expect(await open(port).until((event) => event.startsWith('refused'))).toMatch(/^refused 31920/);
    await new Promise((resolve) => server.close(resolve));
    expect(await open(port).until((event) => event.startsWith('refused'))).toMatch(/^refused 31902/);
    const silent = await serveBytes('');
    const hurried: Timers = { ...systemTimers, after: (ms, run) => systemTimers.after(Math.min(ms, 50), run) };
    const refused = await open(silent, { timers: hurried }).until((event) => event.startsWith('refused'));
    expect(refused).toBe('refused 31901: no answer to the upgrade');
  });

  it('speaks over TLS with a server that it trusts, and with no other (31910)', async () => {
    const ca = await openPrivateCa({ clock: systemClock, chance: systemChance });
    const https = createHttpsServer(ca.issue(['localhost', '127.0.0.1']));
    const server = new WebSocketServer({ server: https });
    server.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(`heard ${data.toString()}`)));
    const port = await portOf(https);
    closers.push(() => {
      for (const socket of server.clients) socket.terminate();
      https.close();
    });
    const { socket, until } = open(port, { scheme: 'wss', ca: ca.certificate });
    await until((event) => event === 'open');
    for (let i = 0; i < 50; i++) socket.sendText(`${i}`);
    await until((event) => event === 'heard 49');
    socket.close(1000);
    await until((event) => event === 'closed 1000');
    const refused = (at: number): Promise<string> => open(at, { scheme: 'wss' }).until((event) => event.startsWith('refused'));
    expect(await refused(port)).toMatch(/^refused 31910/);
    const plain = createTcpServer((connection) => void connection.on('error', () => undefined).end('HTTP/1.1 400 No\r\n\r\n'));
    closers.push(() => plain.close());
    expect(await refused(await portOf(plain))).toMatch(/^refused 31910/);
  });

  it('that was abandoned says and hears nothing more, and the server does not notice', async () => {
    const { port, accepted } = await serve();
    const { socket, until, events } = open(port);
    await until((event) => event === 'open');
    const server = await accepted;
    socket.abandon();
    socket.sendText('not sent');
    server.send('not heard');
    server.ping();
    const heard: string[] = [];
    server
      .on('message', () => heard.push('message'))
      .on('pong', () => heard.push('pong'))
      .on('close', () => heard.push('close'));
    await systemTimers.sleep(100);
    expect([events, heard]).toEqual([['open'], []]);
    server.terminate();
    await until((event) => event === 'closed 1006');
  });
});
