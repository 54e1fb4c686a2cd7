import { WebSocket } from 'ws';
import type { Clock, Timers } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { createPlayout } from './playout.js';
import { signRequest, upgradeUrlToSign } from './signature.js';
import { createCarrierMessages, readServerMessage } from './stream-messages.js';
import { bytesPerMs } from './telephone-audio.js';
import type { LineSource } from './telephone-line.js';

/** A bidirectional Media Stream, the carrier's end of it: a source for the callee's line. */
export interface MediaStream extends LineSource {
  readonly streamSid: string;
  /** Settles once: the server accepted the upgrade, or a stream error says why not. */
  readonly opened: Promise<StreamOpening>;
  /** Settles once the stream is over, whoever ended it. */
  readonly closed: Promise<StreamClosing>;
  /** The call goes another way: `stop`, then the socket is closed. */
  stop(): void;
  /** The connection is lost without a word, in both directions. */
  lose(): void;
}

type StreamOpening = { ok: true } | { ok: false; errorCode: number; why: string };
/** `errorCode`: 31921 the server closed, 31903 broken pipe, 31924 protocol error, none if the carrier ended it. */
interface StreamClosing {
  by: 'server' | 'carrier' | 'never-opened';
  errorCode?: number;
}

const connectWithinMs = 10_000;
const closeWithinMs = 2_000;
/** More than this unsent and the server is too slow: audio is dropped (warning 31930). */
const maxUnsentBytes = 256 * 1024;

export interface MediaStreamOptions {
  url: string;
  parameters: Record<string, string>;
  streamSid: string;
  callSid: string;
  accountSid: string;
  authToken: string;
  firstTimestampMs: number;
  trailingSlash: 'as-written' | 'always';
  clock: Clock;
  timers: Timers;
  ledger: LedgerWriter;
  /** Asked for each echo: is this one lost on its way? */
  losesMark?: (() => boolean) | undefined;
}

export function openMediaStream(options: MediaStreamOptions): MediaStream {
  const { url, streamSid, timers, ledger, clock } = options;
  const messages = createCarrierMessages(options);
  const playout = createPlayout();
  const sum = {
    sentFrames: 0,
    droppedFrames: 0,
    messages: 0,
    receivedBytes: 0,
    playedBytes: 0,
    clearedBytes: 0,
    unplayedBytes: 0,
  };
  let state: 'opening' | 'open' | 'stopped' | 'over' = 'opening';
  let protocolError = false;
  let frameBegunMs = 0;
  /** Heard of the frame that sounded when the server closed; the line has not taken it yet. */
  let lastWords: Uint8Array | undefined;
  const warned = new Set<number>();
  let settleOpened: (opening: StreamOpening) => void;
  let settleClosed: (closing: StreamClosing) => void;
  const opened = new Promise<StreamOpening>((resolve) => (settleOpened = resolve));
  const closed = new Promise<StreamClosing>((resolve) => (settleClosed = resolve));
  const startedMs = clock.monotonicMs();

  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: connectWithinMs,
    headers: {
      'User-Agent': 'Twilio.TmeWs/1.0',
      'X-Twilio-Signature': signRequest(options.authToken, upgradeUrlToSign(url, options.trailingSlash)),
    },
  });

  function warnOnce(code: number, message: string): void {
    if (warned.has(code)) return;
    warned.add(code);
    ledger.write('warning', { code, message, streamSid });
  }

  function echo(name: string, why: 'played' | 'empty' | 'cleared'): void {
    if (options.losesMark?.()) return ledger.write('mark-lost', { streamSid, name, why });
    ledger.write('mark-echoed', { streamSid, name, why });
    if (socket.readyState === WebSocket.OPEN) socket.send(messages.mark(name));
  }

  function settleOver(closing: StreamClosing): void {
    if (state === 'over') return;
    lastWords = cutNow();
    state = 'over';
    if (sum.messages > 0)
      ledger.write('media-received', { streamSid, messages: sum.messages, ms: sum.receivedBytes / bytesPerMs });
    ledger.write('stream-closed', {
      streamSid,
      ...closing,
      openMs: clock.monotonicMs() - startedMs,
      sentFrames: sum.sentFrames,
      droppedFrames: sum.droppedFrames,
      receivedMs: sum.receivedBytes / bytesPerMs,
      playedMs: sum.playedBytes / bytesPerMs,
      clearedMs: sum.clearedBytes / bytesPerMs,
      unplayedMs: sum.unplayedBytes / bytesPerMs,
    });
    settleClosed(closing);
  }

  function cutNow(): Uint8Array | undefined {
    const rest = playout.cut(clock.monotonicMs() - frameBegunMs);
    sum.playedBytes += rest.heardBytes;
    sum.unplayedBytes += rest.unplayedBytes;
    if (rest.unplayedBytes > 0) ledger.write('audio-unplayed', { streamSid, ms: rest.unplayedBytes / bytesPerMs });
    for (const name of rest.marks) ledger.write('mark-dropped', { streamSid, name });
    return rest.heardBytes > 0 ? rest.heard : undefined;
  }

  function receive(text: string): void {
    sum.messages++;
    const message = readServerMessage(text, streamSid);
    if ('rejected' in message) return warnOnce(31951, message.rejected);
    switch (message.event) {
      case 'media':
        sum.receivedBytes += message.audio.length;
        return playout.append(message.audio);
      case 'mark': {
        ledger.write('mark-queued', { streamSid, name: message.name, bufferedMs: playout.bufferedBytes() / bytesPerMs });
        if (playout.mark(message.name)) echo(message.name, 'empty');
        return;
      }
      case 'clear': {
        const { clearedBytes, marks } = playout.clear();
        sum.clearedBytes += clearedBytes;
        ledger.write('audio-cleared', { streamSid, ms: clearedBytes / bytesPerMs, marks });
        for (const name of marks) echo(name, 'cleared');
      }
    }
  }

  socket.on('open', () => {
    if (state !== 'opening') return socket.close(1000);
    state = 'open';
    socket.send(messages.connected());
    socket.send(messages.start(options.parameters));
    ledger.write('stream-opened', { streamSid, url });
    settleOpened({ ok: true });
  });
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (state !== 'open') return;
    if (isBinary) warnOnce(31951, 'a binary message');
    else receive(data.toString('utf8'));
  });
  socket.on('unexpected-response', (request, response) => {
    request.destroy();
    refuse(31920, `HTTP ${response.statusCode ?? 0}`);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const code = error.code ?? '';
    if (state === 'opening') return refuse(openingErrorOf(error), code || error.message);
    if (code.startsWith('WS_ERR')) {
      protocolError = true;
      warnOnce(31924, code);
    }
  });
  socket.on('close', (code) => {
    if (state === 'opening') refuse(31920, 'closed before it opened');
    if (state === 'stopped') return settleOver({ by: 'carrier' });
    if (state === 'open') settleOver({ by: 'server', errorCode: protocolError ? 31924 : code === 1006 ? 31903 : 31921 });
  });

  function refuse(errorCode: number, why: string): void {
    if (state !== 'opening') return;
    state = 'over';
    ledger.write('stream-refused', { streamSid, url, errorCode, why });
    settleOpened({ ok: false, errorCode, why });
    settleClosed({ by: 'never-opened', errorCode });
  }

  return {
    streamSid,
    opened,
    closed,

    pass(said) {
      if (state !== 'open') return undefined;
      // The next 20 ms begin here, and with them the marks whose audio has now been heard are due.
      const played = playout.next();
      frameBegunMs = clock.monotonicMs();
      sum.playedBytes += played.heardBytes;
      for (const name of played.reachedMarks) echo(name, 'played');
      if (socket.bufferedAmount > maxUnsentBytes) {
        sum.droppedFrames++;
        warnOnce(31930, 'the server reads too slowly: audio was dropped');
      } else {
        socket.send(messages.media(said));
        sum.sentFrames++;
      }
      return played.heardBytes > 0 ? played.heard : undefined;
    },

    cut() {
      const heard = state === 'open' ? cutNow() : lastWords;
      lastWords = undefined;
      return heard;
    },

    stop() {
      if (state === 'opening') {
        refuse(31921, 'the call went on before it opened');
        return socket.terminate();
      }
      if (state !== 'open') return;
      state = 'stopped';
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(messages.stop());
        socket.close(1000);
      }
      const impatience = timers.after(closeWithinMs, () => socket.terminate());
      void closed.then(() => impatience.cancel());
    },

    lose() {
      socket.terminate();
    },
  };
}

/** 31901 timeout · 31902 connection refused · 31910 TLS · 31920 handshake. */
function openingErrorOf(error: NodeJS.ErrnoException): number {
  const text = `${error.code ?? ''} ${error.message}`;
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/.test(text)) return 31902;
  if (/ETIMEDOUT|timed out/i.test(text)) return 31901;
  return /CERT|TLS|SSL|self.signed/i.test(text) ? 31910 : 31920;
}
