export interface Pcm {
  rateHz: number;
  samples: Int16Array;
}

/**
 * Reads a mono 16-bit PCM WAV file.
 *
 * @throws Error when it is anything else
 */
export function readWav(file: Uint8Array): Pcm {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('not a WAV file');
  let rateHz = 0;
  for (let at = 12; at + 8 <= file.length;) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      const [format, channels, bits] = [
        view.getUint16(at + 8, true),
        view.getUint16(at + 10, true),
        view.getUint16(at + 22, true),
      ];
      if (format !== 1 || channels !== 1 || bits !== 16) throw new Error('not a mono 16-bit PCM file');
      rateHz = view.getUint32(at + 12, true);
    }
    if (tag(at) === 'data' && rateHz > 0) {
      const count = Math.floor(Math.min(size, file.length - at - 8) / 2);
      return { rateHz, samples: Int16Array.from({ length: count }, (_, i) => view.getInt16(at + 8 + 2 * i, true)) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('a WAV file without sound');
}
