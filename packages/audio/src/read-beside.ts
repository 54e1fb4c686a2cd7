import type { Duplex } from 'node:stream';
import { createTextFrames, type TextFrames } from './text-frames.js';

interface Reader {
  /** Of the other end: clients mask, servers do not. */
  readonly masked: boolean;
  /** A longer message is left to the library. */
  readonly maxBytes: number;
  /** The message in `bytes[from…to)`, to be read where it lies. False: it is told again as a buffer of its own. */
  readonly onFrame: (bytes: Buffer, from: number, to: number) => boolean;
  readonly onText: (message: Buffer) => void;
}

/**
 * Reads the text messages of a socket beside the WebSocket library that owns it: what the library would have read it gets still,
 * unless it is a whole text message in one frame. To be called when the library has just begun to listen.
 *
 * @returns null if it is not the only one that listens: then it reads everything itself
 */
export function readBeside(socket: Duplex, reader: Reader): TextFrames | null {
  const [library, ...others] = socket.listeners('data') as ((bytes: Buffer) => void)[];
  if (!library || others.length > 0) return null;
  const frames = createTextFrames({ ...reader, onOther: (bytes) => library.call(socket, bytes) });
  // Ours first: a socket that nobody listens to stops to flow.
  socket.on('data', frames.read);
  socket.off('data', library);
  return frames;
}
