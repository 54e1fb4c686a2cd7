import { createHash } from 'node:crypto';
import type { Chance, Clock, Logger, Timer, Timers } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import type { Line, Speech } from '../speech/index.js';
import { bytesPerMs, encodeAs, type SpokenFormat } from './audio-format.js';
import type { Conversation, Item } from './conversation.js';
import { sendLateAudio, type LateAudio } from './late-audio.js';
import type { Part } from './script-player.js';
import { noUsage, usageOf } from './usage.js';
import { voiceFor } from './voices.js';
import type { NewId, Send } from './wire.js';

export interface ResponseRun {
  readonly id: string;
  /** Stops it at once: what was begun is closed as incomplete, and `response.done` is sent before this returns. */
  cancel(reason: 'turn_detected' | 'client_cancelled'): void;
  /** Stops it without a word: the socket is gone. */
  drop(): void;
}

export interface ResponseDeps {
  send: Send;
  ledger: LedgerWriter;
  speech: Speech;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  logger: Logger;
  newId: NewId;
}

export interface ResponseOrder {
  parts: Part[];
  /** Undefined for a response outside the conversation: its items are not added anywhere. */
  conversation: Conversation | undefined;
  voice: string | { id: string };
  format: SpokenFormat;
  metadata: Record<string, string> | null;
  maxOutputTokens: 'inf' | number;
  thinkMs: number;
  pace: number;
  /** Audio that was heard since the last response: it is billed with this one. */
  heardMs: number;
  /** It shall fail instead, with this. */
  fail?: { code: string; message: string } | undefined;
  /** So much audio still comes after it was cancelled. */
  lateAudioMs: number;
  /** Called once, never before this function has returned. */
  onDone: (outcome: { status: string; spokenMs: number }) => void;
}

/** The sizes of audio deltas, in samples of 8 kHz: uneven on purpose, and no multiples of a telephone frame. */
const DELTA_SAMPLES = { least: 400, most: 1200 };
const LIMITS = { requests: 10_000, tokens: 1_000_000 };
/** The last 200 ms of what was generated: enough that no pause within it makes the proof trivial. */
const TAIL_BYTES = 1_600;

/** Runs one response in the provider's order of events, its audio faster than it is heard. */
export function runResponse(order: ResponseOrder, deps: ResponseDeps): ResponseRun {
  const { send, ledger, speech, clock, timers, chance, logger, newId } = deps;
  const { conversation, parts } = order;
  const id = newId('resp');
  const outputs: Item[] = [];
  let timer: Timer | undefined;
  let over = false;
  let spokenMs = 0;
  /** Closes what was begun, if a cancel comes now. */
  let closeOpen: (() => void) | undefined;
  /** What would be spoken next. */
  let unspoken: (() => LateAudio) | undefined;
  let stopLate: (() => void) | undefined;
  const perMs = bytesPerMs(order.format);

  const summary = (status: string, details: unknown): Record<string, unknown> => ({
    object: 'realtime.response',
    id,
    status,
    status_details: details,
    output: outputs,
    conversation_id: conversation?.id ?? null,
    output_modalities: ['audio'],
    max_output_tokens: order.maxOutputTokens,
    audio: { output: { format: shownFormat(order.format), voice: order.voice } },
    metadata: order.metadata,
    usage: status === 'in_progress' ? null : status === 'failed' ? noUsage : usageOf(amounts()),
  });

  const amounts = (): Parameters<typeof usageOf>[0] => ({
    heardMs: order.heardMs,
    spokenMs,
    wordsIn: 0,
    wordsOut: outputs.reduce((sum, item) => sum + (item.content?.[0]?.transcript ?? item.arguments ?? '').split(' ').length, 0),
  });

  function finish(status: string, details: unknown = null): void {
    if (over) return;
    over = true;
    timer?.cancel();
    send('response.done', { response: summary(status, details) });
    const used = Math.round(spokenMs / 50);
    send('rate_limits.updated', {
      rate_limits: [
        { name: 'requests', limit: LIMITS.requests, remaining: LIMITS.requests - 1, reset_seconds: 0.006 },
        { name: 'tokens', limit: LIMITS.tokens, remaining: LIMITS.tokens - used, reset_seconds: used / 10_000 },
      ],
    });
    order.onDone({ status, spokenMs });
  }

  /** `output_item.added` and its twin in the conversation. */
  function open(item: Item): { item: Item; index: number } {
    const index = outputs.length;
    outputs.push(item);
    send('response.output_item.added', { response_id: id, output_index: index, item });
    const added = conversation?.add(item);
    if (added && 'previousItemId' in added) send('conversation.item.added', { previous_item_id: added.previousItemId, item });
    return { item, index };
  }

  function close({ item, index }: { item: Item; index: number }, status: 'completed' | 'incomplete'): void {
    closeOpen = unspoken = undefined;
    item.status = status;
    if (conversation) {
      const all = conversation.items();
      send('conversation.item.done', { previous_item_id: all[all.indexOf(item) - 1]?.id ?? null, item });
    }
    send('response.output_item.done', { response_id: id, output_index: index, item });
  }

  /** Speaks; yields how many milliseconds each delta takes to generate. */
  function* say(line: Line, farewell: boolean): Generator<number> {
    const opened = open({
      id: newId('item'),
      object: 'realtime.item',
      type: 'message',
      status: 'in_progress',
      role: 'assistant',
      content: [],
    });
    const { item, index } = opened;
    const place = { response_id: id, item_id: item.id, output_index: index, content_index: 0 };
    send('response.content_part.added', { ...place, part: { type: 'audio', transcript: '' } });
    const startedAt = clock.now();
    const sound = encodeAs(order.format, line.audio);
    const words = line.text.match(/\S+\s*/g) ?? [];
    let bytes = 0;
    let saidWords = 0;

    const end = (status: 'completed' | 'incomplete'): void => {
      const transcript = words.slice(0, saidWords).join('').trimEnd();
      send('response.output_audio.done', place);
      send('response.output_audio_transcript.done', { ...place, transcript });
      send('response.content_part.done', { ...place, part: { type: 'audio', transcript } });
      item.content = [{ type: 'output_audio', transcript }];
      close(opened, status);
      const audio = sound.subarray(0, bytes);
      ledger.write('agent-spoke', {
        responseId: id,
        itemId: item.id,
        text: line.text,
        voice: line.voice,
        farewell,
        complete: status === 'completed',
        bytes,
        generatedMs: bytes / perMs,
        sha256: createHash('sha256').update(audio).digest('hex'),
        tailBase64: Buffer.from(audio.subarray(-TAIL_BYTES)).toString('base64'),
        startedAt,
        generatedAt: clock.now(),
      });
    };
    closeOpen = () => end('incomplete');
    unspoken = () => ({ place, sound: sound.subarray(bytes, bytes + order.lateAudioMs * perMs) });

    while (bytes < sound.length) {
      const size = DELTA_SAMPLES.least + Math.floor(chance.fraction() * (DELTA_SAMPLES.most - DELTA_SAMPLES.least));
      // Never in step with telephone frames: a client that counts on it must show.
      const delta = sound.subarray(bytes, bytes + ((size % 160 === 0 ? size + 1 : size) * perMs) / 8);
      const wordsByThen = Math.ceil((words.length * (bytes + delta.length)) / sound.length);
      if (wordsByThen > saidWords) {
        send('response.output_audio_transcript.delta', { ...place, delta: words.slice(saidWords, wordsByThen).join('') });
        saidWords = wordsByThen;
      }
      bytes += delta.length;
      spokenMs += delta.length / perMs;
      conversation?.noteAudio(item.id, bytes / perMs);
      // Truncation may come while it is generated: the item has had this content since its first sound.
      item.content = [{ type: 'output_audio', transcript: words.slice(0, saidWords).join('').trimEnd() }];
      send('response.output_audio.delta', { ...place, delta: Buffer.from(delta).toString('base64') });
      yield delta.length / perMs / order.pace;
    }
    end('completed');
  }

  function* call(name: string, args: string): Generator<number> {
    const callId = newId('call');
    const opened = open({
      id: newId('item'),
      object: 'realtime.item',
      type: 'function_call',
      status: 'in_progress',
      call_id: callId,
      name,
      arguments: '',
    });
    const { item, index } = opened;
    const place = { response_id: id, item_id: item.id, output_index: index, call_id: callId };
    // An interrupted call is done too, with the arguments that it has so far: only `completed` counts.
    closeOpen = () => close(opened, 'incomplete');
    for (let at = 0; at < args.length; at += 12) {
      const delta = args.slice(at, at + 12);
      item.arguments += delta;
      send('response.function_call_arguments.delta', { ...place, delta });
      yield 4;
    }
    send('response.function_call_arguments.done', { ...place, name, arguments: args });
    close(opened, 'completed');
    ledger.write('agent-tool-call', { responseId: id, itemId: item.id, toolCallId: callId, name, arguments: args });
  }

  function* play(lines: (Line | undefined)[]): Generator<number> {
    yield order.thinkMs;
    for (const [i, part] of parts.entries()) {
      if (part.type === 'say') yield* say(lines[i]!, part.farewell);
      else yield* call(part.name, part.arguments);
    }
  }

  function advance(steps: Generator<number>): void {
    if (over) return;
    const step = steps.next();
    if (step.done) finish('completed');
    else timer = timers.after(step.value, () => advance(steps));
  }

  function fail(code: string, message: string): void {
    finish('failed', { type: 'failed', error: { type: 'server_error', code, message } });
  }

  send('response.created', { response: summary('in_progress', null) });
  const { fail: failure } = order;
  if (failure) {
    timer = timers.after(order.thinkMs, () => fail(failure.code, failure.message));
  } else {
    const voice = voiceFor(order.voice);
    Promise.all(parts.map((part) => (part.type === 'say' ? speech.line(part.text, voice) : Promise.resolve(undefined)))).then(
      (lines) => advance(play(lines)),
      (error: unknown) => {
        if (over) return;
        logger.error({ err: error }, 'line could not be spoken');
        fail('speech_failed', 'The line could not be spoken.');
      },
    );
  }

  return {
    id,
    cancel(reason) {
      if (over) return;
      const late = order.lateAudioMs > 0 ? unspoken?.() : undefined;
      closeOpen?.();
      finish('cancelled', { type: 'cancelled', reason });
      if (late) stopLate = sendLateAudio(late, perMs, deps);
    },
    drop() {
      over = true;
      timer?.cancel();
      stopLate?.();
    },
  };
}

const shownFormat = (format: SpokenFormat): object =>
  format === 'audio/pcm' ? { type: format, rate: 24_000 } : { type: format };
