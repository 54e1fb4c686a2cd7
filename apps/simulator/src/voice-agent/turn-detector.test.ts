import { silentLogger } from '@onhook/service';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { agentLines, calleeLines, createSpeech, encodeMuLaw } from '../speech/index.js';
import type { TurnDetection } from './session-config.js';
import { createTurnDetector, type TurnEvent } from './turn-detector.js';

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
afterAll(() => speech.close());

function detect(sound: Uint8Array, chunks = [160]): TurnEvent[] {
  const detector = createTurnDetector();
  detector.configure(settings);
  const events: TurnEvent[] = [];
  for (let at = 0, n = 0; at < sound.length; n++) {
    const size = chunks[n % chunks.length]!;
    events.push(...detector.push(sound.subarray(at, at + size)));
    at += size;
  }
  return events;
}
const silence = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(0xff);
/** Steady noise at `db` below full scale. */
const noise = (ms: number, db: number): Uint8Array =>
  encodeMuLaw(
    Int16Array.from(
      { length: ms * 8 },
      (_, i) => (((Math.imul(i + 1, 2_654_435_761) >>> 16) / 65_536) * 2 - 1) * 32_000 * 10 ** (db / 20) * 1.7,
    ),
  );

describe('turn detection', () => {
  it('finds exactly one turn in every line of the demonstration, soon after it begins and 500 ms after it ends', async () => {
    const lines = [
      ...Object.values(agentLines).map((text) => [text, 'slt'] as const),
      ...Object.values(calleeLines).flatMap((text) =>
        (['slt', 'rms', 'awb', 'kal'] as const).map((voice) => [text, voice] as const),
      ),
    ];
    for (const [text, voice] of lines) {
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
    expect(detect(Buffer.concat([noise(1500, -52), audio, noise(1500, -52)])).map(({ type }) => type)).toEqual([
      'started',
      'stopped',
    ]);
  });

  it('ends a turn that never falls silent after 30 s', () => {
    const [started, stopped] = detect(noise(31_000, -12));
    expect([started!.type, stopped!.type]).toEqual(['started', 'stopped']);
    expect(stopped!.atMs - started!.atMs).toBe(30_000);
  });
});
