import { readBeside, type AudioFrames, type MuLawAudio, type TextFrames } from '@onhook/audio';
import type { Timers } from '@onhook/service';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';

export interface ConnectionEvents {
  /** The message in `bytes[from…to)`, true until this returns. False: it is told again by `message`. */
  frame(bytes: Buffer, from: number, to: number): boolean;
  /** One text message; whether it is UTF-8 was not looked at. The bytes are the listener's to keep. */
  message(bytes: Buffer): void;
  /** Exactly once. */
  closed(facts: { code: number; reason: string }): void;
}

export interface Connection {
  /** Nothing once the socket is not open any more. */
  send(frame: string): void;
  /** The callee's audio, in a frame of its own. */
  append(audio: MuLawAudio): void;
  close(why: string): void;
  bufferedBytes(): number;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timers: Pick<Timers, 'after' | 'every'>;
  readonly frames: AudioFrames;
  /** How the TCP connection is made, if not by the URL: through a proxy, or none at all. */
  readonly connect?: () => Duplex;
}

/** An answer of a second of audio is about 11 KB; the configuration comes back whole. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** What is longer than one read of the socket is put together by `ws`. */
const USUAL_FRAME_BYTES = 65_536;
const BEFORE = Buffer.from('{"type":"input_audio_buffer.append","audio":"');
const AFTER = Buffer.from('"}');
const PING_EVERY_MS = 5_000;
/** For the other side to answer our close; then the socket is cut. */
const CLOSE_WITHIN_MS = 1_000;
/** RFC 6455 §7.4.1: closed without a closing handshake. */
const ABNORMAL = 1006;

/** One WebSocket as the session sees it. A peer that does not answer two pings is gone: a half-open socket never says so. */
export function openConnection(
  { url, headers, timers, frames, connect }: ConnectionOptions,
  events: ConnectionEvents,
): Connection {
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    // Audio is plain ASCII and is looked at byte by byte; the rest is looked at by who reads it.
    skipUTF8Validation: true,
    maxPayload: MAX_FRAME_BYTES,
    followRedirects: false,
    ...(connect && { createConnection: connect }),
  });
  let wire: Duplex | null = null;
  let reader: TextFrames | null = null;
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

  socket.on('upgrade', (response) => void (wire = response.socket));
  socket.on('open', () => {
    if (wire) reader = readBeside(wire, { masked: false, maxBytes: USUAL_FRAME_BYTES, onFrame, onText: heard });
  });
  socket.on('pong', () => void (unanswered = 0));
  socket.on('message', (data, isBinary) => {
    if (!isBinary) heard(data as Buffer);
  });
  socket.on('unexpected-response', (request, response) => {
    failure = `http-${response.statusCode ?? 0}`;
    response.destroy();
    request.destroy();
    // `ws` leaves the rest to whoever listens to this.
    closed(ABNORMAL, '');
  });
  // `close` follows and tells.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure ||= error.code ?? 'socket-error';
    reader?.stop();
  });
  socket.on('close', (code, reason) => closed(code, reason.toString('utf8')));

  function onFrame(bytes: Buffer, from: number, to: number): boolean {
    unanswered = 0;
    return events.frame(bytes, from, to);
  }

  function heard(message: Buffer): void {
    unanswered = 0;
    events.message(message);
  }

  function closed(code: number, reason: string): void {
    if (isClosed) return;
    isClosed = true;
    reader?.stop();
    pings.cancel();
    events.closed({ code, reason: reason || failure });
  }

  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    append(audio) {
      if (wire && socket.readyState === WebSocket.OPEN) frames.write(wire, BEFORE, audio, AFTER);
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
