import type { Logger, Timers } from '@onhook/service';
import type { OpenSession, VoiceAgentEvents, VoiceAgentSession } from '../../port.js';
import type { Connection, ConnectionEvents } from './connection.js';
import { createEarlyAudio } from './early-audio.js';
import { createResponseQueue } from './response-queue.js';
import { type FunctionCall, readServerEvent, type ServerEvent } from './server-events.js';
import { sessionUpdate } from './session-update.js';
import { createSpokenItems } from './spoken-items.js';

export interface SessionDeps {
  readonly request: OpenSession;
  readonly events: VoiceAgentEvents;
  readonly connect: (events: ConnectionEvents) => Connection;
  readonly connectTimeoutMs: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
  readonly elapsedMs: () => number;
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
}: SessionDeps): VoiceAgentSession {
  let state: 'connecting' | 'configuring' | 'ready' | 'closing' | 'closed' = 'connecting';
  let wasReady = false;
  let closedByUs = false;
  let badFrames = 0;
  let ownReason = '';
  const early = createEarlyAudio();
  const spoken = createSpokenItems();
  const responses = createResponseQueue({ timers, send });
  const toolCalls = new Set<string>();
  const agentWords = new Map<string, string>();
  const calleeWords = new Map<string, string>();
  /** Active responses that are being cut off: by the provider itself, because the callee spoke, or by our cancel. */
  const cutShort = new Set<string>();

  const connection = connect({ text: receive, closed: finish });
  const deadline = timers.after(connectTimeoutMs, () => giveUp('connect-timeout'));

  function send(event: unknown): void {
    connection.send(JSON.stringify(event));
  }

  function receive(frame: string): void {
    if (state === 'closing' || state === 'closed') return;
    const event = readServerEvent(frame);
    if (event) return handle(event);
    if (badFrames++ === 0)
      logger.warn({ callId: request.callId, bytes: frame.length }, 'agent sent a frame that is no JSON object');
    events.error({ code: 'bad-frame', message: 'a frame was no JSON object', fatal: false });
  }

  function handle(event: ServerEvent): void {
    switch (event.type) {
      case 'audio':
        return audio(event);
      case 'audio-done':
        if (spoken.finish(event.itemId)) events.audioDone({ turnId: event.responseId, itemId: event.itemId });
        return;
      case 'response.created':
        return responses.created(event.responseId);
      case 'response.done':
        return responseDone(event);
      case 'function-call':
        return functionCall(event.call, event.responseId);
      case 'speech-started':
        return speechStarted();
      case 'speech-stopped':
        return events.calleeStoppedSpeaking();
      case 'agent-words':
        return words('agent', agentWords, event);
      case 'callee-words':
        return words('callee', calleeWords, event);
      case 'session.created':
        if (state !== 'connecting') return;
        state = 'configuring';
        return send(sessionUpdate(request, CONFIGURE));
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
    for (const kept of early.take()) hear(kept);
    responses.open();
    events.ready({ sessionId, expiresAt });
  }

  function audio({ responseId, itemId, base64 }: { responseId: string; itemId: string; base64: string }): void {
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length === 0 || !spoken.add(responseId, itemId, bytes.length)) return;
    events.audio(bytes, { turnId: responseId, itemId });
  }

  function responseDone({ responseId, status, error, calls }: Extract<ServerEvent, { type: 'response.done' }>): void {
    for (const call of calls) functionCall(call, responseId);
    for (const itemId of spoken.finishAll(responseId)) events.audioDone({ turnId: responseId, itemId });
    if (status !== 'completed') spoken.cutOff(responseId);
    cutShort.delete(responseId);
    events.turnDone({ turnId: responseId, status, ...(error !== null && { error }) });
    // Last: what the gateway asked for in `turnDone` goes behind what already waits.
    responses.done(responseId);
  }

  function functionCall({ callId, name, args }: FunctionCall, turnId: string): void {
    if (toolCalls.has(callId)) return;
    toolCalls.add(callId);
    events.toolCall({ toolCallId: callId, turnId, name, args });
  }

  function speechStarted(): void {
    const active = responses.active();
    if (active) cutShort.add(active);
    events.calleeStartedSpeaking();
  }

  function words(
    role: 'agent' | 'callee',
    soFar: Map<string, string>,
    event: { itemId: string; text: string; final: boolean },
  ): void {
    const { itemId, final } = event;
    const text = final ? event.text : `${soFar.get(itemId) ?? ''}${event.text}`;
    if (final) soFar.delete(itemId);
    else soFar.set(itemId, text);
    events.transcript({ role, text, final, itemId });
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
    const facts = { code, reason: ownReason || reason, opened: wasReady, byUs: closedByUs };
    logger.debug(
      { callId: request.callId, attempt: request.attempt, ...facts, ms: Math.round(elapsedMs()) },
      'agent session closed',
    );
    events.closed(facts);
  }

  /** Fifty times a second for each call: text is put together by hand. */
  function hear(heard: Uint8Array): void {
    if (state === 'ready') {
      const base64 = Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength).toString('base64');
      connection.send(`{"type":"input_audio_buffer.append","audio":"${base64}"}`);
    } else if (state !== 'closing' && state !== 'closed') {
      early.keep(heard);
    }
  }

  return {
    hear,
    say(text, { exact }) {
      // Quotation marks inside would end the quotation; nobody hears them.
      const instructions = exact ? `Say exactly: "${text.replaceAll(/["“”]/g, "'")}"` : text;
      responses.order({ instructions, toolChoice: 'none' });
    },
    toolResult(toolCallId, output, { respond, withTools = true }) {
      if (state !== 'ready') return;
      send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: toolCallId, output } });
      if (respond) responses.order(withTools ? {} : { toolChoice: 'none' });
    },
    interrupt({ itemId, heardMs }) {
      if (state !== 'ready') return;
      const item = spoken.find(itemId);
      // More than there was is refused, and the model would believe that all was heard.
      const endMs = Math.min(Math.floor(heardMs), item?.generatedMs ?? Infinity);
      if (item) {
        spoken.cutOff(item.responseId);
        const isActive = responses.active() === item.responseId;
        if (isActive && !cutShort.has(item.responseId)) {
          cutShort.add(item.responseId);
          send({ type: 'response.cancel', response_id: item.responseId });
        }
        // All of it was heard: there is nothing to take back.
        if (!isActive && item.isDone && endMs >= item.generatedMs) return;
      }
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
