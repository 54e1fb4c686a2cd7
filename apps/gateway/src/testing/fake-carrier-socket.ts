import { audioBytes, silence } from '@onhook/audio';
import type { Timer, Timers, Clock } from '@onhook/service';
import type { MediaSocket, MediaSocketListener } from '../media-socket.js';

/** The carrier's end of a media stream as Twilio documents it: plays at real time, echoes marks, clears. */
export interface FakeCarrierSocket extends MediaSocket {
  /** Everything that we sent, parsed. */
  readonly sent: Record<string, unknown>[];
  say(message: Record<string, unknown>): void;
  sayRaw(text: string): void;
  start(parameters: Record<string, string>, ids: { accountSid: string; callSid: string; streamSid: string }): void;
  /** 20 ms frames from now on; the first byte of each counts them. */
  startFrames(): void;
  stopFrames(): void;
  /** `stop`, then the close, as after a hangup. */
  hangUp(): void;
  breakOff(): void;
  /** The next mark that is due comes back to nobody. */
  losesNextEcho(): void;
  readonly played: () => Uint8Array;
  readonly isClosed: () => boolean;
  readonly clears: () => number;
  /** As if so many bytes waited for it in our process, and it had taken so many since the beginning. */
  setBuffered(bytes: number, taken?: number): void;
}

interface Options {
  readonly time: Timers & Clock;
  readonly echoes?: boolean;
  /** Answers our close frame. */
  readonly answersClose?: boolean;
}

export function createFakeCarrierSocket({ time, echoes = true, answersClose = true }: Options): FakeCarrierSocket {
  let listener: MediaSocketListener | null = null;
  let closed = false;
  let streamSid = '';
  let sequence = 0;
  let chunk = 0;
  let frames: Timer | null = null;
  let clears = 0;
  let buffered = 0;
  let taken = 0;
  let lostEchoes = 0;
  /** What is queued: audio with the moment at which it begins to play, and marks behind it. */
  let queueEndsAt = 0;
  const audio: { at: number; bytes: Uint8Array }[] = [];
  let marks: { name: string; timer: Timer }[] = [];
  const sent: Record<string, unknown>[] = [];

  function say(message: Record<string, unknown>): void {
    sayRaw(JSON.stringify(message));
  }
  function sayRaw(text: string): void {
    if (!closed) listener?.onMessage(Buffer.from(text));
  }
  function echo(name: string): void {
    marks = marks.filter((mark) => mark.name !== name);
    if (lostEchoes > 0) lostEchoes--;
    else if (echoes) say({ event: 'mark', sequenceNumber: String(++sequence), streamSid, mark: { name } });
  }
  function close(code: number): void {
    if (closed) return;
    closed = true;
    frames?.cancel();
    for (const mark of marks) mark.timer.cancel();
    listener?.onClosed({ code });
  }

  const socket: FakeCarrierSocket = {
    sent,
    say,
    sayRaw,
    isClosed: () => closed,
    clears: () => clears,
    bufferedBytes: () => buffered,
    takenBytes: () => taken,
    setBuffered(bytes, takenNow) {
      // What is gone from the queue was taken, if nothing else is said.
      taken = takenNow ?? taken + Math.max(0, buffered - bytes);
      buffered = bytes;
    },
    listen: (next) => void (listener = next),
    close(code) {
      if (answersClose) queueMicrotask(() => close(code));
    },
    sendAudio(before, audio, after) {
      const payload = Buffer.from(audioBytes(audio)).toString('base64');
      socket.send(`${Buffer.from(before).toString()}${payload}${Buffer.from(after).toString()}`);
    },
    send(text) {
      const message = JSON.parse(text) as {
        event: string;
        streamSid: string;
        media?: { payload: string };
        mark?: { name: string };
      };
      if (message.streamSid !== streamSid) throw new Error('Twilio warning 31951: a stream SID that is not this stream’s');
      sent.push(message);
      const now = time.monotonicMs();
      queueEndsAt = Math.max(queueEndsAt, now);
      if (message.event === 'media') {
        const bytes = Buffer.from(message.media!.payload, 'base64');
        audio.push({ at: queueEndsAt, bytes });
        queueEndsAt += bytes.length / 8;
      }
      if (message.event === 'mark') {
        const name = message.mark!.name;
        marks.push({ name, timer: time.after(queueEndsAt - now, () => echo(name)) });
      }
      if (message.event === 'clear') {
        clears++;
        for (const one of audio) one.bytes = one.bytes.subarray(0, Math.max(0, Math.floor((now - one.at) * 8)));
        queueEndsAt = now;
        for (const { name, timer } of marks) {
          timer.cancel();
          queueMicrotask(() => echo(name));
        }
      }
    },
    start(parameters, ids) {
      streamSid = ids.streamSid;
      say({ event: 'connected', protocol: 'Call', version: '1.0.0' });
      say({
        event: 'start',
        sequenceNumber: String(++sequence),
        streamSid,
        start: {
          ...ids,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: parameters,
        },
      });
    },
    startFrames() {
      frames = time.every(20, () => {
        const frame = silence(160);
        frame[0] = ++chunk % 251;
        say({
          event: 'media',
          sequenceNumber: String(++sequence),
          streamSid,
          media: {
            track: 'inbound',
            chunk: String(chunk),
            timestamp: String(135 + chunk * 20),
            payload: Buffer.from(frame).toString('base64'),
          },
        });
      });
    },
    stopFrames: () => frames?.cancel(),
    hangUp() {
      say({ event: 'stop', sequenceNumber: String(++sequence), streamSid, stop: {} });
      close(1000);
    },
    breakOff: () => close(1006),
    losesNextEcho: () => void lostEchoes++,
    played: () =>
      Buffer.concat(audio.map(({ at, bytes }) => bytes.subarray(0, Math.max(0, Math.floor((time.monotonicMs() - at) * 8))))),
  };
  return socket;
}
