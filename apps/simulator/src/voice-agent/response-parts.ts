import { createHash } from 'node:crypto';
import type { Chance, Clock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import type { Line } from '../speech/index.js';
import { bytesPerMs, encodeAs, type SpokenFormat } from './audio-format.js';
import type { Conversation } from './conversation.js';
import type { LateAudio } from './late-audio.js';
import type { ResponseItems } from './response-items.js';
import type { NewId, Send } from './wire.js';

/** What is being said or called: how to break it off. */
export interface OpenPart {
  breakOff(): void;
  /** What would be spoken next. */
  unspoken?(mostMs: number): LateAudio;
}

export interface PartDeps {
  responseId: string;
  items: ResponseItems;
  conversation: Conversation | undefined;
  format: SpokenFormat;
  /** How much faster than it is heard speech is generated. */
  pace: number;
  send: Send;
  newId: NewId;
  ledger: LedgerWriter;
  clock: Clock;
  chance: Chance;
  /** Told of what has begun, and with `undefined` of its end. */
  onOpen: (part: OpenPart | undefined) => void;
  onSpoken: (ms: number) => void;
}

/** The sizes of audio deltas, in samples of 8 kHz: uneven on purpose, and no multiples of a telephone frame. */
const deltaSamples = { least: 400, most: 1200 };
/** The last 200 ms of what was generated: enough that no pause within it makes the proof trivial. */
const tailBytes = 1_600;

/** Speaks a message; yields how many milliseconds each delta takes to generate. */
export function* speak(line: Line, farewell: boolean, deps: PartDeps): Generator<number> {
  const { responseId, items, send, newId, ledger, clock, chance, conversation } = deps;
  const perMs = bytesPerMs(deps.format);
  const opened = items.open({
    id: newId('item'),
    object: 'realtime.item',
    type: 'message',
    status: 'in_progress',
    role: 'assistant',
    content: [],
  });
  const { item } = opened;
  const place = { ...opened.place, content_index: 0 };
  send('response.content_part.added', { ...place, part: { type: 'audio', transcript: '' } });
  const startedAt = clock.now();
  const sound = encodeAs(deps.format, line.audio);
  const words = line.text.match(/\S+\s*/g) ?? [];
  let bytes = 0;
  let saidWords = 0;
  const said = (): string => words.slice(0, saidWords).join('').trimEnd();

  function end(status: 'completed' | 'incomplete'): void {
    deps.onOpen(undefined);
    send('response.output_audio.done', place);
    send('response.output_audio_transcript.done', { ...place, transcript: said() });
    send('response.content_part.done', { ...place, part: { type: 'audio', transcript: said() } });
    item.content = [{ type: 'output_audio', transcript: said() }];
    items.close(opened, status);
    const audio = sound.subarray(0, bytes);
    ledger.write('agent-spoke', {
      responseId,
      itemId: item.id,
      text: line.text,
      voice: line.voice,
      farewell,
      complete: status === 'completed',
      bytes,
      generatedMs: bytes / perMs,
      sha256: createHash('sha256').update(audio).digest('hex'),
      tailBase64: Buffer.from(audio.subarray(-tailBytes)).toString('base64'),
      startedAt,
      generatedAt: clock.now(),
    });
  }
  deps.onOpen({
    breakOff: () => end('incomplete'),
    unspoken: (mostMs) => ({ place, sound: sound.subarray(bytes, bytes + mostMs * perMs) }),
  });

  while (bytes < sound.length) {
    const size = deltaSamples.least + Math.floor(chance.fraction() * (deltaSamples.most - deltaSamples.least));
    // Never in step with telephone frames: a client that counts on it must show.
    const delta = sound.subarray(bytes, bytes + ((size % 160 === 0 ? size + 1 : size) * perMs) / 8);
    const wordsByThen = Math.ceil((words.length * (bytes + delta.length)) / sound.length);
    if (wordsByThen > saidWords) {
      send('response.output_audio_transcript.delta', { ...place, delta: words.slice(saidWords, wordsByThen).join('') });
      saidWords = wordsByThen;
    }
    bytes += delta.length;
    deps.onSpoken(delta.length / perMs);
    conversation?.noteAudio(item.id, bytes / perMs);
    // Truncation may come while it is generated: the item has had this content since its first sound.
    item.content = [{ type: 'output_audio', transcript: said() }];
    send('response.output_audio.delta', { ...place, delta: Buffer.from(delta).toString('base64') });
    yield delta.length / perMs / deps.pace;
  }
  end('completed');
}

/** Arguments come in pieces of so many characters, one in so many milliseconds. */
const [pieceLength, pieceMs] = [12, 4];

/** Calls a tool of the client's; yields as `speak` does. */
export function* callTool(name: string, args: string, deps: PartDeps): Generator<number> {
  const { responseId, items, send, newId, ledger } = deps;
  const toolCallId = newId('call');
  const opened = items.open({
    id: newId('item'),
    object: 'realtime.item',
    type: 'function_call',
    status: 'in_progress',
    call_id: toolCallId,
    name,
    arguments: '',
  });
  const { item } = opened;
  const place = { ...opened.place, call_id: toolCallId };
  const close = (status: 'completed' | 'incomplete'): void => {
    deps.onOpen(undefined);
    items.close(opened, status);
  };
  // An interrupted call is done too, with the arguments that it has so far: only `completed` counts.
  deps.onOpen({ breakOff: () => close('incomplete') });
  for (let at = 0; at < args.length; at += pieceLength) {
    const delta = args.slice(at, at + pieceLength);
    item.arguments += delta;
    send('response.function_call_arguments.delta', { ...place, delta });
    yield pieceMs;
  }
  send('response.function_call_arguments.done', { ...place, name, arguments: args });
  close('completed');
  ledger.write('agent-tool-call', { responseId, itemId: item.id, toolCallId, name, arguments: args });
}
