import { currentAttempt, type Measured } from '@onhook/call';
import type { Transcript } from '@onhook/contracts';
import type { Resume } from '@onhook/voice-agent';
import { createAnswerTimes, type AnswerTimes } from './answer-times.js';
import type { Playback } from './playback.js';
import type { AcceptedStream } from './stream-intake.js';
import { createTranscript, type HeardTranscript } from './transcript.js';

/** What a call remembers of its conversation: for the store, for the record, and for a session that takes over from another. */
export interface CallMemory {
  readonly transcript: HeardTranscript;
  readonly times: AnswerTimes;
  /** For a session that knows nothing. What was sent and not cleared will have been heard by the time that it speaks. */
  said(): Resume['lines'];
  /** What was said, and heard, until that moment. */
  written(atMs: number): Transcript;
  measured(): Measured;
}

interface CallMemoryDeps {
  readonly stream: AcceptedStream;
  readonly playback: Playback;
  readonly elapsedMs: () => number;
}

export function createCallMemory({ stream, playback, elapsedMs }: CallMemoryDeps): CallMemory {
  const transcript = createTranscript();
  const times = createAnswerTimes();
  const sinceAnswerMs = sinceAnswer(stream, elapsedMs());
  return {
    transcript,
    times,
    said: () =>
      transcript
        .lines((itemId) => {
          const item = playback.item(itemId, elapsedMs());
          return item && { ...item, heardMs: playback.heardInTheEndMs(itemId) };
        })
        .filter(({ text }) => text !== '')
        .map(({ who, text }) => ({ role: who, text })),
    written(atMs) {
      const lines = transcript.lines((itemId) => playback.item(itemId, atMs));
      return { v: 1, attempt: stream.attempt, lines, truncated: transcript.isTruncated() };
    },
    measured() {
      const firstAudioAtMs = times.firstAudioAtMs();
      return {
        answerToFirstAudioMs: firstAudioAtMs === null ? null : Math.round(sinceAnswerMs + firstAudioAtMs),
        turnLatencyMs: times.latenciesMs(),
      };
    },
  };
}

/** How long the callee had been there when the stream's clock began to count. The answer may be known only from the stream itself. */
function sinceAnswer({ call, acceptedAt }: AcceptedStream, acceptedAtMs: number): number {
  const answeredAt = currentAttempt(call)?.answeredAt ?? acceptedAt;
  return Math.max(0, acceptedAt - answeredAt - acceptedAtMs);
}
