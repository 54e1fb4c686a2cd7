import { createTwilioInbound } from '@onhook/carrier/twilio';
import { isStreamToken, streamToken } from '@onhook/carrier';
import { CARRIER_PATHS, type CallId } from '@onhook/contracts';
import { silentLogger, systemTimers } from '@onhook/service';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MediaSocket } from './media-socket.js';
import { createGatewayServer, type GatewayServerDeps } from './server.js';
import { createCallBench, ACCOUNT_SID, type CallBench } from './testing/call-bench.js';

const AUTH_TOKEN = 'an auth token of tests';
const PUBLIC_URL = 'wss://media.example.com/carrier/twilio/media';
/** Twilio's: HMAC-SHA1 of the URL as it stands in the TwiML, without parameters. */
const SIGNATURE = createHmac('sha1', AUTH_TOKEN).update(PUBLIC_URL).digest('base64');

const open: { server: Server; sockets: WebSocket[] }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(given: Partial<GatewayServerDeps> = {}) {
  const admitted: MediaSocket[] = [];
  const server = createGatewayServer({
    paths: [CARRIER_PATHS.media],
    inbound: createTwilioInbound({ accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, mediaPublicUrl: PUBLIC_URL }),
    admit: async (socket) => void admitted.push(socket),
    live: () => 0,
    stage: () => 'open',
    maxStreams: 10,
    timers: systemTimers,
    logger: silentLogger,
    ...given,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: WebSocket[] = [];
  open.push({ server, sockets });
  return {
    admitted,
    port,
    dial(path: string = CARRIER_PATHS.media, headers: Record<string, string> = { 'X-Twilio-Signature': SIGNATURE }): WebSocket {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, perMessageDeflate: false });
      sockets.push(socket);
      return socket;
    },
  };
}

async function refusal(socket: WebSocket): Promise<number> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.on('error', () => {});
  return response.statusCode;
}
const closing = async (socket: WebSocket): Promise<number> => ((await once(socket, 'close')) as [number])[0];

describe('the upgrade', () => {
  it('is refused with 403 when it is unsigned or wrongly signed: no socket, no message', async () => {
    const { dial, admitted } = await serve();
    expect(await refusal(dial(CARRIER_PATHS.media, {}))).toBe(403);
    expect(await refusal(dial(CARRIER_PATHS.media, { 'X-Twilio-Signature': SIGNATURE.replace(/^./, 'x') }))).toBe(403);
    const ofAnotherUrl = createHmac('sha1', AUTH_TOKEN).update('wss://evil.example.com/carrier/twilio/media').digest('base64');
    expect(await refusal(dial(CARRIER_PATHS.media, { 'X-Twilio-Signature': ofAnotherUrl, Host: 'evil.example.com' }))).toBe(403);
    expect(admitted).toEqual([]);
  });

  it('is refused with 404 at every path but the exact one', async () => {
    const { dial, admitted } = await serve();
    const answers: Record<string, number> = {};
    for (const path of [
      '/',
      `${CARRIER_PATHS.media}/`,
      `${CARRIER_PATHS.media}?token=x`,
      '/carrier/twilio/Media',
      `/x${CARRIER_PATHS.media}`,
    ]) {
      answers[path] = await refusal(dial(path));
    }
    expect(Object.entries(answers).filter(([, status]) => status !== 404)).toEqual([]);
    expect(admitted).toEqual([]);
  });

  it('is let through when it is signed', async () => {
    const { dial, admitted } = await serve();
    await once(dial(), 'open');
    expect(admitted).toHaveLength(1);
  });

  it('is refused with 503 while draining, without a seat, and beyond the pending ones', async () => {
    expect(await refusal((await serve({ stage: () => 'closed' })).dial())).toBe(503);
    expect(await refusal((await serve({ live: () => 10 })).dial())).toBe(503);
    const never = await serve({ admit: () => new Promise(() => {}), limits: { maxPending: 2 } });
    const first = never.dial();
    await Promise.all([once(first, 'open'), once(never.dial(), 'open')]);
    expect(await refusal(never.dial())).toBe(503);
    first.terminate();
    await closing(first);
    await expect
      .poll(async () => (await (await fetch(`http://127.0.0.1:${never.port}/healthz`)).json()) as unknown)
      .toMatchObject({ pending: 1 });
    await once(never.dial(), 'open');
  });

  it('survives clients that reset in mid-handshake and requests that are none', async () => {
    const { port, dial } = await serve();
    for (const text of [
      'GET /carrier/twilio/media HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      '\0\0\0',
      'GET / HTTP/1.1\r\n',
    ]) {
      const raw = connect(port, '127.0.0.1');
      raw.on('error', () => {});
      await once(raw, 'connect');
      raw.write(text);
      raw.resetAndDestroy();
      await once(raw, 'close');
    }
    const good = dial();
    await once(good, 'open');
    expect(good.readyState).toBe(WebSocket.OPEN);
  });
});

describe('the socket', () => {
  it('that sends an oversized frame is closed, alone', async () => {
    const heard: string[] = [];
    const { dial } = await serve({
      admit: async (socket) =>
        socket.listen({
          onMessage: (bytes) => void heard.push(Buffer.from(bytes).toString()),
          onClosed: () => void heard.push('closed'),
        }),
    });
    const [good, bad] = [dial(), dial()];
    await Promise.all([once(good, 'open'), once(bad, 'open')]);
    bad.on('error', () => {});
    bad.send('x'.repeat(65_537));
    expect(await closing(bad)).toBe(1009);
    good.send('still here');
    // Two sockets: which of the two is told first is nobody's promise.
    await expect.poll(() => [...heard].sort()).toEqual(['closed', 'still here']);
  });

  it('never speaks compression, and takes no binary message for one of the carrier', async () => {
    const heard: string[] = [];
    const { dial } = await serve({
      admit: async (socket) =>
        socket.listen({ onMessage: (bytes) => void heard.push(Buffer.from(bytes).toString()), onClosed() {} }),
    });
    const socket = dial(CARRIER_PATHS.media, {
      'X-Twilio-Signature': SIGNATURE,
      'Sec-WebSocket-Extensions': 'permessage-deflate',
    });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.send(Buffer.from('binary'));
    socket.send('text');
    await expect.poll(() => heard).toEqual(['text']);
  });
});

describe('/healthz', () => {
  it('answers, and nothing else does', async () => {
    const { port } = await serve({ live: () => 3 });
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok', live: 3, pending: 0 }]);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}${CARRIER_PATHS.media}`)).status).toBe(404);
  });

  it('keeps an idle connection for longer than any probe pauses', async () => {
    const { port } = await serve({});
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).headers.get('keep-alive')).toBe('timeout=65');
  });
});

/** Server, intake, session and records together; sockets are real, time is virtual. */
describe('a whole gateway behind its server', () => {
  const SECRET = 'a secret of tests';
  async function whole() {
    const bench = await createCallBench({
      isGenuineToken: (callId, attempt, token) => isStreamToken(SECRET, callId, attempt, token),
    });
    const server = await serve({ admit: (socket) => bench.gateway.admit(socket), live: () => bench.gateway.live() });
    return { bench, server };
  }
  async function begin(
    bench: CallBench,
    socket: WebSocket,
    { callId, sid }: { callId: CallId; sid: string },
    token: string,
  ): Promise<void> {
    const streamSid = `MZ${'d4'.repeat(16)}`;
    await once(socket, 'open');
    socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
    socket.send(
      JSON.stringify({
        event: 'start',
        sequenceNumber: '1',
        streamSid,
        start: {
          accountSid: ACCOUNT_SID,
          streamSid,
          callSid: sid,
          tracks: ['inbound'],
          customParameters: { callId, attempt: '1', token },
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        },
      }),
    );
  }

  it('bridges a genuine stream once: the same token a second time is closed and reaches no agent', async () => {
    const { bench, server } = await whole();
    const claim = await bench.answered();
    const token = streamToken(SECRET, claim.callId, 1);
    const first = server.dial();
    await begin(bench, first, claim, token);
    await expect.poll(() => bench.agent.sessions.length).toBe(1);
    const second = server.dial();
    await begin(bench, second, claim, token);
    expect(await closing(second)).toBe(1008);
    expect(bench.agent.sessions).toHaveLength(1);
    expect(first.readyState).toBe(WebSocket.OPEN);
    first.close(1000);
    await expect.poll(async () => (await bench.record(claim.callId)).state).toBe('ending');
  });

  it('closes a stream with a wrong token; it reaches no agent and changes nothing', async () => {
    const { bench, server } = await whole();
    const claim = await bench.answered();
    const socket = server.dial();
    await begin(bench, socket, claim, streamToken('another secret', claim.callId, 1));
    expect(await closing(socket)).toBe(1008);
    expect(bench.agent.sessions).toEqual([]);
    expect((await bench.record(claim.callId)).state).toBe('answered');
  });

  it('closes a socket that does not start within five seconds', async () => {
    const { bench, server } = await whole();
    const socket = server.dial();
    await once(socket, 'open');
    await expect
      .poll(async () => (await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).json()) as unknown)
      .toMatchObject({ pending: 1 });
    const closed = closing(socket);
    await bench.time.advance(5_000);
    expect(await closed).toBe(1008);
  });
});
