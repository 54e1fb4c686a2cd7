import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { muLawWavHeader, readMuLawWav, WAV_HEADER_BYTES } from './index.js';

describe('a µ-law WAV file', () => {
  it('has the header that players expect, to the byte', () => {
    const header = Buffer.from(muLawWavHeader({ channels: 2, frames: 8_000 }));
    expect(header.toString('hex')).toBe(
      '52494646' +
        'b23e0000' +
        '57415645' + // RIFF, size 16050, WAVE
        '666d7420' +
        '12000000' +
        '0700' +
        '0200' +
        '401f0000' +
        '803e0000' +
        '0200' +
        '0800' +
        '0000' + // fmt: µ-law, 2 channels, 8000 Hz
        '66616374' +
        '04000000' +
        '401f0000' + // fact: 8000 samples
        '64617461' +
        '803e0000', // data: 16000 bytes
    );
    expect(header.length).toBe(WAV_HEADER_BYTES);
  });

  it('reads back bit-exact, channel by channel', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(1 as const, 2 as const), (data, channels) => {
        const frames = Math.floor(data.length / channels);
        const body = data.subarray(0, frames * channels);
        const wav = readMuLawWav(Buffer.concat([muLawWavHeader({ channels, frames }), body]))!;
        expect(wav.frames).toBe(frames);
        expect(wav.channels).toHaveLength(channels);
        for (let i = 0; i < body.length; i++) expect(wav.channels[i % channels]![Math.floor(i / channels)]).toBe(body[i]);
      }),
    );
  });

  it('is refused when it is cut off, of another format, or no WAV at all', () => {
    const whole = Buffer.concat([muLawWavHeader({ channels: 2, frames: 10 }), Buffer.alloc(20)]);
    expect(readMuLawWav(whole.subarray(0, -1))).toBeNull();
    expect(readMuLawWav(whole.subarray(0, 20))).toBeNull();
    expect(readMuLawWav(Buffer.from('not a sound'))).toBeNull();
    const pcm = Buffer.from(whole);
    pcm.writeUInt16LE(1, 20);
    expect(readMuLawWav(pcm)).toBeNull();
  });
});
