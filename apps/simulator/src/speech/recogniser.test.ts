import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENCE } from './mu-law.js';
import { createPhraseBook, isLoud, type Phrase } from './phrase-book.js';
import { createRecogniser, type Heard } from './recogniser.js';

/** Noise with pauses, as unlike any other line as speech is. */
function soundOf(seed: number, ms: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 16;
  return Uint8Array.from({ length: ms * 8 }, (_, i) => {
    const quiet = i < 320 || i >= ms * 8 - 320 || (i >> 9) % 7 === 3;
    return quiet ? [0xff, 0x7f, 0xfe, 0xff][next() & 3]! : next() & 0xff;
  });
}
const phrase = (text: string, audio: Uint8Array): Phrase => ({ text, voice: 'test', audio });
const silence = (ms: number): Uint8Array => new Uint8Array(Math.round(ms * 8)).fill(SILENCE);
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const part = (audio: Uint8Array, fromMs: number, toMs?: number): Uint8Array =>
  audio.subarray(fromMs * 8, toMs === undefined ? undefined : Math.round(toMs * 8));

const first = phrase('first', soundOf(1, 900));
const second = phrase('second', soundOf(2, 1300));
const longer = phrase('longer', join(first.audio, soundOf(3, 700)));
const other = phrase('other', join(part(first.audio, 0, 450), soundOf(4, 500)));
const phrases = [first, second, longer, other];

function listen(stream: Uint8Array, { chunks = [160], startMs = 5000, flush = true, known = phrases } = {}): Heard[] {
  const book = createPhraseBook();
  for (const one of known) book.add(one);
  const heard: Heard[] = [];
  const listener = createRecogniser({ book, onHeard: (one) => heard.push(one) });
  for (let at = 0, n = 0; at < stream.length; n++) {
    const size = chunks[n % chunks.length]!;
    listener.hear(stream.subarray(at, at + size), startMs + at / 8);
    at += size;
  }
  if (flush) listener.flush(startMs + stream.length / 8);
  return heard;
}
const brief = (heard: Heard[]): [string, number, number][] => heard.map(({ text, fromMs, toMs }) => [text, fromMs, toMs]);

const chunking = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });

describe('the recogniser', () => {
  it('hears a whole line with its last byte, and says when it began and ended', () => {
    const heard = listen(join(silence(300), second.audio), { flush: false });
    expect(heard).toEqual([
      { text: 'second', voice: 'test', fromMs: 0, toMs: 1300, ofMs: 1300, startedAtMs: 5300, endedAtMs: 6600 },
    ]);
  });

  it('hears nothing in silence, in noise, and in a line that it does not know', () => {
    expect(listen(join(silence(2000), soundOf(99, 3000), soundOf(98, 700)))).toEqual([]);
    expect(listen(new Uint8Array(8000).fill(0x7f))).toEqual([]);
  });

  it('gives the same answer however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(chunking, fc.integer({ min: 0, max: 500 }), (chunks, leadMs) => {
        const heard = listen(join(silence(leadMs), first.audio, silence(200), second.audio, longer.audio, silence(100)), {
          chunks,
        });
        expect(brief(heard)).toEqual([
          ['first', 0, 900],
          ['second', 0, 1300],
          ['longer', 0, 1600],
        ]);
        expect(heard.map(({ startedAtMs }) => startedAtMs - 5000 - leadMs)).toEqual([0, 1100, 2400]);
      }),
      { numRuns: 60 },
    );
  });

  it('tells lines with the same beginning apart by the longest that was heard', () => {
    for (const one of phrases) {
      expect(brief(listen(join(one.audio, silence(100), second.audio)))).toEqual([
        [one.text, 0, one.audio.length / 8],
        ['second', 0, 1300],
      ]);
    }
    expect(brief(listen(join(part(longer.audio, 0, 1000), silence(50))))).toEqual([['longer', 0, 1000]]);
  });

  it('says how much of a line was heard when it is cut at any millisecond', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...phrases),
        fc.integer({ min: 70, max: 1600 }),
        chunking,
        fc.boolean(),
        (line, cutMs, chunks, goesOn) => {
          const cut = part(line.audio, 0, cutMs);
          const heard = listen(goesOn ? join(cut, second.audio) : cut, { chunks });
          // What lies behind the last sound is silence, and four bytes of sound may be chance.
          const loud = [...cut.keys()].filter((at) => isLoud[cut[at]!] === 1);
          const spokenMs = loud.at(-5)! / 8;
          expect(heard[0]!.fromMs).toBe(0);
          expect(heard[0]!.toMs).toBeLessThanOrEqual(cut.length / 8 + 4);
          expect(heard[0]!.toMs).toBeGreaterThanOrEqual(spokenMs - 4);
          const after = heard.slice(1).map(({ text, fromMs, toMs }) => [text, toMs, fromMs < 4]);
          expect(after).toEqual(goesOn ? [['second', 1300, true]] : []);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('hears one line through gaps of silence', () => {
    const gaps = fc.array(fc.record({ atMs: fc.integer({ min: 60, max: 1250 }), ms: fc.integer({ min: 1, max: 900 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(gaps, chunking, (where, chunks) => {
        const sorted = where
          .sort((a, b) => a.atMs - b.atMs)
          .filter(({ atMs }, i, all) => i === 0 || atMs - all[i - 1]!.atMs >= 20);
        const bounds = [0, ...sorted.map(({ atMs }) => atMs), 1300];
        const stream = join(
          ...bounds.slice(1).flatMap((end, i) => [part(second.audio, bounds[i]!, end), silence(sorted[i]?.ms ?? 0)]),
        );
        const heard = listen(join(stream, silence(20), first.audio), { chunks });
        expect(brief(heard)).toEqual([
          ['second', 0, 1300],
          ['first', 0, 900],
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('reports a line that did not go on within the time, without being told', () => {
    const heard = listen(join(part(second.audio, 0, 400), silence(1600)), { flush: false });
    expect(heard.map(({ text, endedAtMs }) => [text, endedAtMs])).toEqual([['second', 5400]]);
  });

  it('takes a jump in time as the end of what was going on', () => {
    const book = createPhraseBook();
    book.add(second);
    const heard: Heard[] = [];
    const listener = createRecogniser({ book, onHeard: (one) => heard.push(one) });
    listener.hear(part(second.audio, 0, 500), 0);
    listener.hear(part(second.audio, 0), 10_000);
    expect(brief(heard)).toEqual([
      ['second', 0, 500],
      ['second', 0, 1300],
    ]);
    expect(heard[1]!.startedAtMs).toBe(10_000);
  });

  it('hears the rest of a line whose beginning was lost, and does not claim the beginning', () => {
    const [heard] = listen(part(second.audio, 700));
    expect([heard!.text, heard!.fromMs, heard!.toMs]).toEqual(['second', 700, 1300]);
  });

  it('hears a line again that was cleared and begun anew', () => {
    expect(brief(listen(join(part(second.audio, 0, 500), second.audio)))).toEqual([
      ['second', 0, 500],
      ['second', 0, 1300],
    ]);
  });
});
