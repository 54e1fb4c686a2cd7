import { base64Bytes } from './base64.js';

/** Which fields of somebody's JSON messages matter, by their path (`media.payload`). */
export interface AudioMessageFields {
  /** Base64. */
  readonly audio: string;
  /** Strings that differ from message to message and mean nothing to us, or are `number`. */
  readonly free: readonly string[];
  /** One of `free`: decimal digits whose value is wanted. */
  readonly number?: string;
}

/**
 * How one side of a socket writes its audio messages: constant bytes, and between them the insides of a few strings. A program
 * writes all of them alike, so a message with the same constants, and with nothing in between that could end a string, is the
 * same JSON with other values in it, and needs no parser.
 */
export interface AudioMessageShape {
  /** One more than there are values: before, between and after them. */
  readonly constants: readonly Uint8Array[];
  /** By value. */
  readonly kinds: readonly ('audio' | 'number' | 'free')[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is behind this is no number that JavaScript holds exactly. */
export const MOST_DIGITS = 15;
const MOST_DEPTH = 8;
const SAFE_TEXT = /^[ !#-[\]-~]*$/;

/** @param message that `JSON.parse` understands. @returns null if its audio cannot be told apart in it */
export function audioMessageShapeOf(message: Uint8Array, fields: AudioMessageFields): AudioMessageShape | null {
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1');
  const strings = stringsIn(text);
  if (!strings) return null;
  const audio = strings.get(fields.audio);
  if (!audio || base64Bytes(message, audio.from, audio.to) < 0) return null;
  const values: (Span & { kind: 'audio' | 'number' | 'free' })[] = [{ ...audio, kind: 'audio' }];
  for (const path of fields.free) {
    const span = strings.get(path);
    if (path === fields.number && strings.has(path)) {
      if (!span || !/^\d{1,15}$/.test(text.slice(span.from, span.to))) return null;
      values.push({ ...span, kind: 'number' });
    } else if (span && SAFE_TEXT.test(text.slice(span.from, span.to))) {
      values.push({ ...span, kind: 'free' });
    }
  }
  values.sort((a, b) => a.from - b.from);
  const ends = [0, ...values.map(({ to }) => to)];
  const begins = [...values.map(({ from }) => from), message.length];
  return {
    constants: begins.map((begin, i) => Uint8Array.from(message.subarray(ends[i], begin))),
    kinds: values.map(({ kind }) => kind),
  };
}

/**
 * By path, the inside of every string in an object or an object in it; null for a value of another kind.
 *
 * @returns null where bytes and meaning may differ: escapes, a field twice, or no such JSON at all
 */
function stringsIn(text: string): Map<string, Span | null> | null {
  if (text.includes('\\')) return null;
  const found = new Map<string, Span | null>();
  let at = 0;

  function skipSpace(): void {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  }

  /** Whether this character is next; then it is behind us. */
  function take(character: string): boolean {
    skipSpace();
    if (text[at] !== character) return false;
    at++;
    return true;
  }

  function string(): Span | null {
    if (!take('"')) return null;
    const from = at;
    const to = text.indexOf('"', from);
    if (to === -1) return null;
    at = to + 1;
    return { from, to };
  }

  /** @param path null inside a list: nothing in there is ours */
  function value(path: string | null, depth: number): boolean {
    skipSpace();
    if (depth > MOST_DEPTH) return false;
    const isString = text[at] === '"';
    const span = isString ? string() : null;
    if (isString && !span) return false;
    if (path !== null) {
      if (found.has(path)) return false;
      found.set(path, span);
    }
    if (isString) return true;
    if (take('{')) return members(path, depth);
    if (take('[')) return elements(depth);
    const rest = /^[\w.+-]+/.exec(text.slice(at, at + 64));
    if (!rest) return false;
    at += rest[0].length;
    return true;
  }

  function members(path: string | null, depth: number): boolean {
    if (take('}')) return true;
    do {
      const key = string();
      if (!key || !take(':')) return false;
      const name = text.slice(key.from, key.to);
      if (name.includes('.')) return false;
      if (!value(path === null ? null : path === '' ? name : `${path}.${name}`, depth + 1)) return false;
    } while (take(','));
    return take('}');
  }

  function elements(depth: number): boolean {
    if (take(']')) return true;
    do {
      if (!value(null, depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  if (!value('', 0)) return null;
  skipSpace();
  return at === text.length ? found : null;
}
