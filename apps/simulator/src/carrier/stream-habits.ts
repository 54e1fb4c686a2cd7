import type { CloseCode } from './stream-socket.js';

/** How media streams behave where Twilio's own behaviour is not known: nothing may rest on one of these. */
export interface StreamHabits {
  /** Over which URL an upgrade is signed. Default `as-written`. */
  trailingSlash?: 'as-written' | 'always' | undefined;
  /** How media streams are closed after `stop`: 1000, without a code (1005), or not at all (1006). Default 1000. */
  streamCloseCode?: CloseCode | undefined;
  /** A ping is sent so often, whether or not the last one was answered. None if not given. */
  streamPingEveryMs?: number | undefined;
  /** What becomes of the marks that still wait when the carrier ends the stream. Default `dropped`. */
  marksAtEnd?: 'dropped' | 'echoed' | undefined;
  /** So much unplayed audio is kept; what comes on top of it is never heard (warning 31930). No limit if not given. */
  playoutCapMs?: number | undefined;
  /** What the chunks of a stream with both tracks are counted by. Default `per-track`. */
  chunkCounter?: 'per-track' | 'shared' | undefined;
  /** What becomes of a message with fields that the documentation does not name. `warned`: 31951, and ignored. Default `tolerated`. */
  extraFields?: 'tolerated' | 'warned' | undefined;
}
