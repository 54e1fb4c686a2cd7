import { serverFrame } from './receiver-socket.js';

/** One message of a server that says 20 ms, as a finished WebSocket frame, in which only the audio is written anew. */
export interface SpeechFrame {
  /** `base64` has the same length every time. The bytes are the same ones again at the next call, unless `letGo` came between. */
  fill(base64: Uint8Array): Buffer;
  /** Somebody still reads the bytes that were given out last: the next frame is built elsewhere. */
  letGo(): void;
}

export function createSpeechFrame({
  before,
  after,
  payloadBytes,
}: {
  before: string;
  after: string;
  payloadBytes: number;
}): SpeechFrame {
  let frame = serverFrame(before + 'A'.repeat(payloadBytes) + after);
  const payloadAt = frame.length - after.length - payloadBytes;
  return {
    fill(base64) {
      frame.set(base64, payloadAt);
      return frame;
    },
    letGo() {
      frame = Buffer.from(frame);
    },
  };
}
