import { isUtf8 } from 'node:buffer';
import { mediaShapeOf, readShaped, type MediaShape } from './media-shape.js';
import { readServerMessage, type Rejected, type ServerMessage } from './stream-messages.js';
import type { StreamHabits } from './stream-habits.js';
import { ProtocolViolation } from './stream-socket.js';

/** Reads what the server of one stream sends; media in the way that this server writes it without a JSON parser. */
export interface ServerMessageReader {
  /**
   * The message in UTF-8 at `bytes[from…to)`. A media message and its audio are true until the next one is read.
   *
   * @throws ProtocolViolation it is not UTF-8
   */
  read(bytes: Uint8Array, from: number, to: number): ServerMessage | Rejected;
}

/** How many messages are studied to learn how a server writes its media; after that they are all parsed. */
const mostLessons = 16;
/** Where media is decoded, that of all streams; a longer message is read in the ordinary way. */
const decoded = Buffer.allocUnsafeSlow(64 * 1024);
/** Mostly of the same length as the last one: then it is the same object again. */
const media = { event: 'media' as const, audio: decoded.subarray(0, 160) };

export function createServerMessageReader(streamSid: string, extraFields?: StreamHabits['extraFields']): ServerMessageReader {
  let shape: MediaShape | undefined;
  let lessons = 0;

  return {
    read(bytes, from, to) {
      const size = shape ? readShaped(shape, bytes, from, to, decoded) : -1;
      if (size >= 0) {
        if (media.audio.length !== size) media.audio = decoded.subarray(0, size);
        return media;
      }
      const part = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
      if (!isUtf8(part)) throw new ProtocolViolation('a text message is not UTF-8', 1007);
      const text = part.toString('utf8');
      const message = readServerMessage(text, streamSid, extraFields);
      if ('event' in message && message.event === 'media' && lessons < mostLessons) {
        lessons++;
        shape = mediaShapeOf(text);
      }
      return message;
    },
  };
}
