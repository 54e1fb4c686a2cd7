import { decodeBase64 } from './base64.js';

/**
 * How a server writes its media messages: all bytes before the payload, and all after it. A program writes every one of
 * them alike, so a message with the same bytes around a payload of plain base64 is the same JSON with another payload, and
 * needs no parser. Whatever differs in one byte goes through `JSON.parse`.
 */
export interface MediaShape {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The shape of a media message that `JSON.parse` understands; `undefined` if its payload cannot be told apart in it. */
export function mediaShapeOf(text: string): MediaShape | undefined {
  const payload = payloadIn(text);
  const at = text.indexOf(`"${String(payload)}"`) + 1;
  if (typeof payload !== 'string' || at === 0) return undefined;
  const [before, after] = [text.slice(0, at), text.slice(at + payload.length)];
  // Escapes, a field twice, the same words elsewhere: only the proof counts that the payload stands just there.
  return payloadIn(`${before}!${after}`) === '!' ? { before: Buffer.from(before), after: Buffer.from(after) } : undefined;
}

/** The audio of a message of this shape, decoded into `target`. @returns its length; −1: read it in the ordinary way */
export function readShaped(shape: MediaShape, bytes: Uint8Array, from: number, to: number, target: Uint8Array): number {
  const { before, after } = shape;
  const payloadFrom = from + before.length;
  const payloadTo = to - after.length;
  if (payloadTo < payloadFrom) return -1;
  for (let i = 0; i < before.length; i++) if (bytes[from + i] !== before[i]) return -1;
  for (let i = 0; i < after.length; i++) if (bytes[payloadTo + i] !== after[i]) return -1;
  return decodeBase64(bytes, payloadFrom, payloadTo, target);
}

function payloadIn(text: string): unknown {
  const message: unknown = JSON.parse(text);
  const media = isRecord(message) ? message['media'] : undefined;
  return isRecord(media) ? media['payload'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
