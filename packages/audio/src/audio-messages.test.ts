import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAudioMessages, decodeBase64, type AudioMessageFields } from './index.js';

const FIELDS: AudioMessageFields = {
  audio: 'media.payload',
  free: ['sequenceNumber', 'media.chunk', 'media.timestamp'],
  number: 'media.timestamp',
};

/** What `JSON.parse` makes of it: the law. */
function slow(message: Uint8Array): { audio: string; number: number; event: unknown } | null {
  try {
    const parsed = JSON.parse(Buffer.from(message).toString('utf8')) as {
      event: unknown;
      media: { payload: unknown; timestamp?: unknown };
    };
    const { payload, timestamp } = parsed.media;
    if (typeof payload !== 'string') return null;
    return {
      audio: Buffer.from(payload, 'base64').toString('hex'),
      number: timestamp === undefined ? NaN : Number(timestamp),
      event: parsed.event,
    };
  } catch {
    // Not JSON, or no object where one was hoped for.
    return null;
  }
}

const frame = (n: number, payload = Buffer.alloc(160, n).toString('base64')): Buffer =>
  Buffer.from(
    `{"event":"media","sequenceNumber":"${n + 1}","media":{"track":"inbound","chunk":"${n}","timestamp":"${135 + 20 * n}",` +
      `"payload":"${payload}"},"streamSid":"MZ0123"}`,
  );

describe('messages with audio, without a parser', () => {
  it('finds nothing before it has studied one, and everything after', () => {
    const reader = createAudioMessages<string>(FIELDS);
    expect(reader.find(frame(1))).toBeNull();
    reader.study(frame(1), 'as Twilio writes');
    for (const n of [2, 9, 10, 99_999]) {
      const message = frame(n);
      const found = reader.find(message)!;
      expect(found).toMatchObject({ length: 160, number: 135 + 20 * n, facts: 'as Twilio writes' });
      const audio = new Uint8Array(160);
      decodeBase64(found.text, found.from, found.to, audio);
      expect(audio).toEqual(new Uint8Array(160).fill(n));
    }
  });

  it('takes audio of any length, and none', () => {
    const reader = createAudioMessages<null>(FIELDS);
    reader.study(frame(1), null);
    for (const length of [160, 0, 1, 2, 3, 4_000, 160])
      expect(reader.find(frame(3, Buffer.alloc(length, 7).toString('base64')))).toMatchObject({ length });
  });

  it.each([
    ['another event', frame(2).toString().replace('"media"', '"mark"')],
    ['another stream', frame(2).toString().replace('MZ0123', 'MZ0124')],
    ['an escape in a field that nobody reads', frame(2).toString().replace('"chunk":"2', '"chunk":"\\u0032')],
    ['an escape in the audio', frame(2).toString().replace('AgICA', '\\u0041gICA')],
    ['base64 of the other alphabet', frame(2, '-_-_').toString()],
    ['base64 that is cut short', frame(2, 'AAA').toString()],
    ['a timestamp that is no whole number', frame(2).toString().replace('"175"', '"17.5"')],
    ['no timestamp', frame(2).toString().replace('"timestamp":"175",', '')],
    ['a timestamp longer than a number is exact', frame(2).toString().replace('"175"', '"12345678901234567"')],
    ['space', frame(2).toString().replace(':', ': ')],
    ['a second object behind it', `${frame(2).toString()}{}`],
    ['its end missing', frame(2).toString().slice(0, -1)],
    ['nothing at all', ''],
  ])('leaves to the parser: %s', (_, message) => {
    const reader = createAudioMessages<null>(FIELDS);
    reader.study(frame(1), null);
    expect(reader.find(Buffer.from(message))).toBeNull();
  });

  it.each([
    ['escapes', frame(1).toString().replace('"inbound"', '"\\u0069nbound"')],
    ['a field twice', frame(1).toString().replace('"track"', '"payload":"AAAA","track"')],
    ['an object twice', frame(1).toString().replace('{"event"', '{"media":{"payload":"AAAA"},"event"')],
    ['a field whose name is a path', '{"event":"media","media.payload":"AAAA","media":{"payload":"AAAA"}}'],
    ['a timestamp that is no string', frame(1).toString().replace('"155"', '155')],
    ['a timestamp of another kind', frame(1).toString().replace('"155"', '{}')],
    ['audio that is not base64', frame(1, 'Aa').toString()],
    ['audio in a list', '{"event":"media","media":[{"payload":"AAAA"}]}'],
    ['depths', `${'['.repeat(40_000)}`],
    ['no JSON', 'media payload'],
  ])('learns nothing from a message with %s', (_, message) => {
    const reader = createAudioMessages<null>(FIELDS);
    reader.study(Buffer.from(message), null);
    expect(reader.find(Buffer.from(message))).toBeNull();
  });

  it('gives up, nearly, on a writer that never writes alike', () => {
    const reader = createAudioMessages<null>(FIELDS);
    const odd = (n: number): Buffer => Buffer.from(frame(n).toString().replace('{', `{"n":${n},`));
    let studied = 0;
    for (let n = 0; n < 200; n++) {
      reader.study(odd(n), null);
      if (reader.find(odd(n))) studied++;
    }
    // Found again at once, so each study is worth it.
    expect(studied).toBe(200);
    for (let n = 0; n < 200; n++) {
      expect(reader.find(odd(n + 1))).toBeNull();
      reader.study(odd(n), null);
    }
    reader.study(frame(1), null);
    expect(reader.find(frame(2))).toBeNull();
  });

  it('never says anything else than JSON.parse does', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    const text = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 6 }));
    const digits = fc.oneof({ weight: 9, arbitrary: fc.nat().map(String) }, { weight: 1, arbitrary: fc.oneof(text, json) });
    const payload = fc.oneof(
      // Seconds of speech in one message.
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.integer({ min: 4_000, max: 48_000 }), fc.nat(255))
          .map(([length, first]) => Buffer.from(Uint8Array.from({ length }, (_, i) => first + i * 7)).toString('base64')),
      },
      { weight: 39, arbitrary: fc.uint8Array({ maxLength: 40 }).map((audio) => Buffer.from(audio).toString('base64')) },
      { weight: 5, arbitrary: fc.base64String({ maxLength: 8 }) },
      { weight: 5, arbitrary: text },
    );
    const media = fc.record({ track: text, chunk: text, timestamp: digits, payload, extra: json }, { requiredKeys: ['payload'] });
    const message = fc
      .record({ event: fc.constantFrom('media', 'mark'), sequenceNumber: digits, media, streamSid: text, extra: json })
      .chain((fields) => fc.shuffledSubarray(Object.entries(fields), { minLength: 5 }));
    const spelling = fc.tuple(message, fc.constantFrom(undefined, 1, '\t'), fc.nat(4)).map(([entries, indent, escapes]) => {
      const written = JSON.stringify(Object.fromEntries(entries), null, indent);
      return escapes === 0 ? written.replace('a', '\\u0061') : written;
    });
    /** The same words with one of them changed, doubled, or broken. */
    const change = fc.tuple(fc.nat(400), fc.nat(6), fc.constantFrom('', '"', '\\', 'A', '=', '1', '{', ',', '\u00e9', ' '));
    let found = 0;
    fc.assert(
      fc.property(spelling, fc.array(change, { maxLength: 2 }), payload, (first, changes, other) => {
        const reader = createAudioMessages<null>(FIELDS);
        reader.study(Buffer.from(first), null);
        const parsed = slow(Buffer.from(first));
        const words = parsed && (JSON.parse(first) as { media: { payload: string } }).media.payload;
        let second = words ? first.replace(words, () => other) : first;
        for (const [at, less, more] of changes) second = second.slice(0, at) + more + second.slice(at + less);
        for (const [studied, bytes] of [
          [parsed, Buffer.from(first)],
          [parsed, Buffer.from(second)],
        ] as const) {
          const fast = reader.find(bytes);
          if (!fast) continue;
          found++;
          const audio = Buffer.alloc(fast.length);
          decodeBase64(fast.text, fast.from, fast.to, audio);
          expect({ audio: audio.toString('hex'), number: fast.number, event: studied?.event }).toEqual(slow(bytes));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it('never throws on bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.uint8Array({ maxLength: 5 }), (bytes, at, noise) => {
        const reader = createAudioMessages<null>(FIELDS);
        reader.study(bytes, null);
        reader.find(bytes);
        reader.study(frame(1), null);
        const broken = Buffer.from(frame(2));
        broken.set(noise, Math.min(at, broken.length - noise.length));
        const fast = reader.find(broken);
        if (fast) expect({ number: fast.number }).toMatchObject({ number: slow(broken)!.number });
      }),
      { numRuns: 1_000 },
    );
  });
});
