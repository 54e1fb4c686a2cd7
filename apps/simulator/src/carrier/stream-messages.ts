import type { StreamHabits } from './stream-habits.js';
import { frameMs } from './telephone-audio.js';

/** What a server sends over a bidirectional stream (Twilio, Media Streams WebSocket messages). */
export type ServerMessage = { event: 'media'; audio: Uint8Array } | { event: 'mark'; name: string } | { event: 'clear' };

/** A message that Twilio ignores, with warning 31951. */
export interface Rejected {
  rejected: string;
}

/** @param extraFields default `tolerated` */
export function readServerMessage(
  text: string,
  streamSid: string,
  extraFields?: StreamHabits['extraFields'],
): ServerMessage | Rejected {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { rejected: 'no valid JSON' };
  }
  if (!isRecord(message)) return { rejected: 'not an object' };
  const { event } = message;
  if (event !== 'media' && event !== 'mark' && event !== 'clear') return { rejected: 'unknown event' };
  if (message['streamSid'] !== streamSid) return { rejected: 'streamSid is not the one of this stream' };
  const warnsOf = (given: object, known: string[]): boolean =>
    extraFields === 'warned' && Object.keys(given).some((key) => !known.includes(key));
  if (warnsOf(message, ['event', 'streamSid', ...(event === 'clear' ? [] : [event])])) return { rejected: 'extra fields' };
  if (event === 'clear') return { event };
  const content = message[event];
  if (!isRecord(content)) return { rejected: `no "${event}" object` };
  if (warnsOf(content, [event === 'mark' ? 'name' : 'payload'])) return { rejected: 'extra fields' };
  if (event === 'mark') {
    const { name } = content;
    return typeof name === 'string' ? { event, name } : { rejected: 'mark without a name' };
  }
  const { payload } = content;
  if (typeof payload !== 'string') return { rejected: 'media without a payload' };
  const audio = Buffer.from(payload, 'base64');
  return audio.length === 0 && payload !== '' ? { rejected: 'payload is not base64' } : { event, audio };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Track = 'inbound' | 'outbound';

/** The numbers of one media message. */
export interface MediaNumbers {
  sequence: number;
  chunk: number;
  timestampMs: number;
}

/** The messages of the carrier, in the shapes and with the counters that were captured. */
export function createCarrierMessages({
  streamSid,
  callSid,
  accountSid,
  firstTimestampMs,
  tracks = ['inbound'],
  chunkCounter = 'per-track',
}: {
  streamSid: string;
  callSid: string;
  accountSid: string;
  /** The first frame's timestamp; real ones lie between 100 and 200. */
  firstTimestampMs: number;
  tracks?: readonly Track[] | undefined;
  /** Whether each track counts its chunks, or both of them together. Default `per-track`. */
  chunkCounter?: StreamHabits['chunkCounter'];
}): {
  connected(): string;
  start(customParameters: Record<string, string>): string;
  /** The numbers of the next media message of a track. The object is the same one at every call. */
  countMedia(track: Track): Readonly<MediaNumbers>;
  /** @param lateMs it came to the carrier so much too late, and is stamped so */
  media(frame: Uint8Array, track?: Track, lateMs?: number): string;
  /** 20 ms of a track have passed without a message: its timestamps go on, its chunks do not. */
  skipMedia(track: Track): void;
  dtmf(digit: string): string;
  mark(name: string): string;
  stop(): string;
} {
  // One counter for every kind of message; numbers travel as strings.
  let sequence = 0;
  let chunks = 0;
  const next = (): string => String(++sequence);
  const numbers = (): MediaNumbers => ({ sequence: 0, chunk: 0, timestampMs: firstTimestampMs - frameMs });
  const media: Record<Track, MediaNumbers> = { inbound: numbers(), outbound: numbers() };
  const tail = `"},"streamSid":"${streamSid}"}`;

  function countMedia(track: Track): MediaNumbers {
    const count = media[track];
    count.sequence = ++sequence;
    chunks++;
    count.chunk = chunkCounter === 'shared' ? chunks : count.chunk + 1;
    count.timestampMs += frameMs;
    return count;
  }

  return {
    countMedia,
    connected: () => JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
    start: (customParameters) =>
      JSON.stringify({
        event: 'start',
        sequenceNumber: next(),
        start: {
          accountSid,
          streamSid,
          callSid,
          tracks,
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters,
        },
        streamSid,
      }),
    // Put together by hand: every part is known to need no escaping.
    media(frame, track = 'inbound', lateMs = 0) {
      const count = countMedia(track);
      const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('base64');
      return (
        `{"event":"media","sequenceNumber":"${count.sequence}","media":{"track":"${track}","chunk":"${count.chunk}",` +
        `"timestamp":"${count.timestampMs + Math.round(lateMs)}","payload":"${payload}${tail}`
      );
    },
    skipMedia(track) {
      media[track].timestampMs += frameMs;
    },
    // The track's name is another one here than in media messages (as documented).
    dtmf: (digit) =>
      JSON.stringify({ event: 'dtmf', streamSid, sequenceNumber: next(), dtmf: { track: 'inbound_track', digit } }),
    mark: (name) => JSON.stringify({ event: 'mark', sequenceNumber: next(), streamSid, mark: { name } }),
    stop: () => JSON.stringify({ event: 'stop', sequenceNumber: next(), streamSid, stop: { accountSid, callSid } }),
  };
}
