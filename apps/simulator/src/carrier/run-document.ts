import type { Timers } from '@onhook/service';
import type { EndedBy } from './call.js';
import type { HttpMethod } from './create-request.js';
import type { MediaStream } from './media-stream.js';
import { createPrompt } from './prompt.js';
import { toneAudio } from './telephone-audio.js';
import type { TelephoneLine } from './telephone-line.js';
import { parseTwiml, TwimlFault, type StreamNoun, type TwimlDocument, type Verb } from './twiml.js';

/** Where the document comes from. */
export type Instructions =
  | { twiml: string }
  | { url: string; method: HttpMethod; fallback?: { url: string; method: HttpMethod }; params?: Record<string, string> };

/** What a document needs of the call that it runs on. */
export interface DocumentHost {
  line: TelephoneLine;
  timers: Timers;
  /** The sound of a `<Say>`. */
  speak(text: string): Promise<Uint8Array>;
  /** The µ-law audio at a URL; `undefined` if it cannot be had. */
  fetchAudio(url: string): Promise<Uint8Array | undefined>;
  /** The text of a document at a URL; `undefined` if it cannot be had (Twilio error 11200). */
  fetchDocument(url: string, method: HttpMethod, params: Record<string, string>): Promise<string | undefined>;
  openStream(noun: StreamNoun, url: string): MediaStream;
  warn(code: number, message: string): void;
}

/** Why a document came to its end. `aborted`: something else took the call over. */
export type DocumentEnd = Extract<EndedBy, 'twiml-hangup' | 'end-of-document' | 'application-error'> | 'aborted';

const applicationError = 'We are sorry, an application error has occurred. Goodbye.';
/** Documents that lead to each other for ever must not keep a call busy. */
const maxDocuments = 100;

/** Runs documents, from verb to verb and from one to the next, until the call must end or `signal` takes it over. */
export async function runDocument(host: DocumentHost, first: Instructions, signal: AbortSignal): Promise<DocumentEnd> {
  let next: Instructions | undefined = first;
  for (let count = 0; next && count < maxDocuments; count++) {
    const loaded = await load(host, next);
    if (signal.aborted) return 'aborted';
    if (!loaded) return apologise(host, signal);
    const result = await runVerbs(host, loaded, signal);
    if (typeof result === 'string') return result;
    next = result;
  }
  return apologise(host, signal);
}

interface Loaded {
  document: TwimlDocument;
  /** What relative URLs are relative to; none for an inline document. */
  baseUrl: string | undefined;
}

async function load(host: DocumentHost, instructions: Instructions): Promise<Loaded | undefined> {
  if ('twiml' in instructions) {
    const document = parse(host, instructions.twiml);
    return document && { document, baseUrl: undefined };
  }
  const { fallback, params = {} } = instructions;
  for (const place of fallback ? [instructions, fallback] : [instructions]) {
    const text = await host.fetchDocument(place.url, place.method, params);
    const document = text === undefined ? undefined : parse(host, text);
    if (document) return { document, baseUrl: place.url };
  }
  return undefined;
}

function parse(host: DocumentHost, twiml: string): TwimlDocument | undefined {
  try {
    const document = parseTwiml(twiml);
    for (const warning of document.warnings) host.warn(12200, warning);
    return document;
  } catch (error) {
    if (!(error instanceof TwimlFault)) throw error;
    host.warn(error.code, error.message);
    return undefined;
  }
}

async function runVerbs(
  host: DocumentHost,
  { document, baseUrl }: Loaded,
  signal: AbortSignal,
): Promise<DocumentEnd | Instructions> {
  for (const verb of document.verbs) {
    const next = await runVerb(host, verb, baseUrl, signal);
    if (signal.aborted) return 'aborted';
    if (next) return next;
  }
  return 'end-of-document';
}

/** `undefined`: go on with the next verb. */
async function runVerb(
  host: DocumentHost,
  verb: Verb,
  baseUrl: string | undefined,
  signal: AbortSignal,
): Promise<DocumentEnd | Instructions | undefined> {
  switch (verb.verb) {
    case 'Hangup':
      return 'twiml-hangup';
    case 'Pause':
      await host.timers.sleep(verb.lengthSec * 1000, signal);
      return undefined;
    case 'Say':
      if (verb.text) await repeat(verb.loop, signal, async () => play(host, await host.speak(verb.text), signal));
      return undefined;
    case 'Play':
      await repeat(verb.loop, signal, async () => playFile(host, verb, baseUrl, signal));
      return undefined;
    case 'Redirect':
      return { url: resolveUrl(verb.url, baseUrl), method: verb.method };
    case 'Connect':
      await connectStream(host, verb.stream, baseUrl, signal);
      return verb.action === undefined ? undefined : { url: resolveUrl(verb.action, baseUrl), method: verb.method };
  }
}

async function connectStream(
  host: DocumentHost,
  noun: StreamNoun,
  baseUrl: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const stream = host.openStream(noun, resolveUrl(noun.url, baseUrl).replace(/^http/i, 'ws'));
  const leave = (): void => {
    host.line.disconnect(stream);
    stream.stop();
  };
  signal.addEventListener('abort', leave, { once: true });
  const opening = await stream.opened;
  if (opening.ok && !signal.aborted) host.line.connect(stream);
  await stream.closed;
  host.line.disconnect(stream);
  signal.removeEventListener('abort', leave);
}

async function playFile(
  host: DocumentHost,
  verb: Extract<Verb, { verb: 'Play' }>,
  baseUrl: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (verb.digits !== undefined) return play(host, toneAudio(verb.digits), signal);
  if (verb.url === undefined) return;
  const audio = await host.fetchAudio(resolveUrl(verb.url, baseUrl));
  if (audio) await play(host, audio, signal);
}

async function play(host: DocumentHost, audio: Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const prompt = createPrompt(audio);
  host.line.connect(prompt);
  await new Promise<void>((resolve) => {
    const done = (): void => resolve();
    signal.addEventListener('abort', done, { once: true });
    void prompt.played.then(() => {
      signal.removeEventListener('abort', done);
      resolve();
    });
  });
  host.line.disconnect(prompt);
}

/** `loop="0"`: for ever. */
async function repeat(loop: number, signal: AbortSignal, once: () => Promise<void>): Promise<void> {
  for (let i = 0; (loop === 0 || i < loop) && i < 1_000 && !signal.aborted; i++) await once();
}

async function apologise(host: DocumentHost, signal: AbortSignal): Promise<DocumentEnd> {
  await play(host, await host.speak(applicationError), signal);
  return signal.aborted ? 'aborted' : 'application-error';
}

function resolveUrl(url: string, baseUrl: string | undefined): string {
  return baseUrl !== undefined && URL.canParse(url, baseUrl) ? new URL(url, baseUrl.split('#', 1)[0]).href : url;
}
