/** Our own reasons and the provider's error codes after which another session may fare better. */
const RETRYABLE_REASONS: ReadonlySet<string> = new Set([
  'session_expired',
  'server_error',
  'rate_limit_exceeded',
  'connect-timeout',
  'ping-timeout',
]);
/** The handshake, as OpenAI's own SDK tries it again. */
const RETRYABLE_STATUS: ReadonlySet<string> = new Set(['408', '429', '500', '502', '503', '504']);
/** OpenAI's SDK gives up after these; 1000 is not among ours: nobody else may end a conversation of ours for good. */
const HOPELESS_CODES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010, 1015]);

/**
 * May another session fare better?
 *
 * @param ownReason why we closed it, null if we did not
 * @param reason the socket's: of a close frame, or an error of the network
 */
export function isRetryable({ code, reason, ownReason }: { code: number; reason: string; ownReason: string | null }): boolean {
  if (ownReason !== null) return RETRYABLE_REASONS.has(ownReason);
  const status = /^http-(\d+)$/.exec(reason)?.[1];
  if (status !== undefined) return RETRYABLE_STATUS.has(status);
  return !HOPELESS_CODES.has(code) && code < 4_000;
}
