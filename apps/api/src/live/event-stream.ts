import type { Timers } from '@onhook/service';
import type { Response } from 'express';

/** Server-Sent Events to one client. */
export interface EventStream {
  /** @param id where the client goes on after it; null: where it would have anyway */
  send(type: string, id: string | null, data: unknown): void;
  readonly isOpen: boolean;
  /** The client comes back after a moment. */
  end(): void;
}

const PING_EVERY_MS = 15_000;
const COME_BACK_AFTER_MS = 2_000;
/** What a client has not taken yet. One that falls further behind is cut off: it may come back, and go on where it was. */
const MOST_UNSENT_BYTES = 256 * 1024;

export function openEventStream(response: Response, timers: Pick<Timers, 'every'>, onClose: () => void): EventStream {
  let isOpen = true;
  response.status(200);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  // nginx would keep events until there are enough of them.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();

  const ping = timers.every(PING_EVERY_MS, () => write(':\n\n'));
  response.once('close', () => {
    isOpen = false;
    ping.cancel();
    onClose();
  });
  // It went away: `close` follows.
  response.on('error', () => undefined);
  write(`retry: ${COME_BACK_AFTER_MS}\n\n`);

  function write(text: string): void {
    if (!isOpen) return;
    response.write(text);
    if (response.writableLength > MOST_UNSENT_BYTES) response.destroy();
  }

  return {
    get isOpen() {
      return isOpen;
    },
    // JSON has no line breaks: one line of data is enough.
    send: (type, id, data) => write(`event: ${type}\n${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
    end() {
      if (!isOpen) return;
      isOpen = false;
      ping.cancel();
      response.end();
    },
  };
}
