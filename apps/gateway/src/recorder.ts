import { MU_LAW_BYTES_PER_MS, MU_LAW_SILENCE } from '@onhook/audio';
import type { RecordingWriter } from './recording-store.js';

/**
 * Puts both sides on one timeline, left the callee, right the agent *as it was heard*, and hands finished stretches to a
 * writer. Moments are milliseconds since the stream's start.
 *
 * The callee's audio stands by the carrier's own timestamps. The agent's queues as it does at the carrier: it starts
 * when it is sent or when what was sent before has played; `cleared` takes back what was not heard. All bytes stay as
 * they were.
 */
export interface Recorder {
  /** @param timestampMs the carrier's; NaN is taken for "right behind the last" */
  callee(audio: Uint8Array, timestampMs: number, atMs: number): void;
  agent(audio: Uint8Array, atMs: number): void;
  cleared(atMs: number): void;
  /** @returns null if nothing was kept */
  finish(atMs: number): Promise<{ durationMs: number; lostMs: number } | null>;
}

/** Frames (1/8 ms). Jitter of the carrier's timestamps below this is no gap. */
const GAP = 100 * MU_LAW_BYTES_PER_MS;
/** What the callee said may come this late and still find its place. */
const LATE = 1_000 * MU_LAW_BYTES_PER_MS;
/** Stretches are handed on in pieces of about this length. */
const PIECE = 500 * MU_LAW_BYTES_PER_MS;
/** Lost stretches are made good as silence, at most so much at once. */
const PATCH = 4_000 * MU_LAW_BYTES_PER_MS;

export function createRecorder(writer: RecordingWriter): Recorder {
  const left = createTrack();
  const right = createTrack();
  /** Where the first frame of the callee's stands, and its timestamp. */
  let origin: { position: number; timestampMs: number } | null = null;
  let written = 0;
  /** Frames that the writer did not take: silence takes their place, so that the rest stays where it belongs. */
  let owed = 0;
  let lost = 0;

  function place(timestampMs: number, bytes: number, atMs: number): number {
    const now = frameAt(atMs);
    if (Number.isNaN(timestampMs)) return left.end();
    origin ??= { position: Math.max(0, now - bytes), timestampMs };
    const wanted = origin.position + Math.round((timestampMs - origin.timestampMs) * MU_LAW_BYTES_PER_MS);
    // A timestamp from the future would fill the disk with silence.
    return wanted > left.end() + GAP && wanted <= now + LATE ? wanted : left.end();
  }

  function flush(upTo: number): void {
    while (written + PIECE <= upTo) hand(PIECE);
  }

  function hand(frames: number): void {
    const piece = Buffer.alloc(frames * 2, MU_LAW_SILENCE);
    left.take(written, frames, piece, 0);
    right.take(written, frames, piece, 1);
    written += frames;
    payDebt();
    if (owed > 0 || !writer.write(piece)) {
      owed += frames;
      lost += frames;
    }
  }

  function payDebt(): void {
    while (owed > 0) {
      const frames = Math.min(owed, PATCH);
      if (!writer.write(Buffer.alloc(frames * 2, MU_LAW_SILENCE))) return;
      owed -= frames;
    }
  }

  return {
    callee(audio, timestampMs, atMs) {
      left.put(audio, Math.max(place(timestampMs, audio.length, atMs), written));
      const now = frameAt(atMs);
      // The callee's side sets the pace; if it stands still, the clock does. The last 200 ms stay open: a clear may come.
      flush(Math.max(Math.min(left.end(), now - 2 * GAP), now - LATE));
    },
    agent(audio, atMs) {
      right.put(audio, Math.max(right.end(), frameAt(atMs), written));
    },
    cleared: (atMs) => right.cut(Math.max(frameAt(atMs), written)),
    async finish(atMs) {
      const end = Math.max(left.end(), frameAt(atMs), written);
      flush(end);
      if (end > written) hand(end - written);
      payDebt();
      const file = await writer.finish();
      return file && { durationMs: file.frames / MU_LAW_BYTES_PER_MS, lostMs: lost / MU_LAW_BYTES_PER_MS };
    },
  };
}

function frameAt(ms: number): number {
  return Math.max(0, Math.floor(ms * MU_LAW_BYTES_PER_MS));
}

/** Chunks in order of their place, with silence between. */
function createTrack() {
  let chunks: { at: number; audio: Uint8Array }[] = [];
  let end = 0;
  return {
    end: () => end,
    put(audio: Uint8Array, at: number) {
      if (audio.length > 0) chunks.push({ at, audio });
      end = at + audio.length;
    },
    /** Nothing stands at `at` or behind it any more. */
    cut(at: number) {
      if (end <= at) return;
      chunks = chunks
        .filter((chunk) => chunk.at < at)
        .map((chunk) => ({ at: chunk.at, audio: chunk.audio.subarray(0, at - chunk.at) }));
      end = at;
    },
    /** Writes `frames` from `from` on into every second byte of `into` and forgets them. */
    take(from: number, frames: number, into: Uint8Array, offset: 0 | 1) {
      const until = from + frames;
      let done = 0;
      for (const { at, audio } of chunks) {
        if (at >= until) break;
        const stop = Math.min(audio.length, until - at);
        for (let i = Math.max(0, from - at); i < stop; i++) into[(at - from + i) * 2 + offset] = audio[i]!;
        if (at + audio.length <= until) done++;
      }
      if (done > 0) chunks = chunks.slice(done);
    },
  };
}
