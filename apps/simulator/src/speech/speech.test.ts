import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentLines, calleeLines } from './demo-lines.js';
import { linearOf, SILENCE } from './mu-law.js';
import type { Heard } from './recogniser.js';
import { createSpeech, voices, type Speech } from './speech.js';
import type { Synthesizer } from './synthesizer.js';

const cacheDir = mkdtempSync(join(tmpdir(), 'onhook-speech-'));
let speech: Speech;

beforeAll(() => {
  speech = createSpeech({ logger: silentLogger, cacheDir });
});
afterAll(async () => {
  await speech.close();
  rmSync(cacheDir, { recursive: true });
});

const rmsDb = (audio: Uint8Array): number =>
  10 * Math.log10(audio.reduce((sum, byte) => sum + linearOf[byte]! ** 2, 0) / audio.length / 32_124 ** 2);

function wavOf(samples: Int16Array, rateHz: number): Uint8Array {
  const header = Buffer.alloc(44);
  header.write('RIFF....WAVEfmt ', 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length * 2, 40);
  return Buffer.concat([header, new Uint8Array(samples.buffer)]);
}

const nobody: Synthesizer = {
  synthesize: () => Promise.reject(new Error('nobody is to be asked')),
  close: () => Promise.resolve(),
};

describe('the speech room', () => {
  it('speaks in every voice, as loud as people do on the telephone, without long silence before and after', async () => {
    for (const voice of voices) {
      const { audio, durationMs } = await speech.line('The quick brown fox is here.', voice);
      expect(durationMs).toBe(audio.length / 8);
      expect(durationMs).toBeGreaterThan(1000);
      expect(durationMs).toBeLessThan(3000);
      expect(rmsDb(audio)).toBeGreaterThan(-28);
      expect(rmsDb(audio)).toBeLessThan(-10);
      const isLoud = (byte: number): boolean => Math.abs(linearOf[byte]!) > 160;
      expect(audio.findIndex(isLoud)).toBeLessThanOrEqual(320);
      expect(audio.length - audio.findLastIndex(isLoud)).toBeLessThanOrEqual(330);
    }
  });

  it('says the same words with the same bytes, in another room too', async () => {
    const again = createSpeech({ logger: silentLogger });
    const [one, two] = await Promise.all([speech.line(agentLines.farewell), again.line(`  ${agentLines.farewell}\n`)]);
    expect(Buffer.compare(one.audio, two.audio)).toBe(0);
    expect(one.durationMs).toBeGreaterThanOrEqual(1500);
    await again.close();
  });

  it('takes a line from the disk without synthesis, unless the file is damaged', async () => {
    const { audio } = await speech.line(calleeLines.hello);
    const fromDisk = await createSpeech({ logger: silentLogger, cacheDir, synthesizer: nobody }).line(calleeLines.hello);
    expect(Buffer.compare(fromDisk.audio, audio)).toBe(0);
    for (const file of readdirSync(cacheDir)) writeFileSync(join(cacheDir, file), 'a disk that filled up');
    const damaged = createSpeech({ logger: silentLogger, cacheDir, synthesizer: nobody });
    await expect(damaged.line(calleeLines.hello)).rejects.toThrow('nobody is to be asked');
  });

  it('speaks on when its cache cannot be written', async () => {
    const file = join(cacheDir, 'a-file');
    writeFileSync(file, '');
    const room = createSpeech({ logger: silentLogger, cacheDir: join(file, 'below') });
    expect((await room.line('Yes.')).durationMs).toBeGreaterThan(100);
    await room.close();
  });

  it('says loudly what it cannot say', async () => {
    await expect(speech.line('Hello', 'darth')).rejects.toMatchObject({ code: 'unknown-voice' });
    await expect(speech.line('...')).rejects.toMatchObject({ code: 'nothing-to-say' });
    await expect(speech.line('')).rejects.toMatchObject({ code: 'nothing-to-say' });
    await expect(speech.line('a'.repeat(4001))).rejects.toMatchObject({ code: 'text-too-long' });
    await speech.line('-o /etc/passwd');
    await speech.line('one\u0000two “three” 4½ 😀');
  });

  it('asks again after a failure, and renders a line once however many ask at a time', async () => {
    let asked = 0;
    const wav = wavOf(
      Int16Array.from({ length: 16_000 }, (_, i) => (i * 997) % 20_000),
      16_000,
    );
    const moody: Synthesizer = {
      ...nobody,
      synthesize: () => (++asked === 1 ? Promise.reject(new Error('moody')) : Promise.resolve(wav)),
    };
    const room = createSpeech({ logger: silentLogger, synthesizer: moody });
    await expect(room.line('Hm?')).rejects.toThrow('moody');
    await Promise.all([room.line('Hm?'), room.line('Hm?'), room.line(' Hm? ')]);
    expect(asked).toBe(2);
  });

  it('refuses after it was closed, also those who wait', async () => {
    const room = createSpeech({ logger: silentLogger });
    const waiting = room.line('I shall never be spoken.');
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'closed' }), room.close()]);
    await expect(room.line('Nor I.')).rejects.toMatchObject({ code: 'closed' });
  });

  it('recognises every line of the demonstration by its sound, whole or cut', async () => {
    const lines = [
      ...(await Promise.all(Object.values(agentLines).map((text) => speech.line(text)))),
      ...(await Promise.all(Object.values(calleeLines).map((text) => speech.line(text, 'rms')))),
    ];
    for (const { text, audio, durationMs } of lines) {
      for (const partMs of [durationMs, Math.floor(durationMs * 0.6)]) {
        const heard: Heard[] = [];
        const listener = speech.createListener((one) => heard.push(one));
        const stream = Buffer.concat([
          new Uint8Array(777).fill(SILENCE),
          audio.subarray(0, partMs * 8),
          new Uint8Array(801).fill(SILENCE),
        ]);
        for (let at = 0; at < stream.length; at += 160) listener.hear(stream.subarray(at, at + 160), at / 8);
        listener.flush(stream.length / 8);
        expect(heard.map((one) => [one.text, one.fromMs])).toEqual([[text, 0]]);
        expect(Math.abs(heard[0]!.toMs - partMs)).toBeLessThanOrEqual(4);
        expect(heard[0]!.startedAtMs).toBe(777 / 8);
      }
    }
  });
});
