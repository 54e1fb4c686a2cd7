import type { Timers } from '@onhook/service';
import type { Conversation, Item } from './conversation.js';
import type { Hearing, Utterance } from './hearing.js';
import type { Problem } from './problem.js';
import type { TranscriptOrder } from './scripts.js';
import type { SessionConfig, TurnDetection } from './session-config.js';
import { createTurnDetector } from './turn-detector.js';
import { transcriptUsage } from './usage.js';
import type { VoiceActivity } from './voice-activity.js';
import type { NewId, Send } from './wire.js';

export interface AudioInput {
  /** @param exact whether these are the very bytes that were spoken: only then words are known by their sound */
  append(ulaw: Uint8Array, exact: boolean): void;
  commit(): { problem: Problem } | undefined;
  clear(): void;
  configure(turnDetection: TurnDetection | null): void;
  /** A turn that nobody spoke, after `idle_timeout_ms`. */
  idle(): void;
  /** All audio so far, in milliseconds. */
  totalMs(): number;
}

export interface AudioInputDeps {
  send: Send;
  newId: NewId;
  timers: Timers;
  hearing: Hearing;
  conversation: Conversation;
  config: () => SessionConfig;
  activity: VoiceActivity;
  longestTurnMs: () => number;
  transcripts: () => TranscriptOrder;
  /** Runs it when the response that is going on is done; soon, if there is none. */
  afterResponse: (act: () => void) => void;
  onSpeechStarted: () => void;
  /** A turn was committed. `auto`: by voice detection, which may also ask for the response. */
  onTurn: (utterance: Utterance, by: { auto: boolean }) => void;
}

const BYTES_PER_MS = 8;
/** The least that a manual commit may hold. */
const LEAST_COMMIT_MS = 100;
/** Transcription is a model of its own and comes when it comes, often after the response has begun. */
export const TRANSCRIBED_AFTER_MS = 180;
/** Worked on at once: what was said later must not count as part of a turn that ended before it. */
const PIECE_BYTES = 160;

/** The input audio buffer: turns by voice detection or by hand, each becomes a user message with a transcript. */
export function createAudioInput(deps: AudioInputDeps): AudioInput {
  const { send, newId, timers, hearing, conversation, config, activity, longestTurnMs } = deps;
  const detector = createTurnDetector({ activity, longestTurnMs, understand: hearing.understood });
  detector.configure(config().audio.input.turn_detection);
  let totalBytes = 0;
  let bufferFromMs = 0;
  let turnItemId: string | undefined;
  let turnFromMs = 0;

  const totalMs = (): number => totalBytes / BYTES_PER_MS;
  /** How far before its first loud sound a turn is said to begin. */
  function paddingMs(): number {
    const detection = config().audio.input.turn_detection;
    return detection?.type === 'server_vad' ? detection.prefix_padding_ms : 300;
  }

  function started(atMs: number): void {
    turnItemId = newId('item');
    turnFromMs = Math.max(bufferFromMs, atMs - paddingMs());
    send('input_audio_buffer.speech_started', { audio_start_ms: Math.round(turnFromMs), item_id: turnItemId });
    deps.onSpeechStarted();
  }

  function stopped(atMs: number): void {
    const itemId = turnItemId ?? newId('item');
    turnItemId = undefined;
    send('input_audio_buffer.speech_stopped', { audio_end_ms: Math.round(atMs), item_id: itemId });
    commitAs(itemId, turnFromMs, { auto: true });
  }

  function commitAs(itemId: string, fromMs: number, by: { auto: boolean }): void {
    const utterance = hearing.take(fromMs, totalMs());
    bufferFromMs = totalMs();
    const item: Item = {
      id: itemId,
      object: 'realtime.item',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_audio', transcript: null }],
    };
    send('input_audio_buffer.committed', { previous_item_id: conversation.lastId(), item_id: itemId });
    const added = conversation.add(item);
    const previous = 'previousItemId' in added ? added.previousItemId : null;
    send('conversation.item.added', { previous_item_id: previous, item });
    send('conversation.item.done', { previous_item_id: previous, item });
    const order = config().audio.input.transcription ? deps.transcripts() : undefined;
    if (order === 'before-response') transcribe(item, utterance);
    deps.onTurn(utterance, by);
    if (order === 'parallel') timers.after(TRANSCRIBED_AFTER_MS, () => transcribe(item, utterance));
    if (order === 'after-response') deps.afterResponse(() => transcribe(item, utterance));
    if (order === 'fails') timers.after(TRANSCRIBED_AFTER_MS, () => failToTranscribe(item));
  }

  function failToTranscribe({ id }: Item): void {
    const error = { type: 'server_error', code: 'server_error', message: 'Transcription failed.', param: null };
    send('conversation.item.input_audio_transcription.failed', { item_id: id, content_index: 0, error });
  }

  function transcribe(item: Item, { text, seconds }: Utterance): void {
    const place = { item_id: item.id, content_index: 0 };
    const part = item.content?.[0];
    if (part) part.transcript = text;
    for (const delta of text.match(/\S+\s*\S*\s*/g) ?? [])
      send('conversation.item.input_audio_transcription.delta', { ...place, delta });
    send('conversation.item.input_audio_transcription.completed', {
      ...place,
      transcript: text,
      usage: transcriptUsage(config().audio.input.transcription?.model, seconds, text),
    });
  }

  return {
    totalMs,
    configure: (turnDetection) => detector.configure(turnDetection),
    append(ulaw, exact) {
      for (let at = 0; at < ulaw.length; at += PIECE_BYTES) {
        const piece = ulaw.subarray(at, at + PIECE_BYTES);
        if (exact) hearing.hear(piece, totalMs());
        totalBytes += piece.length;
        for (const event of detector.push(piece)) {
          if (event.type === 'started') started(event.atMs);
          else stopped(event.atMs);
        }
      }
    },
    commit() {
      const heldMs = totalMs() - bufferFromMs;
      if (heldMs < LEAST_COMMIT_MS) {
        const message = `Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ${heldMs.toFixed(2)}ms of audio.`;
        return { problem: { code: 'input_audio_buffer_commit_empty', message } };
      }
      const itemId = turnItemId ?? newId('item');
      turnItemId = undefined;
      detector.reset();
      commitAs(itemId, bufferFromMs, { auto: false });
      return undefined;
    },
    clear() {
      turnItemId = undefined;
      detector.reset();
      hearing.forget(totalMs());
      bufferFromMs = totalMs();
      send('input_audio_buffer.cleared', {});
    },
    idle() {
      const itemId = newId('item');
      const at = { audio_start_ms: Math.round(bufferFromMs), audio_end_ms: Math.round(totalMs()), item_id: itemId };
      send('input_audio_buffer.timeout_triggered', at);
      commitAs(itemId, bufferFromMs, { auto: true });
    },
  };
}
