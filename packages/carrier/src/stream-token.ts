import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CallId } from '@onhook/contracts';

/**
 * What a media stream must show to be let in: 43 characters, base64url. Not stored anywhere; it lives as long as the
 * attempt can still be bridged, and the commit of `bridged` spends it.
 */
export function streamToken(secret: string, callId: CallId, attempt: number): string {
  return createHmac('sha256', secret).update(`onhook stream ${callId} ${attempt}`).digest('base64url');
}

/** Compares in constant time. False for anything that is not text. */
export function isStreamToken(secret: string, callId: CallId, attempt: number, token: unknown): boolean {
  if (typeof token !== 'string') return false;
  const expected = Buffer.from(streamToken(secret, callId, attempt));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
