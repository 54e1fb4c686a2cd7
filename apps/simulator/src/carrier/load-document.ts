import { ulawOfAudio } from './audio-file.js';
import type { DocumentHost, Failed, Fetched, Instructions } from './document.js';
import type { HttpMethod } from './form.js';
import { parseTwiml, TwimlFault } from './twiml.js';
import type { Verb } from './verb.js';

export interface Loaded {
  verbs: readonly (Verb | { verb: 'Sound'; audio: Uint8Array })[];
  /** What relative URLs are relative to; none for an inline document. */
  place: { url: string; method: HttpMethod } | undefined;
}

type Place = NonNullable<Loaded['place']>;

/** Twilio error 11750: a document must be smaller. */
const maxDocumentBytes = 64 * 1024;

/** Finds the document and understands it, or the one at the fallback. `undefined`: neither can be had. */
export async function loadDocument(
  host: DocumentHost,
  instructions: Instructions,
  fallback: Place | undefined,
): Promise<Loaded | undefined> {
  const loaded =
    'twiml' in instructions ? inline(host, instructions.twiml) : await loadFrom(host, instructions, instructions.params ?? {});
  if ('verbs' in loaded) return loaded;
  if (!fallback) return undefined;
  const errorUrl = 'twiml' in instructions ? '' : instructions.url;
  const instead = await loadFrom(host, fallback, { ErrorCode: String(loaded.errorCode), ErrorUrl: errorUrl });
  return 'verbs' in instead ? instead : undefined;
}

function inline(host: DocumentHost, twiml: string): Loaded | Failed {
  const verbs = parse(host, twiml);
  return 'errorCode' in verbs ? verbs : { verbs, place: undefined };
}

async function loadFrom(host: DocumentHost, { url, method }: Place, params: Record<string, string>): Promise<Loaded | Failed> {
  const fetched = await host.fetchDocument(url, method, params);
  if ('errorCode' in fetched) return fetched;
  const verbs = understand(host, fetched, url);
  return 'errorCode' in verbs ? verbs : { verbs, place: { url, method } };
}

/** By content type: XML and HTML are TwiML, sound is played, plain text is TwiML or else spoken. */
function understand(host: DocumentHost, { body, contentType }: Fetched, url: string): Loaded['verbs'] | Failed {
  if (contentType.startsWith('audio/')) {
    const audio = ulawOfAudio(body, contentType);
    return audio ? [{ verb: 'Sound', audio }] : fail(host, 12300, `${url}: ${contentType} is no sound that this simulator plays`);
  }
  if (body.length > maxDocumentBytes) return fail(host, 11750, `${url}: the document has more than ${maxDocumentBytes} bytes`);
  const text = body.toString('utf8');
  if (contentType === 'text/plain') return isTwiml(text) ? parse(host, text) : [{ verb: 'Say', text: text.trim(), loop: 1 }];
  const isMarkup = contentType === '' || contentType === 'text/html' || /^(text|application)\/([\w.-]+\+)?xml$/.test(contentType);
  return isMarkup ? parse(host, text) : fail(host, 12300, `${url}: ${contentType} is not a type of TwiML`);
}

function isTwiml(text: string): boolean {
  try {
    parseTwiml(text);
    return true;
  } catch (error) {
    if (!(error instanceof TwimlFault)) throw error;
    return false;
  }
}

function parse(host: DocumentHost, twiml: string): readonly Verb[] | Failed {
  try {
    const { verbs, warnings } = parseTwiml(twiml);
    for (const warning of warnings) host.warn(12200, warning);
    return verbs;
  } catch (error) {
    if (!(error instanceof TwimlFault)) throw error;
    return fail(host, error.code, error.message);
  }
}

function fail(host: DocumentHost, errorCode: number, message: string): Failed {
  host.warn(errorCode, message);
  return { errorCode };
}
