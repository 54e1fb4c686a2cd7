import { describe, expect, it } from 'vitest';
import { ulawOfAudio } from './audio-file.js';

describe('a file to be played', () => {
  const samples = Int16Array.from({ length: 1_600 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 400 * i) / 16_000));

  it('is a WAV file with 16-bit PCM, brought down to the rate of a telephone', () => {
    expect(ulawOfAudio(wav(1, 16_000, Buffer.from(samples.buffer)), 'audio/wav')).toHaveLength(800);
  });

  it('is a WAV file with µ-law, whose header nobody hears', () => {
    expect(ulawOfAudio(wav(7, 8_000, Buffer.alloc(80, 0x55)), 'audio/x-wav')).toEqual(Buffer.alloc(80, 0x55));
  });

  it('is bare µ-law, if its type does not say otherwise', () => {
    expect(ulawOfAudio(Buffer.alloc(80, 0x55), 'audio/basic')).toHaveLength(80);
    expect(ulawOfAudio(Buffer.alloc(80, 0x55), '')).toHaveLength(80);
    expect(ulawOfAudio(Buffer.alloc(80, 0x55), 'audio/mpeg')).toBeUndefined();
    expect(ulawOfAudio(Buffer.from('<html/>'), 'text/html')).toBeUndefined();
  });

  it('is refused in stereo, and when it breaks off', () => {
    expect(ulawOfAudio(wav(1, 8_000, Buffer.from(samples.buffer), 2), 'audio/wav')).toBeUndefined();
    expect(ulawOfAudio(Buffer.from('RIFF\0\0'), 'audio/wav')).toBeUndefined();
    expect(ulawOfAudio(new Uint8Array(0), 'audio/wav')).toBeUndefined();
  });
});

function wav(format: number, rateHz: number, data: Buffer, channels = 1): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt16LE(format === 7 ? 8 : 16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
