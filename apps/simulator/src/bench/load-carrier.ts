import { systemChance, systemTimers } from '@onhook/service';
import { createMediaFrame } from '../carrier/media-frame.js';
import { signRequest, upgradeUrlToSign } from '../carrier/signature.js';
import { createCarrierMessages, readServerMessage } from '../carrier/stream-messages.js';
import { openStreamSocket } from '../carrier/stream-socket.js';
import { frameBytes } from '../carrier/telephone-audio.js';
import type { Ticker } from '../carrier/ticker.js';
import { newSid } from '../sid.js';
import { readIdentities, writeIdentity } from './frame-identity.js';
import type { WayTally } from './way-tally.js';

/** The carrier's end of one stream of a load: without a callee, without a playout; its frames only say which they are. */
export interface LoadStream {
  begin(): void;
  /** `stop`, then the socket is closed. Resolves when it is. */
  end(): Promise<void>;
}

export async function openLoadStream({
  index,
  url,
  parameters,
  authToken,
  ticker,
  toAgent,
  toCarrier,
  onLost,
}: {
  index: number;
  url: string;
  parameters: Record<string, string>;
  authToken: string;
  ticker: Ticker;
  toAgent: WayTally;
  toCarrier: WayTally;
  /** The server closed it, or did not open it. */
  onLost: (why: string) => void;
}): Promise<LoadStream> {
  const streamSid = newSid('MZ', systemChance);
  const messages = createCarrierMessages({
    streamSid,
    callSid: newSid('CA', systemChance),
    accountSid: `AC${'0'.repeat(32)}`,
    firstTimestampMs: 155,
  });
  const audio = Buffer.alloc(frameBytes, 0x31);
  let stopTicking: (() => void) | undefined;
  let isEnding = false;
  let settleOpened: () => void;
  let settleClosed: () => void;
  const opened = new Promise<void>((resolve) => (settleOpened = resolve));
  const closed = new Promise<void>((resolve) => (settleClosed = resolve));

  const socket = openStreamSocket({
    url,
    signature: signRequest(authToken, upgradeUrlToSign(url, 'as-written')),
    chance: systemChance,
    timers: systemTimers,
    on: {
      onOpen() {
        socket.sendText(messages.connected());
        socket.sendText(messages.start(parameters));
        settleOpened();
      },
      onRefused: (code, why) => over(`refused: ${code} ${why}`),
      onText: hear,
      onBinary: () => over('a binary message'),
      onViolation: over,
      onClose: (code) => over(`closed: ${code}`),
    },
  });
  const mediaFrame = createMediaFrame({ streamSid, maskKey: socket.maskKey });

  function over(why: string): void {
    stopTicking?.();
    if (!isEnding) onLost(why);
    isEnding = true;
    settleOpened();
    settleClosed();
  }

  function hear(bytes: Uint8Array, from: number, to: number): void {
    const frames = readIdentities({ bytes, from, to }, '"payload":"', ({ way, stream, frame }, isNewest) =>
      (way === 'to-carrier' ? toCarrier : toAgent).arrived(stream, frame, isNewest),
    );
    if (frames > 0) return;
    const message = readServerMessage(Buffer.from(bytes.subarray(from, to)).toString(), streamSid);
    if (!('rejected' in message) && message.event === 'mark') socket.sendText(messages.mark(message.name));
  }

  function speak(dueMs: number): void {
    const frame = toAgent.next(index);
    if (frame < 0) return;
    writeIdentity(audio, { way: 'to-agent', stream: index, frame });
    const { sequence, chunk, timestampMs } = messages.countMedia('inbound');
    toAgent.wrote(index, frame, dueMs);
    if (!socket.sendFrame(mediaFrame.fill(sequence, chunk, timestampMs, audio))) mediaFrame.letGo();
  }

  await opened;
  return {
    begin: () => void (stopTicking ??= isEnding ? undefined : ticker.add(speak)),
    end() {
      stopTicking?.();
      if (!isEnding) {
        isEnding = true;
        socket.sendText(messages.stop());
        socket.close(1000);
      }
      return closed;
    },
  };
}
