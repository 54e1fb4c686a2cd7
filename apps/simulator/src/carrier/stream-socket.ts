import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Chance, Timer, Timers } from '@onhook/service';
import { clientFrame, closePayload, createFrameReader, opcodes, type FrameReader } from './websocket-frames.js';
import { readUpgradeAnswer, upgradeRequest } from './websocket-upgrade.js';

/** Twilio's close code is not documented. 1005: a close without a code; 1006: the connection ends without a close. */
export type CloseCode = 1000 | 1005 | 1006;

/**
 * A WebSocket client on a bare socket: what a carrier with hundreds of streams can afford, 50 frames a second in each
 * direction and stream. No extensions, no fragments of its own.
 */
export interface StreamSocket {
  readonly maskKey: Uint8Array;
  sendText(text: string): void;
  /** A finished frame. False: its bytes are still read, do not write into them. */
  sendFrame(frame: Uint8Array): boolean;
  unsentBytes(): number;
  ping(): void;
  close(code: CloseCode): void;
  /** The connection is gone, without a word. */
  destroy(): void;
  /** From now on the other end hears nothing, and nothing of it is heard; the connection stays until it gives up. */
  abandon(): void;
}

export interface StreamSocketHandlers {
  onOpen(): void;
  /** Instead of `onOpen`. */
  onRefused(errorCode: number, why: string): void;
  /** UTF-8 at `bytes[from…to)`, true until this returns. Throw `ProtocolViolation` for what a WebSocket must not carry. */
  onText(bytes: Uint8Array, from: number, to: number): void;
  onBinary(): void;
  onViolation(why: string): void;
  /** Once, after `onOpen`. 1005: closed without a code; 1006: not closed, but gone. */
  onClose(code: number): void;
}

export class ProtocolViolation extends Error {
  readonly code = 'WEBSOCKET_PROTOCOL_VIOLATION';
  constructor(
    message: string,
    readonly closeCode: number,
  ) {
    super(message);
  }
}

const connectWithinMs = 10_000;
const closeWithinMs = 2_000;

/** All sockets read into it, one after the other: what is read is used up before the next one reads. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

export function openStreamSocket({
  url: address,
  signature,
  chance,
  timers,
  on,
  ca,
}: {
  url: string;
  signature: string;
  /** PEM of who is trusted instead of the public authorities (which `NODE_EXTRA_CA_CERTS` adds to). */
  ca?: string | undefined;
  chance: Chance;
  timers: Timers;
  on: StreamSocketHandlers;
}): StreamSocket {
  const url = new URL(address);
  if (!/^wss?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is no protocol of a media stream`);
  const maskKey = chance.bytes(4);
  const key = Buffer.from(chance.bytes(16)).toString('base64');
  let state: 'opening' | 'open' | 'abandoned' | 'over' = 'opening';
  let head: Buffer = Buffer.alloc(0);
  let closeSent = false;
  /** The system has not taken everything yet. Asked for each frame: the socket itself is slower to say so. */
  let isBehind = false;
  let impatience: Timer = timers.after(connectWithinMs, () => refuse(31901, 'no answer to the upgrade'));
  const reader: FrameReader = createFrameReader({
    onText: on.onText,
    onBinary: on.onBinary,
    onPing: (payload) => void send(clientFrame(opcodes.pong, payload, maskKey)),
    onClose(code) {
      reader.stop();
      sendClose(code);
      over(code);
      socket.end();
      giveUpLater();
    },
    onViolation: violate,
  });
  const socket = dial(url, ca, receive);
  socket.setNoDelay(true);
  socket.once(url.protocol === 'wss:' ? 'secureConnect' : 'connect', () => socket.write(upgradeRequest({ url, key, signature })));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // After the opening, `close` follows and says all there is to say.
    if (state === 'opening') refuse(openingErrorOf(error), error.code ?? error.message);
  });
  socket.on('close', () => {
    impatience.cancel();
    if (state === 'opening') refuse(31920, 'closed before it opened');
    over(1006);
  });

  function receive(bytes: Buffer): void {
    if (state === 'abandoned' || state === 'over') return;
    if (state === 'open') return read(bytes);
    head = Buffer.concat([head, bytes]);
    const answer = readUpgradeAnswer(head, key);
    if (!answer) return;
    if (!answer.accepted) return refuse(31920, answer.why);
    impatience.cancel();
    state = 'open';
    on.onOpen();
    read(head.subarray(answer.headBytes));
    head = Buffer.alloc(0);
  }

  function read(bytes: Uint8Array): void {
    try {
      reader.read(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      violate(error.message, error.closeCode);
    }
  }

  function violate(why: string, closeCode: number): void {
    reader.stop();
    on.onViolation(why);
    sendClose(closeCode);
    over(1006);
    socket.end();
    giveUpLater();
  }

  function send(frame: Uint8Array): boolean {
    if (state !== 'open' || closeSent || !socket.writable) return true;
    socket.write(frame);
    isBehind = socket.writableLength > 0;
    return !isBehind;
  }

  function sendClose(code: number): void {
    send(clientFrame(opcodes.close, closePayload(code), maskKey));
    closeSent = true;
  }

  function refuse(errorCode: number, why: string): void {
    if (state !== 'opening') return;
    state = 'over';
    impatience.cancel();
    socket.destroy();
    on.onRefused(errorCode, why);
  }

  function over(code: number): void {
    if (state === 'over') return;
    state = 'over';
    on.onClose(code);
  }

  /** A server that does not end the connection must not keep it. */
  function giveUpLater(): void {
    impatience.cancel();
    impatience = timers.after(closeWithinMs, () => socket.destroy());
    if (socket.closed) impatience.cancel();
  }

  return {
    maskKey,
    sendText: (text) => void send(clientFrame(opcodes.text, Buffer.from(text), maskKey)),
    sendFrame: send,
    unsentBytes: () => (isBehind ? socket.writableLength : 0),
    ping: () => void send(clientFrame(opcodes.ping, new Uint8Array(0), maskKey)),
    close(code) {
      if (state !== 'open' || closeSent) return;
      if (code !== 1006) sendClose(code);
      else {
        closeSent = true;
        socket.end();
      }
      giveUpLater();
    },
    destroy() {
      if (state === 'opening') refuse(31920, 'given up before it opened');
      socket.destroy();
    },
    abandon() {
      if (state !== 'open') return;
      state = 'abandoned';
      socket.unref();
    },
  };
}

/** Over TCP the bytes are read in place; TLS must unpack them anyway. */
function dial(url: URL, ca: string | undefined, receive: (bytes: Buffer) => void): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'wss:') {
    const port = Number(url.port || 443);
    const servername = isIP(host) === 0 ? host : '';
    return connectTls({ host, port, servername, ALPNProtocols: ['http/1.1'], ...(ca !== undefined && { ca }) }).on(
      'data',
      receive,
    );
  }
  const callback = (size: number): boolean => {
    receive(readBuffer.subarray(0, size));
    return true;
  };
  return connectTcp({ host, port: Number(url.port || 80), onread: { buffer: readBuffer, callback } });
}

/** 31901 timeout · 31902 connection refused · 31910 TLS · 31920 handshake. */
function openingErrorOf(error: NodeJS.ErrnoException): number {
  const text = `${error.code ?? ''} ${error.message}`;
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(text)) return 31902;
  if (/ETIMEDOUT|timed out/i.test(text)) return 31901;
  return /CERT|TLS|SSL|self.signed/i.test(text) ? 31910 : 31920;
}
