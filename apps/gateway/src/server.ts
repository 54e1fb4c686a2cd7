import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createAudioFrames } from '@onhook/audio';
import type { CarrierInbound } from '@onhook/carrier';
import type { Logger, Timers } from '@onhook/service';
import { WebSocketServer } from 'ws';
import type { AppendPace } from './append-pace.js';
import type { GatewayStage } from './gateway.js';
import type { MediaSocket } from './media-socket.js';
import { mediaSocketOver } from './ws-media-socket.js';

export interface GatewayServerDeps {
  /** Exact paths at which a stream may open: no query, nothing behind. */
  readonly paths: readonly string[];
  readonly inbound: Pick<CarrierInbound, 'isGenuineUpgrade'>;
  /** Resolves when it is known whose socket it is. */
  readonly admit: (socket: MediaSocket) => Promise<void>;
  readonly live: () => number;
  readonly stage: () => GatewayStage;
  readonly appends?: Pick<AppendPace, 'setting' | 'ms'>;
  /** No stream beyond this many, whatever the directory said. */
  readonly maxStreams: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
  readonly limits?: Partial<ServerLimits>;
}

interface ServerLimits {
  /** A media frame is 300 bytes; nothing that is honest comes near. */
  readonly maxPayloadBytes: number;
  /** Sockets that have not shown yet whose they are. */
  readonly maxPending: number;
}

/** Longer than any proxy or probe pauses: Node's 5 s meet a client that asks every five in the moment of closing. */
const KEPT_ALIVE_MS = 65_000;
const LIMITS: ServerLimits = { maxPayloadBytes: 65_536, maxPending: 50 };

/** Builds the server, does not listen. Everything but a signed upgrade and `/healthz` is refused. */
export function createGatewayServer(deps: GatewayServerDeps): Server {
  const { paths, inbound, admit, live, stage, maxStreams, timers, logger } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxPayloadBytes,
    perMessageDeflate: false,
    // Audio is plain ASCII and is looked at byte by byte; `readCarrierMessage` looks at the rest.
    skipUTF8Validation: true,
    clientTracking: false,
  });
  const frames = createAudioFrames(null);
  let pending = 0;

  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: KEPT_ALIVE_MS },
    (request, response) => {
      const isHealth = request.url === '/healthz' && (request.method === 'GET' || request.method === 'HEAD');
      response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(isHealth ? JSON.stringify(health()) : '{"status":"not found"}');
    },
  );
  server.maxHeadersCount = 100;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that resets its connection before the handshake is done must not end the process.
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request);
    if (refusal) {
      logger.warn({ status: refusal.status, why: refusal.why }, 'upgrade refused');
      // A client that does not close its side would keep the socket.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    pending++;
    let isPending = true;
    const settled = (): void => {
      if (isPending) pending--;
      isPending = false;
    };
    socket.once('close', settled);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      admit(mediaSocketOver(ws, { wire: socket, frames, maxBytes: limits.maxPayloadBytes, timers, logger }))
        .catch((error: unknown) => {
          logger.error({ err: error }, 'media socket could not be admitted');
          ws.terminate();
        })
        .finally(settled);
    });
  });

  function health(): Readonly<Record<string, unknown>> {
    const { appends } = deps;
    const status = stage() === 'open' ? 'ok' : 'draining';
    return { status, live: live(), pending, ...(appends && { append: { setting: appends.setting, ms: appends.ms() } }) };
  }

  function refusalOf(request: IncomingMessage): { status: number; why: string } | null {
    const path = request.url ?? '';
    if (!paths.includes(path)) return { status: 404, why: 'unknown path' };
    const signature = request.headers['x-twilio-signature'];
    const isGenuine = inbound.isGenuineUpgrade({ path, signature: typeof signature === 'string' ? signature : undefined });
    if (!isGenuine) return { status: 403, why: 'signature is missing or wrong' };
    if (stage() === 'closed') return { status: 503, why: 'the process stops' };
    if (pending >= limits.maxPending) return { status: 503, why: 'too many pending streams' };
    if (live() + pending >= maxStreams) return { status: 503, why: 'no seat' };
    return null;
  }

  return server;
}
