import type { Socket } from 'node:net';
import { systemTimers } from '@onhook/service';
import type { Dice } from './dice.js';
import { mediaMessage, type StartMessage } from './fuzzed-gateway.js';
import { oddJson } from './odd-json.js';
import { frame, OPCODES, text } from './websocket-bytes.js';

/** What a hostile carrier says in all of its session: other than the neighbour's voice, so that a mix-up would be heard. */
const HOSTILE = 0x33;

/** One act of a hostile carrier. False: it has left. */
export async function carrierActs(socket: Socket, start: StartMessage, dice: Dice, n: number): Promise<boolean> {
  const { streamSid } = start;
  const control = (opcode: number, bytes: number): Buffer => frame(dice.bytes(bytes), { opcode });
  const words = [
    { event: 'connected', protocol: 'Call', version: '1.0.0' },
    start,
    JSON.parse(mediaMessage(streamSid, n, HOSTILE)) as unknown,
    { event: 'mark', sequenceNumber: '4', streamSid, mark: { name: `${streamSid.slice(2, 10)}-${dice.below(20)}` } },
    {
      event: 'dtmf',
      sequenceNumber: '5',
      streamSid,
      dtmf: { track: 'inbound_track', digit: dice.pick(['1', '#', '*', '12', '']) },
    },
    { event: 'stop', sequenceNumber: '6', streamSid, stop: { accountSid: start.start.accountSid, callSid: start.start.callSid } },
  ];
  switch (dice.below(16)) {
    case 0:
      socket.write(text(JSON.stringify(dice.pick(words))));
      break;
    case 1:
    case 2:
    case 3:
      socket.write(text(oddJson(dice.pick(words), dice)));
      break;
    case 4:
      socket.write(frame(dice.bytes(dice.below(400)), { opcode: dice.pick([OPCODES.text, OPCODES.binary]) }));
      break;
    case 5: {
      const parts = Buffer.from(oddJson(dice.pick(words), dice));
      const cut = dice.below(parts.length + 1);
      socket.write(frame(parts.subarray(0, cut), { fin: false, opcode: OPCODES.text }));
      if (dice.oneIn(2)) socket.write(control(OPCODES.ping, dice.below(126)));
      if (!dice.oneIn(4)) socket.write(frame(parts.subarray(cut), { opcode: dice.pick([OPCODES.continuation, OPCODES.text]) }));
      break;
    }
    case 6:
      socket.write(control(dice.pick([OPCODES.ping, OPCODES.pong, OPCODES.close]), dice.pick([0, 1, 2, 125, 126, 300])));
      break;
    case 7:
      socket.write(frame(dice.bytes(20), { opcode: dice.pick([1, 3, 7, 11, 15]), rsv: dice.below(8), masked: !dice.oneIn(3) }));
      break;
    case 8: {
      const length = dice.pick([1n << 63n, 0xffff_ffff_ffffn, 70_000n, 1_000_000_000_000n]);
      socket.write(frame(dice.bytes(dice.below(200)), { opcode: OPCODES.text, length }));
      break;
    }
    case 9:
      socket.write(
        text(
          `${mediaMessage(streamSid, n, HOSTILE).slice(0, -2)},"x":"${'y'.repeat(dice.pick([10, 60_000, 66_000, 300_000]))}"}`,
        ),
      );
      break;
    case 10:
      for (let i = 0; i < 400; i++) socket.write(text(mediaMessage(streamSid, n + i, HOSTILE)));
      break;
    case 11: {
      // The same frames, in pieces that end anywhere.
      const bytes = Buffer.concat([0, 1, 2].map((i) => text(mediaMessage(streamSid, n + i, HOSTILE))));
      for (let at = 0; at < bytes.length;) {
        const to = at + 1 + dice.below(150);
        socket.write(bytes.subarray(at, to));
        at = to;
        await systemTimers.sleep(0);
      }
      break;
    }
    case 12:
      for (let i = 0; i < 200; i++) socket.write(text(oddJson(dice.pick(words), dice)));
      break;
    case 13:
      socket.write(dice.bytes(1 + dice.below(2_000)));
      break;
    case 14:
      await systemTimers.sleep(dice.below(60));
      break;
    default:
      if (!dice.oneIn(3)) break;
      if (dice.oneIn(2)) socket.end();
      else socket.resetAndDestroy();
      return false;
  }
  return !socket.destroyed && socket.writable;
}
