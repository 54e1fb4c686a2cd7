const MU_LAW = 7;
const BYTES_PER_MS = 8;

export interface StereoRecording {
  /** µ-law, 8 kHz. */
  readonly callee: Uint8Array;
  readonly agent: Uint8Array;
  readonly durationMs: number;
}

/** @throws Error that says what is wrong with the file */
export function readRecording(file: Uint8Array): StereoRecording {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number): string => Buffer.from(file.subarray(at, at + 4)).toString('latin1');
  if (file.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new Error('the recording is not a WAV file');
  let format: { code: number; channels: number; rate: number } | null = null;
  for (let at = 12; at + 8 <= file.length;) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      format = {
        code: view.getUint16(at + 8, true),
        channels: view.getUint16(at + 10, true),
        rate: view.getUint32(at + 12, true),
      };
    }
    if (tag(at) === 'data') {
      if (format?.code !== MU_LAW || format.channels !== 2 || format.rate !== 8000)
        throw new Error('the recording is not stereo µ-law at 8 kHz');
      return split(file.subarray(at + 8, at + 8 + size));
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('the recording has no audio');
}

function split(data: Uint8Array): StereoRecording {
  const samples = Math.floor(data.length / 2);
  const callee = new Uint8Array(samples);
  const agent = new Uint8Array(samples);
  for (let i = 0; i < samples; i++) {
    callee[i] = data[2 * i]!;
    agent[i] = data[2 * i + 1]!;
  }
  return { callee, agent, durationMs: samples / BYTES_PER_MS };
}

/** Milliseconds of a channel that are louder than about -50 dBFS. */
export function loudMs(channel: Uint8Array): number {
  let loud = 0;
  for (const byte of channel) {
    // µ-law is stored inverted: the larger the low seven bits, the nearer to silence.
    if ((byte & 0x7f) < 0x5f) loud++;
  }
  return loud / BYTES_PER_MS;
}

/** Whether these very bytes stand in the channel: µ-law passes bit-exact, so nothing less will do. */
export function contains(channel: Uint8Array, piece: Uint8Array): boolean {
  return piece.length > 0 && Buffer.from(channel.buffer, channel.byteOffset, channel.byteLength).includes(Buffer.from(piece));
}
