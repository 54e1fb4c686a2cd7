import type { CallId } from '@onhook/contracts';
import type { Peaks } from './peaks.js';

/**
 * Recordings of calls: stereo µ-law WAV files of 8 kHz, the callee left, the agent right, one for each attempt that was answered.
 * Gateways write them, the api serves them, both perhaps on other machines; who keeps them is behind this port.
 */
export interface Recordings extends RecordingStore, RecordingReader, RecordingRemover {}

/** The side of the gateway. */
export interface RecordingStore {
  /** Never throws and waits for nothing: what goes wrong shows as `write` that takes nothing and `finish` that gives nothing. */
  open(callId: CallId, attempt: number): RecordingWriter;
}

/** One stereo µ-law recording, written as the call goes on. Nobody can find it before it is finished. */
export interface RecordingWriter {
  /** Left and right bytes in turn. False: not taken, the disk is full or too slow. */
  write(frames: Uint8Array): boolean;
  /** Completes the file. Null: there is no recording. */
  finish(): Promise<{ frames: number } | null>;
}

/** The side of the api. */
export interface RecordingReader {
  /** Null: there is none, or it is not finished. */
  find(callId: CallId, attempt: number): Promise<Recording | null>;
  /** Computed when first asked for, then kept beside the recording. Null as for `find`. */
  peaks(callId: CallId, attempt: number): Promise<Peaks | null>;
}

/** One that is finished, and never changes. */
export interface Recording {
  /** Of the whole WAV file. */
  readonly bytes: number;
  /** Samples per side. */
  readonly frames: number;
  /** Bytes `from` … `until - 1` of the WAV file. Throws in the middle if it is removed meanwhile. */
  read(from: number, until: number): AsyncIterable<Uint8Array>;
}

export interface RecordingRemover {
  /**
   * Every attempt's recording of this call and what was computed from it, unfinished ones of writers that died included. Safe to
   * repeat; one that is being written now may show up afterwards, so repeat it once the call's gateway is done.
   *
   * @returns how many recordings there were
   */
  remove(callId: CallId): Promise<number>;
}
