import { audioBytes } from '@onhook/audio';
import { silentLogger } from '@onhook/service';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCarrierLine, type CarrierLine } from './carrier-line.js';
import { readCarrierMessage } from './carrier-messages.js';
import { createTraffic } from './traffic.js';

/** A carrier's line, and everything that it says of what it heard, in words. */
function aLine(isShielded = () => false): { line: CarrierLine; told: string[] } {
  const told: string[] = [];
  const hex = (audio: Uint8Array): string => Buffer.from(audio).toString('hex');
  const line = createCarrierLine({
    traffic: createTraffic(),
    socket: { bufferedBytes: () => 0 },
    recorder: { callee: (audio, timestampMs) => void told.push(`recorded ${hex(audioBytes(audio))} at ${timestampMs}`) },
    agent: { hear: (audio) => void told.push(`heard ${hex(audioBytes(audio))}`), isDeaf: () => false, isShielded },
    elapsedMs: () => 0,
    logger: silentLogger,
    isClosing: () => false,
    isEnding: () => false,
    onMedia: () => void told.push('media'),
    onMark: (name) => void told.push(`mark ${name}`),
    onDigit: (digit) => void told.push(`digit ${digit}`),
    onStop: () => void told.push('stop'),
    onStuck: () => void told.push('stuck'),
  });
  return { line, told };
}

/** The law: what each message means by itself, read by a parser. */
function bySlowPath(messages: readonly Uint8Array[]): string[] {
  return messages.flatMap((bytes) => {
    const message = readCarrierMessage(bytes);
    switch (message?.event) {
      case 'media': {
        const audio = Buffer.from(message.audio).toString('hex');
        return ['media', `recorded ${audio} at ${message.timestampMs}`, `heard ${audio}`];
      }
      case 'mark':
        return [`mark ${message.name}`];
      case 'dtmf':
        return [`digit ${message.digit}`];
      case 'stop':
        return ['stop'];
      case 'connected':
      case 'start':
      case 'other':
      case undefined:
        return [];
    }
  });
}

/** As a socket tells it: in the middle of other bytes first, by itself if that was not understood. */
function tell(line: CarrierLine, bytes: Uint8Array): void {
  const among = Buffer.concat([Buffer.from('{"'), bytes, Buffer.from('"}}"')]);
  if (!line.hearMedia(among, 2, 2 + bytes.length)) line.hear(bytes);
}

const frame = (n: number): Record<string, unknown> => ({
  event: 'media',
  sequenceNumber: String(n + 1),
  media: {
    track: 'inbound',
    chunk: String(n),
    timestamp: String(135 + n * 20),
    payload: Buffer.alloc(160, n).toString('base64'),
  },
  streamSid: `MZ${'0'.repeat(32)}`,
});

describe('what the carrier says', () => {
  it('means on the fast path what it means on the slow one, however it is written or broken', () => {
    /** Seconds of speech in one message, now and then. */
    const long = fc
      .tuple(fc.integer({ min: 4_000, max: 48_000 }), fc.nat(255))
      .map(([length, first]) => Buffer.from(Uint8Array.from({ length }, (_, i) => first + i * 7)).toString('base64'));
    const text = fc.oneof(fc.string({ maxLength: 5 }), fc.string({ unit: 'binary', maxLength: 5 }), fc.nat(9_999).map(String));
    /** A message of the carrier's, now and then with other fields, in another order, with escapes or space. */
    const message = fc
      .record({
        n: fc.nat(400),
        payload: fc.oneof({ weight: 1, arbitrary: long }, { weight: 39, arbitrary: fc.constant(null) }),
        replace: fc.option(
          fc.record({ field: fc.constantFrom('chunk', 'timestamp', 'payload', 'track'), by: fc.oneof(text, fc.jsonValue()) }),
          {
            freq: 6,
          },
        ),
        order: fc.option(fc.nat(), { freq: 8 }),
        indent: fc.constantFrom(0, 0, 0, 0, 0, 1),
        event: fc.constantFrom('media', 'media', 'media', 'media', 'mark', 'dtmf', 'stop', 'connected'),
      })
      .map(({ n, payload, replace, order, indent, event }) => {
        const whole = frame(n);
        if (payload !== null) (whole['media'] as Record<string, unknown>)['payload'] = payload;
        if (replace) whole['media'] = { ...(whole['media'] as object), [replace.field]: replace.by };
        const all = { ...whole, event, mark: { name: `m${n}` }, dtmf: { digit: '5' } };
        const given = event === 'media' ? whole : all;
        const entries = Object.entries(given);
        if (order !== null) entries.push(...entries.splice(0, order % entries.length));
        return JSON.stringify(Object.fromEntries(entries), null, indent);
      });
    const damage = fc.option(
      fc.record({
        at: fc.nat(400),
        less: fc.nat(5),
        more: fc.constantFrom('', '"', '\\u0041', '\\', '{', ',', '0', '\ud800', 'é'),
      }),
      {
        freq: 4,
      },
    );
    let media = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(message, damage), { minLength: 10, maxLength: 30 }), (given) => {
        const bytes = given.map(([written, harm]) =>
          Buffer.from(harm ? written.slice(0, harm.at) + harm.more + written.slice(harm.at + harm.less) : written),
        );
        const { line, told } = aLine();
        for (const one of bytes) tell(line, one);
        media += told.filter((what) => what === 'media').length;
        expect(told).toEqual(bySlowPath(bytes));
      }),
      { numRuns: 150 },
    );
    expect(media).toBeGreaterThan(500);
  });

  it('survives any bytes at all, and goes on to hear', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (noise) => {
        const { line, told } = aLine();
        for (const bytes of noise) tell(line, bytes);
        told.length = 0;
        const good = Buffer.from(JSON.stringify(frame(7)));
        tell(line, good);
        tell(line, good);
        expect(told).toEqual(bySlowPath([good, good]));
      }),
      { numRuns: 300 },
    );
  });

  it('is silence to the agent as long as the greeting is protected, and itself to the recording', () => {
    let isShielded = true;
    const { line, told } = aLine(() => isShielded);
    for (let n = 1; n <= 3; n++) {
      isShielded = n < 3;
      tell(line, Buffer.from(JSON.stringify(frame(n))));
    }
    const spoken = (n: number): string => Buffer.alloc(160, n).toString('hex');
    expect(told.filter((what) => what.startsWith('heard'))).toEqual([
      `heard ${spoken(255)}`,
      `heard ${spoken(255)}`,
      `heard ${spoken(3)}`,
    ]);
    expect(told.filter((what) => what.startsWith('recorded'))).toHaveLength(3);
    expect(told).toContain(`recorded ${spoken(1)} at 155`);
  });
});
