import { audioBytes, createAudioMessages, createPcmVoice, type MuLawAudio, type PcmRateHz } from '@onhook/audio';
import type { Logger, Timers } from '@onhook/service';
import { isUtf8 } from 'node:buffer';
import type { OpenSession, VoiceAgentEvents, VoiceAgentSession } from '../../port.js';
import { createAudioOut } from './audio-out.js';
import type { Connection, ConnectionEvents } from './connection.js';
import { createEarlyAudio } from './early-audio.js';
import { createLastWords } from './last-words.js';
import { createResponseQueue } from './response-queue.js';
import { resumeItems } from './resume-items.js';
import { isRetryable } from './retryable.js';
import { type FunctionCall, readServerEvent, type ServerEvent } from './server-events.js';
import { expiresInMs } from './session-expiry.js';
import { sessionUpdate } from './session-update.js';
import { createSpokenItems } from './spoken-items.js';
import { createWordsSoFar } from './words-so-far.js';

export interface SessionDeps {
  readonly request: OpenSession;
  readonly events: VoiceAgentEvents;
  readonly connect: (events: ConnectionEvents) => Connection;
  readonly connectTimeoutMs: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
  readonly elapsedMs: () => number;
  /** Wall time: the provider tells a moment, not a duration. */
  readonly now: () => number;
  /** How much of the callee's audio goes into one message. */
  readonly appendMs: () => number;
  /** Linear PCM of this rate instead of µ-law, both ways. */
  readonly pcmHz?: PcmRateHz | undefined;
}

/** After these nothing more will come of the session. All others leave it as it is. */
const FATAL: ReadonlySet<string> = new Set(['session_expired', 'beta_api_shape_disabled', 'invalid_api_key']);
const CONFIGURE = 'onhook_configure';

/** One conversation in the GA protocol of OpenAI Realtime. */
export function openSession({
  request,
  events,
  connect,
  connectTimeoutMs,
  timers,
  logger,
  elapsedMs,
  now,
  appendMs,
  pcmHz,
}: SessionDeps): VoiceAgentSession {
  let state: 'connecting' | 'configuring' | 'ready' | 'closing' | 'closed' = 'connecting';
  let wasReady = false;
  let closedByUs = false;
  let badFrames = 0;
  let eventsSent = 0;
  let ownReason = '';
  const early = createEarlyAudio();
  const spoken = createSpokenItems();
  const responses = createResponseQueue({ timers, send });
  const toolCalls = new Set<string>();
  const wordsSoFar = createWordsSoFar();
  const pcm = pcmHz === undefined ? null : createPcmVoice(pcmHz);
  /** Active responses that are being cut off: by the provider itself, because the callee spoke, or by our cancel. */
  const cutShort = new Set<string>();
  const lastWords = createLastWords();
  /** Responses of which nothing is told, and the last one of which something was. */
  const dropped = new Set<string>();
  let told: string | null = null;

  const deltas = createAudioMessages<{ turnId: string; itemId: string }>({ audio: 'delta', free: ['event_id'] });
  const connection = connect({ frame: receiveAudio, message: receive, closed: finish });
  const out = createAudioOut({
    append: pcm ? (heard) => connection.append(pcm.toPcm(heard)) : connection.append,
    appendMs,
  });
  const deadline = timers.after(connectTimeoutMs, () => giveUp('connect-timeout'));

  /** Each event has an id, so that a refusal says which one it means: one of a cancel is not taken for one of a response. */
  function send(event: object): void {
    connection.send(JSON.stringify({ event_id: `onhook_event_${++eventsSent}`, ...event }));
  }

  function receiveAudio(bytes: Buffer, from: number, to: number): boolean {
    if (state === 'closing' || state === 'closed') return true;
    const delta = deltas.find(bytes, from, to);
    if (delta) audio(pcm ? pcm.toMuLaw(delta) : delta, delta.facts);
    return delta !== null;
  }

  function receive(message: Buffer): void {
    if (state === 'closing' || state === 'closed') return;
    const event = isUtf8(message) ? readServerEvent(message.toString('utf8')) : null;
    if (event?.type === 'audio') {
      const item = { turnId: event.responseId, itemId: event.itemId };
      deltas.study(message, item);
      const said = Buffer.from(event.base64, 'base64');
      return audio(pcm ? pcm.toMuLaw(said) : said, item);
    }
    if (event) return handle(event);
    if (badFrames++ === 0)
      logger.warn({ callId: request.callId, bytes: message.length }, 'agent sent a frame that is no JSON object');
    events.error({ code: 'bad-frame', message: 'a frame was no JSON object', fatal: false });
  }

  function handle(event: Exclude<ServerEvent, { type: 'audio' }>): void {
    switch (event.type) {
      case 'audio-done':
        return audioDone({ turnId: event.responseId, itemId: event.itemId });
      case 'response.created':
        return created(event);
      case 'response.done':
        return responseDone(event);
      case 'function-call':
        return functionCall(event.call, event.responseId);
      case 'speech-started':
        return speechStarted(event.itemId);
      case 'speech-stopped':
        return events.calleeStoppedSpeaking();
      case 'agent-words':
        return words('agent', event);
      case 'callee-words':
        return words('callee', event);
      case 'session.created':
        if (state !== 'connecting') return;
        state = 'configuring';
        return send(sessionUpdate(request, CONFIGURE, pcmHz));
      case 'session.updated':
        return ready(event);
      case 'error':
        return refused(event);
      case 'other':
        return;
    }
  }

  function ready({ sessionId, expiresAt }: { sessionId: string; expiresAt: number | null }): void {
    if (state !== 'configuring') return;
    state = 'ready';
    wasReady = true;
    deadline.cancel();
    if (request.resume) {
      for (const item of resumeItems(request.resume)) send(item);
      if (request.resume.respond) responses.order({});
    }
    for (const kept of early.take()) hear(kept);
    responses.open();
    events.ready({ sessionId, expiresInMs: expiresInMs(expiresAt, now()) });
  }

  function created({ responseId, tag }: Extract<ServerEvent, { type: 'response.created' }>): void {
    const isDropped = lastWords.drops(tag, responses.awaited()?.tag !== undefined);
    responses.created(responseId);
    if (isDropped) drop(responseId);
  }

  /** Of what has not begun to be said nothing is told. */
  function drop(responseId: string): void {
    if (told !== responseId) dropped.add(responseId);
    spoken.cutOff(responseId);
    if (cutShort.has(responseId)) return;
    cutShort.add(responseId);
    send({ type: 'response.cancel', response_id: responseId });
  }

  function audio(said: MuLawAudio, item: { turnId: string; itemId: string }): void {
    if (said.length === 0 || !spoken.add(item.turnId, item.itemId, said.length)) return;
    told = item.turnId;
    events.audio(said, item);
  }

  function audioDone(item: { turnId: string; itemId: string }): void {
    // What the filter held back of it.
    if (pcm) audio(pcm.endOfSpeech(), item);
    if (spoken.finish(item.itemId)) events.audioDone(item);
  }

  function responseDone({ responseId, status, error, calls }: Extract<ServerEvent, { type: 'response.done' }>): void {
    for (const call of calls) functionCall(call, responseId);
    for (const itemId of spoken.finishAll(responseId)) events.audioDone({ turnId: responseId, itemId });
    // Of what was broken off nothing may begin the next answer.
    pcm?.endOfSpeech();
    if (status !== 'completed') spoken.cutOff(responseId);
    cutShort.delete(responseId);
    if (!dropped.delete(responseId)) events.turnDone({ turnId: responseId, status, ...(error !== null && { error }) });
    // Last: what the gateway asked for in `turnDone` goes behind what already waits.
    responses.done(responseId);
  }

  function functionCall({ callId, name, args }: FunctionCall, turnId: string): void {
    if (toolCalls.has(callId) || dropped.has(turnId)) return;
    toolCalls.add(callId);
    told = turnId;
    events.toolCall({ toolCallId: callId, turnId, name, args });
  }

  function speechStarted(itemId: string | null): void {
    const active = responses.active();
    if (active) cutShort.add(active);
    events.calleeStartedSpeaking(itemId === null ? undefined : { itemId });
  }

  function words(role: 'agent' | 'callee', piece: { itemId: string; text: string; final: boolean }): void {
    const { itemId, final } = piece;
    events.transcript({ role, text: wordsSoFar.add(role, piece), final, itemId });
  }

  function refused({ code, message, eventId }: { code: string; message: string; eventId: string | null }): void {
    const fatal = FATAL.has(code) || state !== 'ready';
    responses.refused({ code, eventId });
    events.error({ code, message, fatal });
    if (fatal) giveUp(code);
  }

  /** We end it, but nobody asked us to. */
  function giveUp(reason: string): void {
    if (state === 'closing' || state === 'closed') return;
    ownReason = reason;
    shut(reason);
  }

  function shut(reason: string): void {
    state = 'closing';
    deadline.cancel();
    responses.close();
    connection.close(reason);
  }

  function finish({ code, reason }: { code: number; reason: string }): void {
    if (state === 'closed') return;
    state = 'closed';
    deadline.cancel();
    responses.close();
    const retryable = !closedByUs && isRetryable({ code, reason, ownReason: ownReason || null });
    const facts = { code, reason: ownReason || reason, opened: wasReady, byUs: closedByUs, retryable };
    logger.debug(
      { callId: request.callId, attempt: request.attempt, ...facts, ms: Math.round(elapsedMs()) },
      'agent session closed',
    );
    events.closed(facts);
  }

  function hear(heard: MuLawAudio): void {
    if (state === 'ready') out.hear(heard);
    else if (state !== 'closing' && state !== 'closed') early.keep(audioBytes(heard));
  }

  return {
    hear,
    say(text, { exact, last }) {
      // Quotation marks inside would end the quotation; nobody hears them.
      const instructions = exact ? `Say exactly: "${text.replaceAll(/["“”]/g, "'")}"` : text;
      if (!last) return responses.order({ instructions, toolChoice: 'none' });
      const active = responses.active();
      if (active) drop(active);
      responses.instead({ instructions, toolChoice: 'none', tag: lastWords.ask() });
    },
    tell(text) {
      if (state !== 'ready') return;
      send({
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
      });
      responses.order({});
    },
    respond: () => responses.order({}),
    toolResult(toolCallId, output, { respond, withTools = true }) {
      if (state !== 'ready') return;
      send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: toolCallId, output } });
      if (respond) responses.order(withTools ? {} : { toolChoice: 'none' });
    },
    interrupt({ itemId, heardMs }) {
      if (state !== 'ready') return;
      const item = spoken.find(itemId);
      // Audio that was made beforehand: the provider does not know it.
      if (!item) return;
      // More than there was is refused, and the model would believe that all was heard.
      const endMs = Math.min(Math.floor(heardMs), item.generatedMs);
      spoken.cutOff(item.responseId);
      const isActive = responses.active() === item.responseId;
      if (isActive && !cutShort.has(item.responseId)) {
        cutShort.add(item.responseId);
        send({ type: 'response.cancel', response_id: item.responseId });
      }
      // All of it was heard: there is nothing to take back.
      if (!isActive && item.isDone && endMs >= item.generatedMs) return;
      if (endMs > 0) send({ type: 'conversation.item.truncate', item_id: itemId, content_index: 0, audio_end_ms: endMs });
      else send({ type: 'conversation.item.delete', item_id: itemId });
    },
    close(why) {
      if (state === 'closing' || state === 'closed') return;
      closedByUs = true;
      ownReason = why;
      shut(why);
    },
    bufferedBytes: () => connection.bufferedBytes(),
  };
}
