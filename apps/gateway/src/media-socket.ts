/**
 * The carrier's socket as a call sees it. Whoever listens last is told; before anybody listens, messages wait in the
 * network.
 */
export interface MediaSocket {
  send(message: string): void;
  /** Idempotent. A peer that does not answer the closing handshake is cut off. */
  close(code: number, reason: string): void;
  /** Bytes that wait in our process because the carrier reads too slowly. */
  bufferedBytes(): number;
  listen(listener: MediaSocketListener): void;
}

export interface MediaSocketListener {
  /** One whole text message, as bytes: most are audio and need no string. */
  onMessage(message: Uint8Array): void;
  /** The last event. `code` is 1006 where the connection broke without a word. */
  onClosed(facts: { code: number }): void;
}
