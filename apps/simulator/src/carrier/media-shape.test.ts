import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaShapeOf, readShaped } from './media-shape.js';
import { readServerMessage } from './stream-messages.js';

const streamSid = 'MZ0123456789abcdef0123456789abcdef';
const audioOf = (text: string): Buffer | undefined => {
  const message = readServerMessage(text, streamSid);
  return 'event' in message && message.event === 'media' ? Buffer.from(message.audio) : undefined;
};

/** The ways in which programs write a media message. */
const writers: Record<string, (payload: string) => string> = {
  'event first': (payload) => JSON.stringify({ event: 'media', streamSid, media: { payload } }),
  'streamSid first': (payload) => JSON.stringify({ streamSid, event: 'media', media: { payload } }),
  'streamSid last': (payload) => JSON.stringify({ event: 'media', media: { payload }, streamSid }),
  'spaces after colons (Python)': (payload) =>
    `{"event": "media", "streamSid": "${streamSid}", "media": {"payload": "${payload}"}}`,
  'more fields': (payload) =>
    JSON.stringify({ event: 'media', streamSid, media: { track: 'outbound', payload, é: 'ü' }, x: [1] }),
  'the same words elsewhere': (payload) => JSON.stringify({ x: payload, event: 'media', streamSid, media: { payload } }),
  'a payload twice, of which the last one counts': (payload) =>
    `{"event":"media","streamSid":"${streamSid}","media":{"payload":"AAAA","payload":"${payload}"}}`,
};

describe('the shape of media messages', () => {
  it.each(Object.entries(writers))('reads what JSON.parse reads: %s', (_name, write) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.uint8Array({ maxLength: 400 }), (first, second) => {
        const [lesson, text] = [first, second].map((bytes) => write(Buffer.from(bytes).toString('base64'))) as [string, string];
        const shape = mediaShapeOf(lesson);
        if (!shape) return;
        const bytes = Buffer.from(`##${text}##`);
        const target = new Uint8Array(500);
        const size = readShaped(shape, bytes, 2, bytes.length - 2, target);
        if (size >= 0) expect(Buffer.from(target.subarray(0, size))).toEqual(audioOf(text));
      }),
    );
  });

  it.each(Object.keys(writers).slice(0, 5))('needs no parser after the first message: %s', (name) => {
    const write = writers[name]!;
    const shape = mediaShapeOf(write('//79'));
    const bytes = Buffer.from(write('AAECAw=='));
    const target = new Uint8Array(8);
    expect(shape && readShaped(shape, bytes, 0, bytes.length, target)).toBe(4);
    expect([...target.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
  });

  it('takes nothing that differs anywhere, or that JSON.parse would take otherwise', () => {
    const lesson = writers['event first']!('//79');
    const shape = mediaShapeOf(lesson)!;
    fc.assert(
      fc.property(
        fc.nat(lesson.length),
        fc.constantFrom('', '"', '\\', '{', 'x', '=', '\u0000', 'é'),
        fc.nat(3),
        (at, put, cut) => {
          const text = lesson.slice(0, at) + put + lesson.slice(at + cut);
          const bytes = Buffer.from(text);
          const target = new Uint8Array(500);
          const size = readShaped(shape, bytes, 0, bytes.length, target);
          if (size >= 0) expect(Buffer.from(target.subarray(0, size))).toEqual(audioOf(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is not learned from a payload that is written with escapes', () => {
    expect(mediaShapeOf(String.raw`{"event":"media","streamSid":"MZ1","media":{"payload":"\/\/79"}}`)).toBeUndefined();
  });
});
