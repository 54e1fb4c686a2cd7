import { encodeMuLaw, linearOf } from '../speech/mu-law.js';
import type { RecordingOrder } from './recording-order.js';
import { bytesPerMs, isAudible, silentByte } from './telephone-audio.js';

/** What was said on a telephone line, as µ-law: what the callee said is `inbound`, what it heard `outbound`. */
export interface RecordedTracks {
  inbound: Uint8Array;
  outbound: Uint8Array;
}

export interface TrackRecorder {
  hear(said: Uint8Array, heard: Uint8Array): void;
  finish(): RecordedTracks;
}

export function createTrackRecorder(): TrackRecorder {
  const inbound = createTape();
  const outbound = createTape();
  return {
    hear(said, heard) {
      inbound.add(said);
      outbound.add(heard);
    },
    finish: () => ({ inbound: inbound.take(), outbound: outbound.take() }),
  };
}

/** Bytes that grow. They are copied: the line uses its buffers again. */
function createTape(): { add(bytes: Uint8Array): void; take(): Uint8Array } {
  let tape = new Uint8Array(60_000 * bytesPerMs);
  let length = 0;
  return {
    add(bytes) {
      if (length + bytes.length > tape.length) {
        const longer = new Uint8Array(tape.length * 2);
        longer.set(tape);
        tape = longer;
      }
      tape.set(bytes, length);
      length += bytes.length;
    },
    take: () => tape.slice(0, length),
  };
}

/** The channels of the finished recording: mixed, apart, or one of the two; without silence at its ends if asked for. */
export function channelsOf(
  { inbound, outbound }: RecordedTracks,
  order: Pick<RecordingOrder, 'channels' | 'track' | 'trim'>,
): Uint8Array[] {
  const all = order.track === 'both' ? [inbound, outbound] : [order.track === 'inbound' ? inbound : outbound];
  const tracks = order.trim ? trimmed(all) : all;
  const [first = new Uint8Array(), second] = tracks;
  return !second || order.channels === 2 ? tracks : [mixed(first, second)];
}

function trimmed(tracks: readonly Uint8Array[]): Uint8Array[] {
  const firsts = tracks.map((track) => track.findIndex(isAudible)).filter((at) => at >= 0);
  const from = firsts.length > 0 ? Math.min(...firsts) : 0;
  const to = Math.max(0, ...tracks.map((track) => track.findLastIndex(isAudible) + 1));
  return tracks.map((track) => track.subarray(from, to));
}

function mixed(one: Uint8Array, other: Uint8Array): Uint8Array {
  const samples = new Int16Array(Math.max(one.length, other.length));
  for (let i = 0; i < samples.length; i++) {
    const sum = linearOf[one[i] ?? silentByte]! + linearOf[other[i] ?? silentByte]!;
    samples[i] = Math.max(-32_768, Math.min(32_767, sum));
  }
  return encodeMuLaw(samples);
}

/** A WAV file of 16-bit PCM at 8 kHz, from µ-law channels of the same length. */
export function wavOf(channels: readonly Uint8Array[]): Buffer {
  const count = Math.max(1, channels.length);
  const frames = channels[0]?.length ?? 0;
  const dataBytes = frames * count * 2;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(count, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt32LE(8_000 * count * 2, 28);
  file.writeUInt16LE(count * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  for (let i = 0; i < frames; i++) {
    channels.forEach((channel, c) => file.writeInt16LE(linearOf[channel[i] ?? silentByte]!, 44 + (i * count + c) * 2));
  }
  return file;
}
