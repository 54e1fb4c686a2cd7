import { z } from 'zod';
import { problemOf, type Problem } from './problem.js';
import { responseParams, sessionUpdate } from './session-config.js';

const eventId = z.string().max(512).optional();
const id = z.string().min(1).max(64);
const itemBase = { id: id.optional(), object: z.literal('realtime.item').optional(), status: z.string().optional() };

const contentPart = z.strictObject({
  type: z.enum(['input_text', 'input_audio', 'input_image', 'output_text', 'output_audio']),
  text: z.string().optional(),
  audio: z.string().optional(),
  transcript: z.string().nullish(),
  image_url: z.string().optional(),
  detail: z.string().optional(),
});

const newItem = z.discriminatedUnion('type', [
  z.strictObject({
    ...itemBase,
    type: z.literal('message'),
    role: z.enum(['user', 'assistant', 'system']),
    content: z.array(contentPart).min(1),
  }),
  z.strictObject({
    ...itemBase,
    type: z.literal('function_call'),
    call_id: id.optional(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.strictObject({ ...itemBase, type: z.literal('function_call_output'), call_id: id, output: z.string() }),
]);
export type NewItem = z.output<typeof newItem>;

const schemas = {
  'session.update': z.strictObject({ type: z.literal('session.update'), event_id: eventId, session: sessionUpdate }),
  'input_audio_buffer.append': z.strictObject({
    type: z.literal('input_audio_buffer.append'),
    event_id: eventId,
    audio: z.base64('Expected base64-encoded audio bytes'),
  }),
  'input_audio_buffer.commit': z.strictObject({ type: z.literal('input_audio_buffer.commit'), event_id: eventId }),
  'input_audio_buffer.clear': z.strictObject({ type: z.literal('input_audio_buffer.clear'), event_id: eventId }),
  'response.create': z.strictObject({
    type: z.literal('response.create'),
    event_id: eventId,
    response: responseParams.optional(),
  }),
  'response.cancel': z.strictObject({ type: z.literal('response.cancel'), event_id: eventId, response_id: id.optional() }),
  'conversation.item.create': z.strictObject({
    type: z.literal('conversation.item.create'),
    event_id: eventId,
    previous_item_id: id.nullish(),
    item: newItem,
  }),
  'conversation.item.truncate': z.strictObject({
    type: z.literal('conversation.item.truncate'),
    event_id: eventId,
    item_id: id,
    content_index: z.int().min(0),
    audio_end_ms: z.int().min(0),
  }),
  'conversation.item.delete': z.strictObject({ type: z.literal('conversation.item.delete'), event_id: eventId, item_id: id }),
  'conversation.item.retrieve': z.strictObject({ type: z.literal('conversation.item.retrieve'), event_id: eventId, item_id: id }),
};

export type ClientEventType = keyof typeof schemas;
export type ClientEvents = { [T in ClientEventType]: z.output<(typeof schemas)[T]> };
export type ClientEvent = ClientEvents[ClientEventType];

/** One client frame, or what is wrong with it. */
export function readClientEvent(frame: string): ClientEvent | { problem: Problem } {
  let event: unknown;
  try {
    event = JSON.parse(frame);
  } catch {
    // The frame itself is the client's; what it holds is not repeated.
    return { problem: { code: 'invalid_json', message: 'The event is not valid JSON.' } };
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { problem: { code: 'invalid_event', message: 'The event must be a JSON object.' } };
  }
  const { type, event_id } = event as { type?: unknown; event_id?: unknown };
  const eventIdGiven = typeof event_id === 'string' ? event_id : undefined;
  if (type === undefined) {
    const message = "The 'type' field is missing.";
    return { problem: { code: 'invalid_event', message, param: 'type', eventId: eventIdGiven } };
  }
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) {
    const message = `Invalid value: '${typeof type === 'string' ? type.slice(0, 64) : typeof type}'. Supported values are: ${Object.keys(schemas).join(', ')}.`;
    return { problem: { code: 'invalid_value', message, param: 'type', eventId: eventIdGiven } };
  }
  // Fifty of these arrive each second on every call: not through a schema.
  if (type === 'input_audio_buffer.append' && isPlainAppend(event)) return event;
  const read = schemas[type as ClientEventType].safeParse(event);
  return read.success ? read.data : { problem: { ...problemOf(read.error, event), eventId: eventIdGiven } };
}

function isPlainAppend(event: object): event is ClientEvents['input_audio_buffer.append'] {
  const { audio } = event as { audio?: unknown };
  return Object.keys(event).length === 2 && typeof audio === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(audio);
}
