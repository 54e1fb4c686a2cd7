import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Timers } from '@onhook/service';

/** Not one byte of the request has left: it is safe to try again. */
export class NothingSentError extends Error {
  readonly code = 'nothing-sent';
  constructor(readonly reason: string) {
    super(`nothing was sent: ${reason}`);
    this.name = 'NothingSentError';
  }
}

/**
 * A connection of its own for one request, ready to write to. A kept-alive one may have been closed by the other side, and a
 * reset on it would not tell whether the request had been read.
 *
 * @throws NothingSentError name resolution, connection or TLS handshake failed, or took longer than `withinMs`
 */
export function openConnection(url: URL, withinMs: number, timers: Pick<Timers, 'after'>): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || (isTls ? 443 : 80));
    const socket: Socket = isTls
      ? connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...(!/^[\d.:]+$/.test(host) && { servername: host }) })
      : connectTcp({ host, port });
    const fail = (reason: string): void => {
      timer.cancel();
      socket.destroy();
      reject(new NothingSentError(reason));
    };
    const timer = timers.after(withinMs, () => fail('connect-timeout'));
    // Stays for the life of the socket: an error between here and the request's own handler must not end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error)));
    socket.once('close', () => fail('connection-closed'));
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      timer.cancel();
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED` …; with several addresses tried, the first one's. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0] as NodeJS.ErrnoException);
  return error.code ?? 'connection-error';
}
