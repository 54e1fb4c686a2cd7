import type { Server } from 'node:http';
import { base64Length, encodeBase64 } from '../carrier/base64.js';
import { frameBytes } from '../carrier/telephone-audio.js';
import type { Ticker } from '../carrier/ticker.js';
import { listen } from '../listen.js';
import { readIdentities, writeIdentity } from './frame-identity.js';
import { createReceiverServer, unmasked, type ReceiverSocket, type ReceiverSocketHandlers } from './receiver-socket.js';
import { createSpeechFrame, type SpeechFrame } from './speech-frame.js';
import type { WayTally } from './way-tally.js';

/** The agent's end of a load: a server that is spoken to as OpenAI Realtime, or (behind a bare relay) as a Media Stream. */
export async function startLoadAgent({
  port,
  ticker,
  toAgent,
  toCarrier,
}: {
  port: number;
  ticker: Ticker;
  toAgent: WayTally;
  toCarrier: WayTally;
}): Promise<Server> {
  const server = createReceiverServer((socket) => converse({ socket, ticker, toAgent, toCarrier }));
  await listen(server, '127.0.0.1', port);
  return server;
}

function converse({
  socket,
  ticker,
  toAgent,
  toCarrier,
}: {
  socket: ReceiverSocket;
  ticker: Ticker;
  toAgent: WayTally;
  toCarrier: WayTally;
}): ReceiverSocketHandlers {
  const audio = Buffer.alloc(frameBytes, 0x32);
  const payload = Buffer.alloc(base64Length(frameBytes));
  let speech: SpeechFrame | undefined;
  let key = '"audio":"';
  let stopTicking: (() => void) | undefined;

  function beginToSpeak(stream: number): void {
    if (!speech) return;
    const frames = speech;
    stopTicking = ticker.add((dueMs) => {
      const frame = toCarrier.next(stream);
      if (frame < 0) return;
      writeIdentity(audio, { way: 'to-carrier', stream, frame });
      encodeBase64(audio, payload, 0, noMask, 0);
      toCarrier.wrote(stream, frame, dueMs);
      if (!socket.sendFrame(frames.fill(payload))) frames.letGo();
    });
  }

  /** What is said before the first sound: few messages, in no hurry. */
  function hearWords(text: string): void {
    if (text.startsWith('{"event":')) {
      key = '"payload":"';
      const streamSid = /"streamSid":"(\w+)"/.exec(text)?.[1];
      if (streamSid !== undefined)
        speech ??= speechFrame(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"`, '"}}');
      return;
    }
    if (/"type":\s*"session\.update"/.test(text)) {
      socket.sendText(JSON.stringify({ type: 'session.updated', event_id: 'event_2', session: session() }));
      socket.sendText(
        JSON.stringify({ type: 'response.created', event_id: 'event_3', response: { id: responseId, status: 'in_progress' } }),
      );
      speech ??= speechFrame(`${JSON.stringify(delta).slice(0, -1)},"delta":"`, '"}');
    }
  }

  socket.sendText(JSON.stringify({ type: 'session.created', event_id: 'event_1', session: session() }));
  return {
    onText(message) {
      const frames = readIdentities(message, key, ({ way, stream, frame }, isNewest) => {
        if (way === 'to-agent') toAgent.arrived(stream, frame, isNewest);
        if (!stopTicking) beginToSpeak(stream);
      });
      if (frames < 0) hearWords(unmasked(message).toString());
    },
    onClose: () => stopTicking?.(),
  };
}

const noMask = new Uint8Array(4);
const responseId = 'resp_load';
const delta = {
  type: 'response.output_audio.delta',
  event_id: 'event_4',
  response_id: responseId,
  item_id: 'item_load',
  output_index: 0,
  content_index: 0,
};

function session(): Record<string, unknown> {
  return { type: 'realtime', object: 'realtime.session', id: 'sess_load', model: 'gpt-realtime', expires_at: 4_000_000_000 };
}

function speechFrame(before: string, after: string): SpeechFrame {
  return createSpeechFrame({ before, after, payloadBytes: base64Length(frameBytes) });
}
