import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CarrierCallId } from '@onhook/contracts';
import { silentLogger, systemClock, systemTimers } from '@onhook/service';
import { aPlaceCall, aRedirect } from '../../conformance/index.js';
import type { PlaceOutcome } from '../../port.js';
import { createTwilioCarrier } from './twilio-carrier.js';

const carrierAt = (baseUrl: string) =>
  createTwilioCarrier({
    accountSid: `AC${'1'.repeat(32)}`,
    authToken: 'secret',
    baseUrl,
    logger: silentLogger,
    clock: systemClock,
    connectTimeoutMs: 300,
    createTimeoutMs: 400,
    httpTimeoutMs: 300,
  });

describe('when the network fails', () => {
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    server = undefined;
  });

  /** A server of bytes. Resolves with its URL. */
  async function serve(onSocket: (socket: Socket) => void): Promise<string> {
    server = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onSocket(socket);
    });
    await new Promise<void>((resolve) => void server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const whole = (body: string, head = 'HTTP/1.1 201 Created'): string =>
    `${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const place = (url: string): Promise<PlaceOutcome> => carrierAt(url).placeCall(aPlaceCall(), () => false);

  it('a refused connection is not-sent', async () => {
    const url = await serve(() => undefined);
    await new Promise<void>((resolve) => void server!.close(() => resolve()));
    server = undefined;
    expect(await place(url)).toMatchObject({ outcome: 'not-sent', reason: 'ECONNREFUSED', retryInMs: 1_000 });
  });

  it('a name that does not exist is not-sent', async () => {
    const outcome = await place('http://no-such-host.invalid');
    expect(outcome).toMatchObject({ outcome: 'not-sent' });
  });

  it('a failed TLS handshake is not-sent', async () => {
    const url = await serve((socket) => socket.end('this is no TLS'));
    const outcome = await place(url.replace('http:', 'https:'));
    expect(outcome).toMatchObject({ outcome: 'not-sent' });
  });

  it('a TLS handshake that never ends is not-sent', async () => {
    const url = await serve(() => undefined);
    expect(await place(url.replace('http:', 'https:'))).toMatchObject({ outcome: 'not-sent', reason: 'connect-timeout' });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['a reset after the request was read', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'ECONNRESET'],
    ['a connection closed without an answer', (socket) => socket.once('data', () => socket.end()), 'ECONNRESET'],
    ['silence', () => undefined, 'timeout'],
    ['half a head', (socket) => socket.once('data', () => socket.end('HTTP/1.1 201 Cre')), 'ECONNRESET'],
    [
      'half a body',
      (socket) => socket.once('data', () => socket.end(whole('{"sid":"CA'.padEnd(100)).slice(0, -50))),
      'answer-cut',
    ],
    [
      'half a body and then silence',
      (socket) => socket.once('data', () => socket.write(whole('{}'.padEnd(100)).slice(0, -50))),
      'timeout',
    ],
    [
      'bytes that are no HTTP',
      (socket) => socket.once('data', () => socket.end('\u0000\u0001garbage\r\n\r\n')),
      'HPE_INVALID_CONSTANT',
    ],
    ['an answer of garbage', (socket) => socket.once('data', () => socket.end(whole('<<<'))), 'http-201-without-sid'],
    ['an answer that drips for ever', (socket) => socket.once('data', () => drip(socket)), 'timeout'],
  ])('%s is unclear', async (_, onSocket, reason) => {
    let connections = 0;
    const url = await serve((socket) => {
      connections++;
      onSocket(socket);
    });
    expect(await place(url)).toEqual({ outcome: 'unclear', reason });
    expect(connections).toBe(1);
  });

  it('a reset before the request was read is never taken for accepted or refused', async () => {
    const url = await serve((socket) => socket.resetAndDestroy());
    const { outcome } = await place(url);
    expect(['unclear', 'not-sent']).toContain(outcome);
  });

  it('hangups and looks are failed, and the process lives', async () => {
    const url = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const sid = `CA${'c'.repeat(32)}` as CarrierCallId;
    const carrier = carrierAt(url);
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'ECONNRESET' });
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'failed', reason: 'ECONNRESET' });
    expect(await carrier.listCalls({ createdAfter: 0 })).toEqual({ outcome: 'failed', reason: 'ECONNRESET' });
  });

  it('a hangup without an answer is failed after its time', async () => {
    const url = await serve(() => undefined);
    const begin = systemClock.monotonicMs();
    expect(await carrierAt(url).hangUp(`CA${'c'.repeat(32)}` as CarrierCallId)).toEqual({ outcome: 'failed', reason: 'timeout' });
    expect(systemClock.monotonicMs() - begin).toBeLessThan(2_000);
  });

  function drip(socket: Socket): void {
    socket.write('HTTP/1.1 201 Created\r\n\r\n');
    const timer = systemTimers.every(50, () => socket.write(' '));
    socket.on('close', () => timer.cancel());
  }

  it('a redirect is unclear if its answer is lost or late, and never sent again', async () => {
    const sid = `CA${'2'.repeat(32)}` as CarrierCallId;
    let connections = 0;
    const lost = await serve((socket) => {
      connections++;
      socket.once('data', () => socket.destroy());
    });
    expect(await carrierAt(lost).redirect(sid, aRedirect())).toMatchObject({ outcome: 'unclear' });
    expect(connections).toBe(1);
    await new Promise<void>((resolve) => void server!.close(() => resolve()));
    const late = await serve((socket) => void socket.resume());
    expect(await carrierAt(late).redirect(sid, aRedirect())).toMatchObject({ outcome: 'unclear', reason: 'timeout' });
  });

  it('a redirect to nobody who listens was refused', async () => {
    const url = await serve(() => undefined);
    await new Promise<void>((resolve) => void server!.close(() => resolve()));
    server = undefined;
    const sid = `CA${'2'.repeat(32)}` as CarrierCallId;
    expect(await carrierAt(url).redirect(sid, aRedirect())).toEqual({ outcome: 'refused', reason: 'ECONNREFUSED' });
  });
});
