import { silentLogger } from '@onhook/service';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentLines, calleeLines, createSpeech, encodeMuLaw, linearOf } from '../speech/index.js';
import type { TurnDetection } from './session-config.js';
import { createFvadActivity } from './fvad-activity.js';
import { createHearing } from './hearing.js';
import { createTurnDetector, type TurnEvent } from './turn-detector.js';
import { createEnergyActivity } from './voice-activity.js';

const settings: TurnDetection = {
  type: 'server_vad',
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
  create_response: true,
  interrupt_response: true,
  idle_timeout_ms: null,
};
const speech = createSpeech({ logger: silentLogger });
const demonstration = [
  ...Object.values(agentLines).map((text) => [text, 'slt'] as const),
  ...Object.values(calleeLines).flatMap((text) => (['slt', 'rms', 'awb', 'kal'] as const).map((voice) => [text, voice] as const)),
];
// On a busy machine it takes longer to say them all than a test may take.
beforeAll(async () => {
  for (const [text, voice] of demonstration) await speech.line(text, voice);
}, 120_000);
afterAll(() => speech.close());

const detectors = { fvad: createFvadActivity, energy: createEnergyActivity };
let vad: keyof typeof detectors = 'fvad';

function detect(sound: Uint8Array, chunks = [160]): TurnEvent[] {
  const activity = detectors[vad]();
  const detector = createTurnDetector({ activity });
  detector.configure(settings);
  const events: TurnEvent[] = [];
  for (let at = 0, n = 0; at < sound.length; n++) {
    const size = chunks[n % chunks.length]!;
    events.push(...detector.push(sound.subarray(at, at + size)));
    at += size;
  }
  activity.close();
  return events;
}
const silence = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(0xff);
/** Steady white noise at `db` below full scale, always the same. */
function hiss(ms: number, db: number): Int16Array {
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 31 - 1;
  return Int16Array.from({ length: ms * 8 }, () => next() * 32_000 * 10 ** (db / 20) * 1.7);
}
const noise = (ms: number, db: number): Uint8Array => encodeMuLaw(hiss(ms, db));

describe.each(['fvad', 'energy'] as const)('turn detection by %s', (name) => {
  beforeEach(() => void (vad = name));

  it('finds exactly one turn in every line of the demonstration, soon after it begins and 500 ms after it ends', async () => {
    for (const [text, voice] of demonstration) {
      const { audio, durationMs } = await speech.line(text, voice);
      const events = detect(Buffer.concat([silence(400), audio, silence(900)]));
      expect([text, voice, events.map(({ type }) => type)]).toEqual([text, voice, ['started', 'stopped']]);
      expect(events[0]!.atMs).toBeLessThan(400 + 250);
      expect(Math.abs(events[1]!.atMs - (400 + durationMs + 500))).toBeLessThan(250);
    }
  });

  it('does not depend on how the audio is cut', async () => {
    const { audio } = await speech.line(calleeLines.confirm, 'rms');
    const sound = Buffer.concat([silence(333), audio, silence(900)]);
    const whole = detect(sound);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 9 }), (chunks) => {
        expect(detect(sound, chunks)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('finds no turn in silence, hiss, and a click', () => {
    expect(detect(silence(5000))).toEqual([]);
    expect(detect(noise(5000, -55))).toEqual([]);
    expect(detect(Buffer.concat([silence(500), noise(30, -10), silence(2000)]))).toEqual([]);
  });

  it('finds speech above hiss, and its end', async () => {
    const { audio } = await speech.line(calleeLines.confirm, 'rms');
    const room = hiss(1500 + audio.length / 8 + 1500, -48);
    for (const [i, byte] of audio.entries()) room[1500 * 8 + i]! += linearOf[byte]!;
    expect(detect(encodeMuLaw(room)).map(({ type }) => type)).toEqual(['started', 'stopped']);
  });

  it('ends a turn that never falls silent after 30 s', () => {
    const [started, stopped] = detect(noise(31_000, -12));
    expect([started!.type, stopped!.type]).toEqual(['started', 'stopped']);
    expect(stopped!.atMs - started!.atMs).toBe(30_000);
  });
});

describe('semantic turn detection', () => {
  /** How long after the last sound a turn ended, in milliseconds of the audio. */
  async function waited(eagerness: 'low' | 'medium' | 'high' | 'auto', sound: Uint8Array): Promise<number> {
    const hearing = createHearing({ speech, ledger: { write: () => undefined } });
    const activity = createFvadActivity();
    const detector = createTurnDetector({ activity, understand: hearing.understood });
    detector.configure({ type: 'semantic_vad', eagerness, create_response: true, interrupt_response: true });
    const all = Buffer.concat([silence(300), sound, silence(9000)]);
    for (let at = 0; at < all.length; at += 160) {
      const frame = all.subarray(at, at + 160);
      hearing.hear(frame, at / 8);
      const stopped = detector.push(frame).find(({ type }) => type === 'stopped');
      if (stopped) return stopped.atMs - 300 - sound.length / 8;
    }
    return Number.POSITIVE_INFINITY;
  }

  it('answers a whole sentence soon, and waits for one that was broken off as long as its eagerness says', async () => {
    const { audio } = await speech.line(calleeLines.confirm, 'rms');
    const part = audio.subarray(0, 8 * 700);
    for (const [eagerness, mostMs] of [
      ['low', 8000],
      ['medium', 4000],
      ['auto', 4000],
      ['high', 2000],
    ] as const) {
      expect(await waited(eagerness, audio)).toBeLessThan(450);
      expect(Math.abs((await waited(eagerness, part)) - mostMs)).toBeLessThan(250);
    }
  });

  it('waits for words that nobody knows, the longer the less eager it is', async () => {
    const stranger = createSpeech({ logger: silentLogger });
    const { audio } = await stranger.line('Whatever could that mean?', 'awb');
    await stranger.close();
    for (const [eagerness, ms] of [
      ['low', 1500],
      ['medium', 900],
      ['high', 400],
    ] as const)
      expect(Math.abs((await waited(eagerness, audio)) - ms)).toBeLessThan(250);
  });
});

describe('the detectors', () => {
  it('differ with a faint voice: fvad finds it by its spectrum, energy does not', async () => {
    const { audio } = await speech.line(calleeLines.confirm, 'rms');
    const faint = encodeMuLaw(Int16Array.from(audio, (byte) => linearOf[byte]! * 10 ** (-32 / 20)));
    const sound = Buffer.concat([silence(600), faint, silence(1000)]);
    vad = 'fvad';
    expect(detect(sound).map(({ type }) => type)).toEqual(['started', 'stopped']);
    vad = 'energy';
    expect(detect(sound)).toEqual([]);
  });

  it('take the longest turn from their script', () => {
    const activity = createEnergyActivity();
    const detector = createTurnDetector({ activity, longestTurnMs: () => 2000 });
    detector.configure(settings);
    const [started, stopped] = detector.push(noise(3000, -12));
    expect(stopped!.atMs - started!.atMs).toBe(2000);
  });
});
