import { silentLogger } from '@onhook/service';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { calleeLines, createSpeech, linearOf, type Speech } from '../speech/index.js';
import { createDecoder, encodeAs } from './audio-format.js';
import { configuredAdapter, gatewaySession, silenceOf, startProvider, type TestProvider } from './test-adapter.js';

const toneOf = (hz: number, ms: number): Buffer => {
  const bytes = Buffer.alloc(ms * 48);
  for (let i = 0; i < ms * 24; i++) bytes.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / 24_000)), i * 2);
  return bytes;
};
const loudness = (ulaw: Uint8Array): number => Math.sqrt(ulaw.reduce((sum, byte) => sum + linearOf[byte]! ** 2, 0) / ulaw.length);

describe('PCM of 24 kHz', () => {
  it('is the same however it is cut', () => {
    const sound = toneOf(440, 60);
    const whole = createDecoder('audio/pcm')(sound);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        const decode = createDecoder('audio/pcm');
        const pieces: Uint8Array[] = [];
        for (let at = 0, n = 0; at < sound.length; at += sizes[n % sizes.length]!, n++)
          pieces.push(decode(sound.subarray(at, at + sizes[n % sizes.length]!)));
        expect(Buffer.concat(pieces).equals(Buffer.from(whole))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps what a telephone carries, and drops what would fold back as hiss', () => {
    expect(loudness(createDecoder('audio/pcm')(toneOf(1000, 500)))).toBeGreaterThan(8000);
    expect(loudness(createDecoder('audio/pcm')(toneOf(5000, 500)).subarray(200))).toBeLessThan(40);
  });

  it('comes back as it went: to 24 kHz and back again', () => {
    const ulaw = createDecoder('audio/pcm')(toneOf(700, 300));
    const again = createDecoder('audio/pcm')(encodeAs('audio/pcm', ulaw));
    expect(again).toHaveLength(ulaw.length);
    expect(Math.abs(loudness(again) / loudness(ulaw) - 1)).toBeLessThan(0.02);
  });
});

describe('a session in PCM', () => {
  let speech: Speech;
  let provider: TestProvider;
  beforeAll(() => {
    speech = createSpeech({ logger: silentLogger });
  });
  afterAll(() => speech.close());
  beforeEach(async () => {
    provider = await startProvider(speech);
  });
  afterEach(() => provider.close());

  it('hears turns, though no words, and answers in whole samples of the same length', async () => {
    const pcm = { type: 'audio/pcm', rate: 24_000 };
    const audio = { input: { ...gatewaySession.audio.input, format: pcm }, output: { format: pcm, voice: 'marin' } };
    const adapter = await configuredAdapter(provider, { session: { audio } });
    const line = await speech.line(calleeLines.thatIsMe, 'rms');
    const sound = encodeAs('audio/pcm', Buffer.concat([silenceOf(200), line.audio, silenceOf(900)]));
    for (let at = 0; at < sound.length; at += 961)
      adapter.send('input_audio_buffer.append', { audio: Buffer.from(sound.subarray(at, at + 961)).toString('base64') });
    // Neither waits for the other.
    const [{ transcript }, { response }] = await Promise.all([
      adapter.next('conversation.item.input_audio_transcription.completed'),
      adapter.next('response.done'),
    ]);
    expect(transcript).toMatch(/^\(speech \d\.\d s\)$/);
    expect(response).toMatchObject({ status: 'completed', audio: { output: { format: pcm } } });
    const [spoke] = provider.of('agent-spoke');
    expect(adapter.audio()).toHaveLength(Number(spoke!['bytes']));
    expect(spoke).toMatchObject({ generatedMs: adapter.audio().length / 48 });
    const deltas = adapter.events.filter(({ type }) => type === 'response.output_audio.delta');
    expect(deltas.every(({ delta }) => Buffer.from(String(delta), 'base64').length % 2 === 0)).toBe(true);
  });
});
