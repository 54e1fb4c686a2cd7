import { readBeside, type AudioFrames } from '@onhook/audio';
import type { Logger, Timers } from '@onhook/service';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { MediaSocket, MediaSocketListener } from './media-socket.js';

/** A peer that does not answer our close frame within this is cut off; `ws` itself would wait half a minute. */
const CLOSE_WITHIN_MS = 2_000;

interface MediaSocketDeps {
  /** What `ws` reads and writes. Text messages and audio pass beside it. */
  readonly wire: Duplex;
  readonly frames: AudioFrames;
  /** No message is longer; `ws` refuses it. */
  readonly maxBytes: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
}

/** The only room that knows the socket library. */
export function mediaSocketOver(ws: WebSocket, { wire, frames, maxBytes, timers, logger }: MediaSocketDeps): MediaSocket {
  let listener: MediaSocketListener | null = null;
  let closedWith: number | null = null;
  let isClosing = false;

  const reader = readBeside(wire, {
    masked: true,
    maxBytes,
    onFrame: (bytes, from, to) => listener?.onFrame?.(bytes, from, to) ?? false,
    onText: (message) => listener?.onMessage(message),
  });
  // Broken frames, too large ones, resets: the library closes this socket and tells the code by `close`.
  ws.on('error', (error) => {
    logger.warn({ err: error }, 'media socket failed');
    reader?.stop();
  });
  // What comes in fragments. The carrier speaks text only.
  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) listener?.onMessage(data as Buffer);
  });
  ws.on('close', (code) => {
    reader?.stop();
    closedWith = code;
    listener?.onClosed({ code });
  });

  return {
    send(message) {
      if (ws.readyState === ws.OPEN) ws.send(message);
    },
    sendAudio(before, audio, after) {
      if (ws.readyState === ws.OPEN) frames.write(wire, before, audio, after);
    },
    close(code, reason) {
      if (isClosing || closedWith !== null) return;
      isClosing = true;
      ws.close(code, reason);
      const timer = timers.after(CLOSE_WITHIN_MS, () => ws.terminate());
      ws.once('close', () => timer.cancel());
    },
    bufferedBytes: () => ws.bufferedAmount,
    takenBytes: () => takenFrom(wire),
    listen(next) {
      listener = next;
      if (closedWith !== null) next.onClosed({ code: closedWith });
    },
  };
}

/**
 * Node writes all that waits at once, and tells of it when the last byte is gone: of megabytes, long after the first. How far it is
 * only its handle knows, where `net` looks for its own timeouts. Not public: without it a write counts as a whole.
 */
function takenFrom(wire: Duplex & { readonly bytesWritten?: number; readonly _handle?: WriteHandle | null }): number {
  const { bytesWritten, writeQueueSize } = wire._handle ?? {};
  if (bytesWritten !== undefined && writeQueueSize !== undefined) return bytesWritten - writeQueueSize;
  return (wire.bytesWritten ?? 0) - wire.writableLength;
}

interface WriteHandle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}
