import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { LedgerWriter } from '../ledger.js';
import { defaultNames, impersonated } from './names.js';
import type { PrivateCa } from './private-ca.js';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Hosts {
  carrier: RequestListener;
  voiceAgent: { request: RequestListener; upgrade: UpgradeListener };
}

/** Edges and regions that one process has a certificate for; the least would do, programs name one or two. */
const mostNames = 64;

/**
 * One HTTPS server that is `api.twilio.com` and `api.openai.com`, each with a certificate for its name; by any other name the
 * carrier answers. HTTP/1.1 only. It need not listen: the proxy hands it sockets.
 */
export function createTlsFront({ ca, hosts, ledger }: { ca: PrivateCa; hosts: Hosts; ledger: LedgerWriter }): Server {
  const contexts = new Map<string, SecureContext>();
  const first = ca.issue(defaultNames);
  const server = createServer({
    ...first,
    SNICallback(name, done) {
      // `undefined`: the certificate of the usual names.
      if (impersonated(name) === undefined || (defaultNames as readonly string[]).includes(name)) return done(null, undefined);
      let context = contexts.get(name);
      if (!context && contexts.size < mostNames) {
        context = createSecureContext(ca.issue([name]));
        contexts.set(name, context);
      }
      done(null, context);
    },
  });

  server.on('request', (request, response) => {
    (whoIsMeant(request) === 'voice-agent' ? hosts.voiceAgent.request : hosts.carrier)(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (whoIsMeant(request) === 'voice-agent') return hosts.voiceAgent.upgrade(request, socket, head);
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  // Nearly always a client that was not told to trust the CA: without this line its author sees "socket hang up" and nothing else.
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    ledger.write('tls-failed', { code: error.code, why: error.message });
  });
  return server;
}

/** By the name that the certificate was shown for; a client that sent none is believed its `Host`. */
function whoIsMeant(request: IncomingMessage): 'carrier' | 'voice-agent' {
  const { servername } = request.socket as TLSSocket;
  const name = typeof servername === 'string' && servername !== '' ? servername : (request.headers.host ?? '').split(':', 1)[0];
  return impersonated(name ?? '') ?? 'carrier';
}
