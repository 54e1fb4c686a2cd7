import { systemTimers } from '@onhook/service';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Dice } from './dice.js';
import { oddJson } from './odd-json.js';
import { CREATED, UPDATED } from './provider.js';
import { frame, OPCODES, text } from './websocket-bytes.js';

/** What a hostile provider says in all of its session: nobody but its own callee may hear it. */
const HOSTILE = 0x44;

/** One act of a hostile provider. False: it has left. */
export async function agentActs(socket: WebSocket, wire: Duplex, dice: Dice): Promise<boolean> {
  const id = (): string => dice.pick(['resp_1', 'resp_2', '', '__proto__', 'r'.repeat(300)]);
  const item = { response_id: id(), item_id: `item_${dice.below(4)}`, output_index: 0, content_index: 0 };
  const delta = Buffer.alloc(dice.pick([0, 1, 160, 4_001, 48_000]), HOSTILE).toString('base64');
  const call = {
    type: 'function_call',
    id: 'item_9',
    call_id: `call_${dice.below(3)}`,
    status: dice.pick(['completed', 'incomplete']),
    name: dice.pick(['end_call', 'transfer_call', 'send_dtmf', 'rm']),
    arguments: dice.pick(['{}', '{"reason":"x"}', '{', 'null', '[]']),
  };
  const words: unknown[] = [
    CREATED,
    UPDATED,
    { type: 'response.created', event_id: 'e', response: { id: id(), status: 'in_progress' } },
    { type: 'response.output_audio.delta', event_id: 'e', ...item, delta },
    { type: 'response.output_audio.done', event_id: 'e', ...item },
    { type: 'response.output_audio_transcript.delta', event_id: 'e', ...item, delta: 'Goodbye.' },
    { type: 'response.output_item.done', event_id: 'e', response_id: id(), output_index: 0, item: call },
    {
      type: 'response.done',
      event_id: 'e',
      response: { id: id(), status: dice.pick(['completed', 'cancelled', 'failed', 'incomplete', 'x']), output: [call] },
    },
    { type: 'input_audio_buffer.speech_started', event_id: 'e', audio_start_ms: 0, item_id: 'item_1' },
    { type: 'input_audio_buffer.speech_stopped', event_id: 'e', audio_end_ms: 900, item_id: 'item_1' },
    {
      type: 'conversation.item.input_audio_transcription.completed',
      event_id: 'e',
      item_id: 'item_1',
      content_index: 0,
      transcript: 'x',
    },
    {
      type: 'error',
      event_id: 'e',
      error: {
        type: 'invalid_request_error',
        code: dice.pick(['session_expired', 'whatever', null]),
        message: 'no',
        event_id: null,
      },
    },
    { type: dice.pick(['rate_limits.updated', 'something.new', '']), event_id: 'e' },
  ];
  const say = (message: string): void => socket.send(message);
  const raw = (bytes: Buffer): boolean => wire.write(bytes);
  const plain = { masked: false };
  switch (dice.below(14)) {
    case 0:
    case 1:
    case 2:
    case 3:
      for (let i = dice.below(4); i >= 0; i--) say(JSON.stringify(dice.pick(words)));
      break;
    case 4:
    case 5:
    case 6:
      say(oddJson(dice.pick(words), dice));
      break;
    case 7:
      socket.send(dice.bytes(dice.below(500)), { binary: dice.oneIn(2) });
      break;
    case 8: {
      const message = JSON.stringify(dice.pick(words));
      const cut = dice.below(message.length);
      socket.send(message.slice(0, cut), { fin: false });
      if (!dice.oneIn(4)) socket.send(message.slice(cut), { fin: true });
      break;
    }
    case 9:
      for (let i = 0; i < 300; i++) say(JSON.stringify(dice.pick(words)));
      break;
    case 10:
      say(JSON.stringify({ ...(words[3] as object), delta: 'A'.repeat(dice.pick([400_000, 3_000_001])) }));
      break;
    case 11:
      raw(
        dice.pick([
          dice.bytes(1 + dice.below(300)),
          frame(dice.bytes(20), { opcode: dice.pick([1, 3, 8, 11]), rsv: dice.below(8), masked: dice.oneIn(2) }),
          frame(dice.bytes(10), { ...plain, opcode: OPCODES.text, length: dice.pick([1n << 63n, 0xffff_ffff_ffffn]) }),
          frame(dice.bytes(200), { ...plain, opcode: OPCODES.ping }),
          text('{"type":"session.updated"}'),
        ]),
      );
      break;
    case 12:
      await systemTimers.sleep(dice.below(40));
      break;
    default:
      if (!dice.oneIn(2)) break;
      if (dice.oneIn(2)) socket.close(dice.pick([1000, 1001, 1011, 4000]), 'x'.repeat(dice.below(100)));
      else socket.terminate();
      return false;
  }
  return socket.readyState === socket.OPEN;
}
