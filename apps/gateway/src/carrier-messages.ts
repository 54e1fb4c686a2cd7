import { isUtf8 } from 'node:buffer';
import { isCarrierCallId, isStreamSid, type CarrierCallId, type StreamSid } from '@onhook/contracts';
import { z } from 'zod';

/** What the carrier says over a media stream (Twilio Media Streams, bidirectional). */
export type CarrierMessage =
  | { readonly event: 'connected' }
  | { readonly event: 'start'; readonly start: StreamStart }
  /** `timestampMs`: since the stream's start, by the carrier's clock; the first is not 0. NaN where it is missing or no number. */
  | { readonly event: 'media'; readonly audio: Uint8Array; readonly timestampMs: number }
  | { readonly event: 'mark'; readonly name: string }
  | { readonly event: 'dtmf'; readonly digit: string }
  | { readonly event: 'stop' }
  /** An event that we do not know: the carrier may add some. */
  | { readonly event: 'other' };

export interface StreamStart {
  readonly accountSid: string;
  readonly streamSid: StreamSid;
  readonly callSid: CarrierCallId;
  /** The `<Parameter>`s of our own TwiML. */
  readonly parameters: Readonly<Record<string, string>>;
}

const startSchema = z.object({
  streamSid: z.string().refine(isStreamSid),
  start: z.object({
    accountSid: z.string(),
    streamSid: z.string().refine(isStreamSid),
    callSid: z.string().refine(isCarrierCallId),
    customParameters: z.record(z.string(), z.string()).default({}),
    mediaFormat: z.object({ encoding: z.literal('audio/x-mulaw'), sampleRate: z.literal(8_000), channels: z.literal(1) }),
  }),
});

/**
 * The slow path, and the law: a media message that `carrier-line.ts` finds without a parser means what it means here.
 *
 * @returns null for what is not a message of the protocol
 */
export function readCarrierMessage(bytes: Uint8Array): CarrierMessage | null {
  const message = asRecord(parseJson(bytes));
  if (!message) return null;
  switch (message['event']) {
    case 'connected':
      return { event: 'connected' };
    case 'start': {
      const result = startSchema.safeParse(message);
      if (!result.success) return null;
      const { accountSid, streamSid, callSid, customParameters } = result.data.start;
      return { event: 'start', start: { accountSid, streamSid, callSid, parameters: customParameters } };
    }
    case 'media': {
      const media = asRecord(message['media']);
      const payload = media?.['payload'];
      if (typeof payload !== 'string') return null;
      const timestamp = media?.['timestamp'];
      return {
        event: 'media',
        audio: Buffer.from(payload, 'base64'),
        // An object can make Number() throw.
        timestampMs: typeof timestamp === 'string' || typeof timestamp === 'number' ? Number(timestamp) : NaN,
      };
    }
    case 'mark': {
      const name = asRecord(message['mark'])?.['name'];
      return typeof name === 'string' ? { event: 'mark', name } : null;
    }
    case 'dtmf': {
      const digit = asRecord(message['dtmf'])?.['digit'];
      return typeof digit === 'string' && /^[0-9A-D#*]$/.test(digit) ? { event: 'dtmf', digit } : null;
    }
    case 'stop':
      return { event: 'stop' };
    default:
      return typeof message['event'] === 'string' ? { event: 'other' } : null;
  }
}

/** What we say to the carrier. */
export interface CarrierMessages {
  /** What stands around the base64 of audio of any length, which is appended to what the carrier has queued and played at real time. */
  readonly media: { readonly before: Uint8Array; readonly after: Uint8Array };
  /** Echoed when everything queued before it has played, or was cleared. */
  mark(name: string): string;
  clear(): string;
}

/**
 * Built by hand, not by JSON.stringify: nothing in these needs escaping (a stream SID that was checked, base64, our own
 * mark names), and audio is most of what a gateway writes.
 */
export function createCarrierMessages(streamSid: StreamSid): CarrierMessages {
  const markStart = `{"event":"mark","streamSid":"${streamSid}","mark":{"name":"`;
  const clear = `{"event":"clear","streamSid":"${streamSid}"}`;
  return {
    media: {
      before: Buffer.from(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"`),
      after: Buffer.from('"}}'),
    },
    mark: (name) => `${markStart}${name}"}}`,
    clear: () => clear,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    // Not JSON is an expected outcome here: the caller counts it.
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
