import { audioBytes, decodeBase64, MU_LAW_BYTES_PER_MS, MU_LAW_SILENCE, type MuLawAudio } from '@onhook/audio';
import type { RecordingWriter } from '@onhook/recordings';

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
  callee(audio: MuLawAudio, timestampMs: number, atMs: number): void;
  agent(audio: MuLawAudio, atMs: number): void;
  cleared(atMs: number): void;
  /** @returns null if nothing was kept */
  finish(atMs: number): Promise<{ durationMs: number; lostMs: number } | null>;
}

/** For calls that are not recorded. */
export const NO_RECORDER: Recorder = { callee() {}, agent() {}, cleared() {}, finish: async () => null };

/** Frames (1/8 ms). Jitter of the carrier's timestamps below this is no gap. */
const GAP = 100 * MU_LAW_BYTES_PER_MS;
/** What the callee said may come this late and still find its place. */
const LATE = 1_000 * MU_LAW_BYTES_PER_MS;
/** Stretches are handed on in pieces of about this length. */
const PIECE = 500 * MU_LAW_BYTES_PER_MS;
/** Lost stretches are made good as silence, at most so much at once. */
const PATCH = 4_000 * MU_LAW_BYTES_PER_MS;

export function createRecorder(writer: RecordingWriter): Recorder {
  const pieces = createPieces();
  const right = createTrack();
  /** Where the callee's audio ends. */
  let end = 0;
  /** Where the first frame of the callee's stands, and its timestamp. */
  let origin: { position: number; timestampMs: number } | null = null;
  let written = 0;
  /** Frames that the writer did not take: silence takes their place, so that the rest stays where it belongs. */
  let owed = 0;
  let lost = 0;

  function place(timestampMs: number, bytes: number, atMs: number): number {
    const now = frameAt(atMs);
    if (Number.isNaN(timestampMs)) return end;
    origin ??= { position: Math.max(0, now - bytes), timestampMs };
    const wanted = origin.position + Math.round((timestampMs - origin.timestampMs) * MU_LAW_BYTES_PER_MS);
    // A timestamp from the future would fill the disk with silence.
    return wanted > end + GAP && wanted <= now + LATE ? wanted : end;
  }

  function flush(upTo: number): void {
    while (written + PIECE <= upTo) hand(PIECE);
  }

  function hand(frames: number): void {
    const piece = pieces.next().subarray(0, frames * 2);
    right.take(written, frames, piece);
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
      const now = frameAt(atMs);
      const at = Math.max(place(timestampMs, audio.length, atMs), written);
      // A long silence before it is not held.
      flush(Math.min(at, now - LATE));
      pieces.put(audio, at - written);
      end = at + audio.length;
      // The callee's side sets the pace; if it stands still, the clock does. The last 200 ms stay open: a clear may come.
      flush(Math.max(Math.min(end, now - 2 * GAP), now - LATE));
    },
    agent(audio, atMs) {
      right.put(audioBytes(audio), Math.max(right.end(), frameAt(atMs), written));
    },
    cleared: (atMs) => right.cut(Math.max(frameAt(atMs), written)),
    async finish(atMs) {
      const until = Math.max(end, frameAt(atMs), written);
      flush(until);
      if (until > written) hand(until - written);
      payDebt();
      const file = await writer.finish();
      return file && { durationMs: file.frames / MU_LAW_BYTES_PER_MS, lostMs: lost / MU_LAW_BYTES_PER_MS };
    },
  };
}

function frameAt(ms: number): number {
  return Math.max(0, Math.floor(ms * MU_LAW_BYTES_PER_MS));
}

/**
 * The stretches that are not handed on yet, both sides in turn, the left one written. What the carrier sends fifty times a second is
 * decoded straight to where it stays.
 */
function createPieces() {
  const open: Buffer[] = [];
  const silent = (): Buffer => Buffer.alloc(PIECE * 2, MU_LAW_SILENCE);
  return {
    /** @param at from the beginning of the next piece */
    put(audio: MuLawAudio, at: number) {
      const last = Math.floor((at + audio.length - 1) / PIECE);
      while (open.length <= last) open.push(silent());
      const first = Math.floor(at / PIECE);
      const within = (at - first * PIECE) * 2;
      if (!(audio instanceof Uint8Array) && first === last)
        return decodeBase64(audio.text, audio.from, audio.to, open[first]!, within, 2);
      const bytes = audioBytes(audio);
      for (let i = 0; i < bytes.length; i++) {
        const position = at + i;
        const index = Math.floor(position / PIECE);
        open[index]![(position - index * PIECE) * 2] = bytes[i]!;
      }
    },
    next: () => open.shift() ?? silent(),
  };
}

/** The right side: chunks in order of their place, with silence between. */
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
    take(from: number, frames: number, into: Uint8Array) {
      const until = from + frames;
      let done = 0;
      for (const { at, audio } of chunks) {
        if (at >= until) break;
        const stop = Math.min(audio.length, until - at);
        for (let i = Math.max(0, from - at); i < stop; i++) into[(at - from + i) * 2 + 1] = audio[i]!;
        if (at + audio.length <= until) done++;
      }
      if (done > 0) chunks = chunks.slice(done);
    },
  };
}
