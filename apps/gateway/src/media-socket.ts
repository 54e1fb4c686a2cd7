import type { MuLawAudio } from '@onhook/audio';

/**
 * The carrier's socket as a call sees it. Whoever listens last is told; before anybody listens, messages wait in the
 * network.
 */
export interface MediaSocket {
  send(message: string): void;
  /** A message of its own: the audio in base64 between these words. */
  sendAudio(before: Uint8Array, audio: MuLawAudio, after: Uint8Array): void;
  /** Idempotent. A peer that does not answer the closing handshake is cut off. */
  close(code: number, reason: string): void;
  /** Bytes that wait in our process because the carrier reads too slowly. */
  bufferedBytes(): number;
  /** Bytes that have left our process. It grows as long as the carrier reads, whatever comes behind. */
  takenBytes(): number;
  listen(listener: MediaSocketListener): void;
}

export interface MediaSocketListener {
  /** The message in `bytes[from…to)`, read where it lies. False, or no such function: it is told again by `onMessage`. */
  onFrame?(bytes: Uint8Array, from: number, to: number): boolean;
  /** One whole text message, as bytes. */
  onMessage(message: Uint8Array): void;
  /** The last event. `code` is 1006 where the connection broke without a word. */
  onClosed(facts: { code: number }): void;
}
