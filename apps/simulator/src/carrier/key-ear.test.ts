import { expect, it } from 'vitest';
import { silentLogger } from '@onhook/service';
import { createSpeech } from '../speech/index.js';
import { createKeyEar } from './key-ear.js';
import { silence, toneAudio } from './telephone-audio.js';

function keysIn(audio: Uint8Array): string {
  const ear = createKeyEar();
  let keys = '';
  for (let at = 0; at + 160 <= audio.length; at += 160) keys += ear.hear(audio.subarray(at, at + 160)) ?? '';
  return keys;
}

it('knows every key by its tones, however they lie in the frames', () => {
  for (const offsetMs of [0, 7, 13]) {
    expect(keysIn(Buffer.concat([silence(offsetMs), toneAudio('1234567890*#ABCD11w2'), silence(100)]))).toBe(
      '1234567890*#ABCD112',
    );
  }
});

it('takes no speech for a key', async () => {
  const speech = createSpeech({ logger: silentLogger });
  for (const voice of ['slt', 'rms', 'kal']) {
    const { audio } = await speech.line(
      'Please press one, or hold the line for the next free person. Thank you very much.',
      voice,
    );
    expect(keysIn(audio)).toBe('');
  }
  await speech.close();
});
