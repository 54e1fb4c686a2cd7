import type { Chance, Clock, Timer, Timers } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { createHeardFrames, createSentFrames, type SentFrames } from './frame-gaps.js';
import { createMediaFrame } from './media-frame.js';
import { createOutbox } from './outbox.js';
import { createPlayout } from './playout.js';
import { createServerMessageReader } from './server-message-reader.js';
import { signRequest, upgradeUrlToSign } from './signature.js';
import { newStreamAccount, writeAccount } from './stream-account.js';
import type { FrameFault } from './stream-faults.js';
import type { StreamHabits } from './stream-habits.js';
import { createCarrierMessages, type Track } from './stream-messages.js';
import { openStreamSocket } from './stream-socket.js';
import { bytesPerMs } from './telephone-audio.js';
import type { LineSource } from './telephone-line.js';

/**
 * A Media Stream, the carrier's end of it. A bidirectional one is a source for the callee's line; one of `<Start>`, which
 * only listens, is fed by `tell`.
 */
export interface MediaStream extends LineSource {
  readonly streamSid: string;
  /** Settles once: the server accepted the upgrade, or a stream error says why not. */
  readonly opened: Promise<StreamOpening>;
  /** Settles once the stream is over, whoever ended it. */
  readonly closed: Promise<StreamClosing>;
  /** The call goes another way: `stop`, then the socket is closed. */
  stop(): void;
  /** A key that the callee pressed: a `dtmf` message. */
  dtmf(digit: string): void;
  /** 20 ms of a track of a stream that only listens. */
  tell(track: Track, frame: Uint8Array): void;
  /**
   * The connection is lost without a word. `cut`: both ends learn of it. `half-open`: the server's socket stays, but
   * nothing comes out of it any more and what it sends is lost.
   */
  lose(how?: 'cut' | 'half-open'): void;
}

type StreamOpening = { ok: true } | { ok: false; errorCode: number; why: string };
/** `errorCode`: 31921 the server closed, 31903 broken pipe, 31924 protocol error, none if the carrier ended it. */
interface StreamClosing {
  by: 'server' | 'carrier' | 'never-opened';
  errorCode?: number;
}

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
  clock: Clock;
  timers: Timers;
  chance: Chance;
  ledger: LedgerWriter;
  /** Default `['inbound']`, the only one that a bidirectional stream has. */
  tracks?: readonly Track[] | undefined;
  /** `listens`: a stream of `<Start>`; what its server sends is ignored. Default `both-ways`. */
  direction?: 'both-ways' | 'listens' | undefined;
  habits?: StreamHabits | undefined;
  /** Asked for each echo: is this one lost on its way? */
  losesMark?: (() => boolean) | undefined;
  /** Asked for each frame: is it never sent (`drop`), or late? */
  frameFault?: (() => FrameFault | undefined) | undefined;
}

export function openMediaStream(options: MediaStreamOptions): MediaStream {
  const { url, streamSid, timers, ledger, clock, habits = {} } = options;
  const messages = createCarrierMessages({ ...options, chunkCounter: habits.chunkCounter });
  const playout = createPlayout(habits.playoutCapMs && habits.playoutCapMs * bytesPerMs);
  const outbox = createOutbox(options);
  const reader = createServerMessageReader(streamSid, habits.extraFields);
  const sum = newStreamAccount();
  let state: 'opening' | 'open' | 'stopped' | 'over' = 'opening';
  let isHalfOpen = false;
  let pings: Timer | undefined;
  let protocolError = false;
  let frameBegunMs = 0;
  const sent: Record<Track, SentFrames> = { inbound: createSentFrames(), outbound: createSentFrames() };
  const heardFrames = createHeardFrames();
  /** Until then what comes is stamped late, by what is left of it. */
  let stampedLateUntilMs = 0;
  /** Heard of the frame that sounded when the server closed; the line has not taken it yet. */
  let lastWords: Uint8Array | undefined;
  const warned = new Set<number>();
  let settleOpened: (opening: StreamOpening) => void;
  let settleClosed: (closing: StreamClosing) => void;
  const opened = new Promise<StreamOpening>((resolve) => (settleOpened = resolve));
  const closed = new Promise<StreamClosing>((resolve) => (settleClosed = resolve));
  const startedMs = clock.monotonicMs();

  const socket = openStreamSocket({
    url,
    signature: signRequest(options.authToken, upgradeUrlToSign(url, habits.trailingSlash)),
    chance: options.chance,
    timers,
    on: {
      onOpen() {
        state = 'open';
        socket.sendText(messages.connected());
        socket.sendText(messages.start(options.parameters));
        ledger.write('stream-opened', { streamSid, url });
        if (habits.streamPingEveryMs !== undefined) pings = timers.every(habits.streamPingEveryMs, socket.ping);
        settleOpened({ ok: true });
      },
      onRefused: refuse,
      onText: receive,
      onBinary: () => state === 'open' && warnOnce(31951, 'a binary message'),
      onViolation(why) {
        if (state !== 'open') return;
        protocolError = true;
        warnOnce(31924, why);
      },
      onClose(code) {
        if (state === 'stopped') return settleOver({ by: 'carrier' });
        if (state === 'open') settleOver({ by: 'server', errorCode: protocolError ? 31924 : code === 1006 ? 31903 : 31921 });
      },
    },
  });
  const mediaFrame = createMediaFrame({ streamSid, maskKey: socket.maskKey });

  function warnOnce(code: number, message: string): void {
    if (warned.has(code)) return;
    warned.add(code);
    ledger.write('warning', { code, message, streamSid });
  }

  function post(text: string): void {
    outbox.post(() => socket.sendText(text));
  }

  function echo(name: string, why: 'played' | 'empty' | 'cleared' | 'ended'): void {
    if (options.losesMark?.()) return ledger.write('mark-lost', { streamSid, name, why });
    ledger.write('mark-echoed', { streamSid, name, why });
    post(messages.mark(name));
  }

  function settleOver(closing: StreamClosing): void {
    if (state === 'over') return;
    lastWords = cutNow(dropMark);
    state = 'over';
    pings?.cancel();
    outbox.drop();
    writeAccount(ledger, streamSid, sum, { ...closing, openMs: clock.monotonicMs() - startedMs });
    settleClosed(closing);
  }

  function cutNow(leaveMark: (name: string) => void): Uint8Array | undefined {
    const rest = playout.cut(clock.monotonicMs() - frameBegunMs);
    sum.playedBytes += rest.heardBytes;
    sum.unplayedBytes += rest.unplayedBytes;
    if (rest.unplayedBytes > 0) ledger.write('audio-unplayed', { streamSid, ms: rest.unplayedBytes / bytesPerMs });
    rest.marks.forEach(leaveMark);
    return rest.heardBytes > 0 ? rest.heard : undefined;
  }

  function receive(bytes: Uint8Array, from: number, to: number): void {
    if (state !== 'open') return;
    sum.messages++;
    const message = reader.read(bytes, from, to);
    if (options.direction === 'listens') return warnOnce(31951, 'a message to a stream that only listens');
    if ('rejected' in message) return warnOnce(31951, message.rejected);
    switch (message.event) {
      case 'media':
        sum.receivedBytes += message.audio.length;
        return overflow(playout.append(message.audio));
      case 'mark': {
        ledger.write('mark-queued', { streamSid, name: message.name, bufferedMs: playout.bufferedBytes() / bytesPerMs });
        if (playout.mark(message.name)) echo(message.name, 'empty');
        return;
      }
      case 'clear': {
        const { clearedBytes, marks } = playout.clear();
        sum.clearedBytes += clearedBytes;
        heardFrames.cleared();
        ledger.write('audio-cleared', { streamSid, ms: clearedBytes / bytesPerMs, marks });
        for (const name of marks) echo(name, 'cleared');
      }
    }
  }

  /** Of the marks that wait when the call goes another way. */
  function leaveAtEnd(name: string): void {
    if (habits.marksAtEnd === 'echoed' && !isHalfOpen) echo(name, 'ended');
    else dropMark(name);
  }

  function dropMark(name: string): void {
    ledger.write('mark-dropped', { streamSid, name });
  }

  function overflow(bytes: number): void {
    if (bytes === 0) return;
    sum.unplayedBytes += bytes;
    ledger.write('audio-unplayed', { streamSid, ms: bytes / bytesPerMs, why: 'overflow' });
    warnOnce(31930, 'more audio than the buffer holds: the rest was dropped');
  }

  function refuse(errorCode: number, why: string): void {
    if (state !== 'opening') return;
    state = 'over';
    ledger.write('stream-refused', { streamSid, url, errorCode, why });
    settleOpened({ ok: false, errorCode, why });
    settleClosed({ by: 'never-opened', errorCode });
  }

  function send(track: Track, frame: Uint8Array): void {
    const fault = options.frameFault?.();
    const isTooSlow = socket.unsentBytes() > maxUnsentBytes;
    if (isTooSlow) warnOnce(31930, 'the server reads too slowly: audio was dropped');
    if (isTooSlow || fault === 'drop') {
      sum.droppedFrames++;
      return messages.skipMedia(track);
    }
    sum.sentFrames++;
    // The usual way, without an allocation; whatever is delayed is put together as text.
    if (track !== 'inbound' || fault !== undefined || !outbox.isEmpty()) return sendAsText(track, frame, fault);
    noteSent(track, frameBegunMs);
    const { sequence, chunk, timestampMs } = messages.countMedia(track);
    if (!socket.sendFrame(mediaFrame.fill(sequence, chunk, timestampMs, frame))) mediaFrame.letGo();
  }

  function sendAsText(track: Track, frame: Uint8Array, fault: Exclude<FrameFault, 'drop'> | undefined): void {
    const nowMs = clock.monotonicMs();
    if (fault?.isStamped) stampedLateUntilMs = Math.max(stampedLateUntilMs, nowMs + fault.lateMs);
    const text = messages.media(frame, track, Math.max(0, stampedLateUntilMs - nowMs));
    outbox.post(() => {
      noteSent(track, clock.monotonicMs());
      socket.sendText(text);
    }, fault?.lateMs);
  }

  function noteSent(track: Track, atMs: number): void {
    const gapMs = sent[track].sent(atMs);
    if (gapMs !== undefined) ledger.write('frame-gap', { streamSid, way: 'to-server', track, ms: gapMs });
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
      const gapMs = heardFrames.heard(played.heardBytes);
      if (gapMs !== undefined) ledger.write('frame-gap', { streamSid, way: 'to-callee', ms: gapMs });
      for (const name of played.reachedMarks) echo(name, 'played');
      send('inbound', said);
      return played.heardBytes > 0 ? played.heard : undefined;
    },

    cut() {
      const heard = state === 'open' ? cutNow(leaveAtEnd) : lastWords;
      lastWords = undefined;
      return heard;
    },

    dtmf(digit) {
      if (state !== 'open') return;
      ledger.write('dtmf-sent', { streamSid, digit });
      post(messages.dtmf(digit));
    },

    tell(track, frame) {
      if (state !== 'open') return;
      frameBegunMs = clock.monotonicMs();
      send(track, frame);
    },

    stop() {
      if (state === 'opening') {
        refuse(31921, 'the call went on before it opened');
        return socket.destroy();
      }
      if (state !== 'open') return;
      if (isHalfOpen) return settleOver({ by: 'carrier' });
      outbox.flush();
      state = 'stopped';
      socket.sendText(messages.stop());
      socket.close(habits.streamCloseCode ?? 1000);
    },

    lose(how = 'cut') {
      if (how === 'cut') return socket.destroy();
      isHalfOpen = true;
      socket.abandon();
    },
  };
}
