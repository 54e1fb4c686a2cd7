import type { Timers } from '@onhook/service';
import type { CallHabits } from './account.js';
import type { CarrierCall, EndedBy } from './call.js';
import type { CreateOrder } from './create-request.js';
import type { HttpMethod, Webhook } from './form.js';
import type { MediaStream } from './media-stream.js';
import type { NumberPolicy } from './number-policy.js';
import type { TelephoneLine } from './telephone-line.js';
import type { StreamNoun } from './verb.js';

/** Where the document comes from. */
export type Instructions =
  | { twiml: string }
  | { url: string; method: HttpMethod; fallback?: { url: string; method: HttpMethod }; params?: Record<string, string> };

/** Why a document came to its end. `aborted`: something else took the call over. */
export type DocumentEnd = Extract<EndedBy, 'twiml-hangup' | 'end-of-document' | 'application-error'> | 'aborted';

/** What a URL answered. `contentType` without its parameters, in small letters; empty if none was given. */
export interface Fetched {
  body: Buffer;
  contentType: string;
}

/** Why something cannot be had or run, in Twilio's codes: it is warned of, and told to the fallback. */
export interface Failed {
  errorCode: number;
}

/** The call at the other end of a `<Dial>`. */
export interface Leg {
  readonly call: CarrierCall;
  drop(by: EndedBy): void;
}

export interface LegHooks {
  parentCallSid: string;
  /** Its callee picked up. */
  onAnswered(host: DocumentHost): void;
  /** It ended, or REST gave it a document of its own. May be told more than once. */
  onLeft(): void;
}

/** What was recorded of a callee by `<Record>`. */
export interface Recording {
  /** µ-law, 8000 Hz. */
  audio: Uint8Array;
  startedAtMs: number;
}

/** What a document needs of the call that it runs on. */
export interface DocumentHost {
  line: TelephoneLine;
  timers: Timers;
  habits: CallHabits;
  /** Whom it may dial, and as whom. */
  numbers: NumberPolicy;
  call(): CarrierCall;
  /** Wall time, milliseconds. */
  now(): number;
  /** The sound of a `<Say>`: silence, and a warning, for words that this simulator has no voice for. */
  speak(text: string): Promise<Uint8Array>;
  /** The µ-law audio at a URL; `undefined` if it cannot be had. */
  fetchAudio(url: string): Promise<Uint8Array | undefined>;
  /** What is found at a URL, or why it cannot be had (Twilio error 11100, 11200, 11215). */
  fetchDocument(url: string, method: HttpMethod, params: Record<string, string>): Promise<Fetched | Failed>;
  /** The bidirectional stream of a `<Connect>`. */
  openStream(noun: StreamNoun, url: string): MediaStream;
  /** A stream of `<Start>`: it listens until it is stopped, or the call is over. */
  startStream(noun: StreamNoun, url: string): string | undefined;
  /** False: there is none of that name. */
  stopStream(name: string): string | undefined;
  startLeg(order: CreateOrder, hooks: LegHooks): Leg;
  /** Stores it and tells `callback`; the parameters that tell of it. */
  keepRecording(recording: Recording, callback: Webhook | undefined): Record<string, string>;
  note(kind: string, facts: Record<string, unknown>): void;
  warn(code: number, message: string): void;
}
