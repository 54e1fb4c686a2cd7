import type { CallId } from '@onhook/contracts';

/** Where recordings go. The gateway writes, the api serves, perhaps from another machine. */
export interface RecordingStore {
  /** Never throws and waits for nothing: what goes wrong shows as `write` that takes nothing and `finish` that gives nothing. */
  open(callId: CallId, attempt: number): RecordingWriter;
}

/** One stereo µ-law recording, written as the call goes on. */
export interface RecordingWriter {
  /** Left and right bytes in turn. False: not taken, the disk is full or too slow. */
  write(frames: Uint8Array): boolean;
  /** Completes the file. Null: there is no recording. */
  finish(): Promise<{ frames: number } | null>;
}
