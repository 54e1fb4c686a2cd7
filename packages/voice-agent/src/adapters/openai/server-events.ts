/** What the provider says, as far as we listen. Everything else is `other`: new events appear without notice. */
export type ServerEvent =
  | { readonly type: 'session.created' | 'session.updated'; readonly sessionId: string; readonly expiresAt: number | null }
  /** `itemId`: of the callee's words, which come later. */
  | { readonly type: 'speech-started'; readonly itemId: string | null }
  | { readonly type: 'speech-stopped' }
  | { readonly type: 'callee-words'; readonly itemId: string; readonly text: string; readonly final: boolean }
  | { readonly type: 'agent-words'; readonly itemId: string; readonly text: string; readonly final: boolean }
  /** `tag`: what we gave the order; null: none; undefined: this provider echoes none. */
  | { readonly type: 'response.created'; readonly responseId: string; readonly tag: string | null | undefined }
  | { readonly type: 'audio'; readonly responseId: string; readonly itemId: string; readonly base64: string }
  | { readonly type: 'audio-done'; readonly responseId: string; readonly itemId: string }
  | { readonly type: 'function-call'; readonly responseId: string; readonly call: FunctionCall }
  | {
      readonly type: 'response.done';
      readonly responseId: string;
      readonly status: 'completed' | 'cancelled' | 'failed' | 'incomplete';
      readonly error: string | null;
      readonly calls: readonly FunctionCall[];
    }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly eventId: string | null }
  | { readonly type: 'other' };

/** Complete: the same call appears in three events, and an interrupted one with its arguments cut off. */
export interface FunctionCall {
  readonly callId: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>> | null;
}

type Fields = Readonly<Record<string, unknown>>;
const OTHER: ServerEvent = { type: 'other' };

/** Null: not a JSON object. A known event with a field missing is `other`. */
export function readServerEvent(frame: string): ServerEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(frame);
  } catch {
    // The caller counts it: one bad frame is no reason to lose a conversation.
    return null;
  }
  if (!isFields(event)) return null;
  return read(event) ?? OTHER;
}

function read(event: Fields): ServerEvent | null {
  const itemId = text(event['item_id']);
  const responseId = text(event['response_id']);
  switch (event['type']) {
    case 'response.output_audio.delta': {
      const base64 = text(event['delta']);
      return itemId && responseId && base64 !== null ? { type: 'audio', responseId, itemId, base64 } : null;
    }
    case 'response.output_audio.done':
      return itemId && responseId ? { type: 'audio-done', responseId, itemId } : null;
    case 'response.output_audio_transcript.delta':
      return words('agent-words', itemId, event['delta'], false);
    case 'response.output_audio_transcript.done':
      return words('agent-words', itemId, event['transcript'], true);
    case 'conversation.item.input_audio_transcription.delta':
      return words('callee-words', itemId, event['delta'], false);
    case 'conversation.item.input_audio_transcription.completed':
      return words('callee-words', itemId, event['transcript'], true);
    case 'input_audio_buffer.speech_started':
      return { type: 'speech-started', itemId };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'speech-stopped' };
    case 'response.created': {
      const response = isFields(event['response']) ? event['response'] : {};
      const id = text(response['id']);
      const { metadata } = response;
      const tag = metadata === undefined ? undefined : isFields(metadata) ? text(metadata['onhook']) : null;
      return id ? { type: 'response.created', responseId: id, tag } : null;
    }
    case 'response.output_item.done': {
      const call = readFunctionCall(event['item']);
      return responseId && call ? { type: 'function-call', responseId, call } : null;
    }
    case 'response.done':
      return isFields(event['response']) ? readDone(event['response']) : null;
    case 'session.created':
    case 'session.updated':
      return isFields(event['session']) ? readSession(event['type'], event['session']) : null;
    case 'error':
      return readError(event['error']);
    default:
      return null;
  }
}

function words(type: 'agent-words' | 'callee-words', itemId: string | null, given: unknown, final: boolean): ServerEvent | null {
  const said = text(given);
  return itemId && said !== null ? { type, itemId, text: said, final } : null;
}

function readSession(type: 'session.created' | 'session.updated', session: Fields): ServerEvent {
  const expiresAt = session['expires_at'];
  // Unix seconds.
  return { type, sessionId: text(session['id']) ?? '', expiresAt: typeof expiresAt === 'number' ? expiresAt * 1_000 : null };
}

function readDone(response: Fields): ServerEvent | null {
  const responseId = text(response['id']);
  if (!responseId) return null;
  const given = response['status'];
  const status = given === 'completed' || given === 'cancelled' || given === 'incomplete' ? given : 'failed';
  const details = isFields(response['status_details']) ? response['status_details'] : {};
  const error = isFields(details['error']) ? details['error'] : {};
  const output = Array.isArray(response['output']) ? (response['output'] as unknown[]) : [];
  return {
    type: 'response.done',
    responseId,
    status,
    error: status === 'completed' ? null : (text(error['code']) ?? text(error['type']) ?? text(details['reason'])),
    calls: output.map(readFunctionCall).filter((call) => call !== null),
  };
}

/** Only a completed one: an interrupted call ends with its arguments cut off. */
function readFunctionCall(item: unknown): FunctionCall | null {
  if (!isFields(item) || item['type'] !== 'function_call' || item['status'] !== 'completed') return null;
  const callId = text(item['call_id']);
  const name = text(item['name']);
  return callId && name ? { callId, name, args: readArguments(item['arguments']) } : null;
}

function readArguments(given: unknown): Fields | null {
  if (typeof given !== 'string') return null;
  try {
    const args: unknown = JSON.parse(given);
    return isFields(args) ? args : null;
  } catch {
    // A model wrote it; the gateway decides what a call without arguments is worth.
    return null;
  }
}

function readError(error: unknown): ServerEvent {
  const fields = isFields(error) ? error : {};
  return {
    type: 'error',
    code: text(fields['code']) ?? text(fields['type']) ?? 'unknown',
    message: text(fields['message']) ?? '',
    eventId: text(fields['event_id']),
  };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
