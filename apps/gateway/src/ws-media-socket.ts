import type { Logger, Timers } from '@onhook/service';
import type { RawData, WebSocket } from 'ws';
import type { MediaSocket, MediaSocketListener } from './media-socket.js';

/** A peer that does not answer our close frame within this is cut off; `ws` itself would wait half a minute. */
const CLOSE_WITHIN_MS = 2_000;

/** The only room that knows the socket library. */
export function mediaSocketOver(
  ws: WebSocket,
  { timers, logger }: { timers: Pick<Timers, 'after'>; logger: Logger },
): MediaSocket {
  let listener: MediaSocketListener | null = null;
  let closedWith: number | null = null;
  let isClosing = false;

  // Broken frames, too large ones, resets: the library closes this socket and tells the code by `close`.
  ws.on('error', (error) => logger.warn({ err: error }, 'media socket failed'));
  ws.on('message', (data: RawData, isBinary: boolean) => {
    // The carrier speaks text only.
    if (!isBinary) listener?.onMessage(data as Buffer);
  });
  ws.on('close', (code) => {
    closedWith = code;
    listener?.onClosed({ code });
  });

  return {
    send(message) {
      if (ws.readyState === ws.OPEN) ws.send(message);
    },
    close(code, reason) {
      if (isClosing || closedWith !== null) return;
      isClosing = true;
      ws.close(code, reason);
      const timer = timers.after(CLOSE_WITHIN_MS, () => ws.terminate());
      ws.once('close', () => timer.cancel());
    },
    bufferedBytes: () => ws.bufferedAmount,
    listen(next) {
      listener = next;
      if (closedWith !== null) next.onClosed({ code: closedWith });
    },
  };
}
