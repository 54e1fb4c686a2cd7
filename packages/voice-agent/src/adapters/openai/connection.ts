import WebSocket from 'ws';
import type { Timers } from '@onhook/service';

export interface ConnectionEvents {
  text(frame: string): void;
  /** Exactly once. */
  closed(facts: { code: number; reason: string }): void;
}

export interface Connection {
  /** Nothing once the socket is not open any more. */
  send(frame: string): void;
  close(why: string): void;
  bufferedBytes(): number;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timers: Pick<Timers, 'after' | 'every'>;
}

/** An answer of a second of audio is about 11 KB; the configuration comes back whole. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const PING_EVERY_MS = 5_000;
/** For the other side to answer our close; then the socket is cut. */
const CLOSE_WITHIN_MS = 1_000;
/** RFC 6455 §7.4.1: closed without a closing handshake. */
const ABNORMAL = 1006;

/** One WebSocket as the session sees it. A peer that does not answer two pings is gone: a half-open socket never says so. */
export function openConnection({ url, headers, timers }: ConnectionOptions, events: ConnectionEvents): Connection {
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    followRedirects: false,
  });
  let failure = '';
  let unanswered = 0;
  let isClosed = false;

  const pings = timers.every(PING_EVERY_MS, () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (unanswered >= 2) {
      failure = 'ping-timeout';
      return socket.terminate();
    }
    unanswered++;
    socket.ping();
  });

  socket.on('pong', () => void (unanswered = 0));
  socket.on('message', (data, isBinary) => {
    unanswered = 0;
    if (!isBinary) events.text((data as Buffer).toString('utf8'));
  });
  socket.on('unexpected-response', (request, response) => {
    failure = `http-${response.statusCode ?? 0}`;
    response.destroy();
    request.destroy();
    // `ws` leaves the rest to whoever listens to this.
    closed(ABNORMAL, '');
  });
  // `close` follows and tells.
  socket.on('error', (error: NodeJS.ErrnoException) => void (failure ||= error.code ?? 'socket-error'));
  socket.on('close', (code, reason) => closed(code, reason.toString('utf8')));

  function closed(code: number, reason: string): void {
    if (isClosed) return;
    isClosed = true;
    pings.cancel();
    events.closed({ code, reason: reason || failure });
  }

  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close(why) {
      failure ||= why;
      if (socket.readyState === WebSocket.CONNECTING) return socket.terminate();
      // A reason is at most 123 bytes.
      socket.close(
        1000,
        Buffer.from(why)
          .subarray(0, 120)
          .toString('utf8')
          .replace(/\uFFFD$/, ''),
      );
      const timer = timers.after(CLOSE_WITHIN_MS, () => socket.terminate());
      socket.once('close', () => timer.cancel());
    },
    bufferedBytes: () => socket.bufferedAmount,
  };
}
