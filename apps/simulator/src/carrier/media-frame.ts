import { base64Length, encodeBase64 } from './base64.js';
import { silentFrame } from './telephone-audio.js';
import { maskText, openFrame } from './websocket-frames.js';

/** One media message of a stream as a finished WebSocket frame, in which only what has changed is written anew. */
export interface MediaFrame {
  /** The frame's bytes. They are the same ones again at the next call, unless `letGo` came between. */
  fill(sequence: number, chunk: number, timestampMs: number, audio: Uint8Array): Uint8Array;
  /** Somebody still reads the bytes that were given out last: the next frame is built elsewhere. */
  letGo(): void;
}

/**
 * `createCarrierMessages().media` as bytes on the wire (a test holds the two against each other). The mask key is that of
 * the stream, drawn once: RFC 6455 wants a new one for each frame, which no server can see and each frame would pay for.
 */
export function createMediaFrame({ streamSid, maskKey }: { streamSid: string; maskKey: Uint8Array }): MediaFrame {
  let frame: Buffer = Buffer.alloc(0);
  /** Where the text begins: behind the WebSocket header. */
  let textAt = 0;
  const at = { sequence: 0, chunk: 0, timestamp: 0, payload: 0 };
  const width = { sequence: 0, chunk: 0, timestamp: 0, payload: 0 };
  let isSilent = false;

  function layOut(): void {
    const parts = [
      '{"event":"media","sequenceNumber":"',
      '0'.repeat(width.sequence),
      '","media":{"track":"inbound","chunk":"',
      '0'.repeat(width.chunk),
      '","timestamp":"',
      '0'.repeat(width.timestamp),
      '","payload":"',
      '0'.repeat(width.payload),
      `"},"streamSid":"${streamSid}"}`,
    ];
    const ends: number[] = [];
    let length = 0;
    for (const part of parts) ends.push((length += part.length));
    [at.sequence, at.chunk, at.timestamp, at.payload] = [ends[0]!, ends[2]!, ends[4]!, ends[6]!];
    const opened = openFrame(0x1, length, maskKey);
    ({ frame, textAt } = opened);
    frame.set(Buffer.from(parts.join(''), 'latin1'), textAt);
    maskText(frame, textAt, maskKey);
    isSilent = false;
  }

  function writeNumber(value: number, from: number, digits: number): void {
    for (let i = from + digits - 1, rest = value; i >= from; i--) {
      const next = Math.floor(rest / 10);
      frame[textAt + i] = (48 + rest - next * 10) ^ maskKey[i & 3]!;
      rest = next;
    }
  }

  return {
    fill(sequence, chunk, timestampMs, audio) {
      const [s, c, t, p] = [digitsOf(sequence), digitsOf(chunk), digitsOf(timestampMs), base64Length(audio.length)];
      if (s !== width.sequence || c !== width.chunk || t !== width.timestamp || p !== width.payload) {
        [width.sequence, width.chunk, width.timestamp, width.payload] = [s, c, t, p];
        layOut();
      }
      writeNumber(sequence, at.sequence, s);
      writeNumber(chunk, at.chunk, c);
      writeNumber(timestampMs, at.timestamp, t);
      if (!(isSilent && audio === silentFrame)) encodeBase64(audio, frame, textAt + at.payload, maskKey, at.payload);
      isSilent = audio === silentFrame;
      return frame;
    },
    letGo() {
      frame = Buffer.from(frame);
    },
  };
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
