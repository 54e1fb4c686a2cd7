import type { Chance, Clock, Logger, Timer, Timers } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import type { Line, Speech } from '../speech/index.js';
import { bytesPerMs, type SpokenFormat } from './audio-format.js';
import type { Conversation } from './conversation.js';
import { sendLateAudio } from './late-audio.js';
import { createResponseItems } from './response-items.js';
import { callTool, speak, type OpenPart, type PartDeps } from './response-parts.js';
import type { Part } from './part.js';
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

const limits = { requests: 10_000, tokens: 1_000_000 };
/** What the community has found: the provider counts audio by it. */
const tokensPerSpokenSecond = 20;

/** Runs one response in the provider's order of events, its audio faster than it is heard. */
export function runResponse(order: ResponseOrder, deps: ResponseDeps): ResponseRun {
  const { send, speech, timers, logger, newId } = deps;
  const { conversation, parts } = order;
  const id = newId('resp');
  const items = createResponseItems(id, conversation, send);
  let timer: Timer | undefined;
  let over = false;
  let spokenMs = 0;
  /** What was begun, if a cancel comes now. */
  let openPart: OpenPart | undefined;
  let stopLate: (() => void) | undefined;

  const summary = (status: string, details: unknown): Record<string, unknown> => ({
    object: 'realtime.response',
    id,
    status,
    status_details: details,
    output: items.all,
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
    wordsOut: items.all.reduce((sum, item) => sum + (item.content?.[0]?.transcript ?? item.arguments ?? '').split(' ').length, 0),
  });

  function finish(status: string, details: unknown = null): void {
    if (over) return;
    over = true;
    timer?.cancel();
    send('response.done', { response: summary(status, details) });
    const used = Math.round(spokenMs / 50);
    send('rate_limits.updated', {
      rate_limits: [
        { name: 'requests', limit: limits.requests, remaining: limits.requests - 1, reset_seconds: 0.006 },
        { name: 'tokens', limit: limits.tokens, remaining: limits.tokens - used, reset_seconds: used / 10_000 },
      ],
    });
    order.onDone({ status, spokenMs });
  }

  function* play(lines: (Line | undefined)[]): Generator<number> {
    yield order.thinkMs;
    const partDeps: PartDeps = {
      ...deps,
      responseId: id,
      items,
      conversation,
      format: order.format,
      pace: order.pace,
      onOpen: (part) => void (openPart = part),
      onSpoken: (ms) => void (spokenMs += ms),
    };
    for (const [i, part] of parts.entries()) {
      if (part.type === 'wait') yield part.ms;
      else if (part.type === 'say') yield* speak(lines[i]!, part.farewell, partDeps);
      else yield* callTool(part.name, part.arguments, partDeps);
    }
  }

  function advance(steps: Generator<number>): void {
    if (over) return;
    const step = steps.next();
    if (step.done) return finish('completed');
    const { maxOutputTokens } = order;
    if (maxOutputTokens === 'inf' || (spokenMs / 1000) * tokensPerSpokenSecond < maxOutputTokens) {
      timer = timers.after(step.value, () => advance(steps));
      return;
    }
    openPart?.breakOff();
    finish('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
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
      const late = order.lateAudioMs > 0 ? openPart?.unspoken?.(order.lateAudioMs) : undefined;
      openPart?.breakOff();
      finish('cancelled', { type: 'cancelled', reason });
      if (late) stopLate = sendLateAudio(late, bytesPerMs(order.format), deps);
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
