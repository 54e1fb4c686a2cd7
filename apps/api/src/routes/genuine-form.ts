import type { CarrierInbound } from '@onhook/carrier';
import { isCallId, type CallId } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { Request, Response } from 'express';
import { refuse } from '../problems.js';

export type Form = Record<string, string | string[]>;

/** The form of a request that the carrier has signed; null: it did not, and that was answered. */
export function genuineForm(
  request: Request,
  response: Response,
  { inbound, logger }: { inbound: Pick<CarrierInbound, 'isGenuineCallback'>; logger: Logger },
): Form | null {
  const form: Form = { ...(request.body as Form | undefined) };
  // The path as it came: whatever a proxy or a router made of it, the carrier signed these bytes.
  const genuine = inbound.isGenuineCallback({ path: request.originalUrl, signature: request.get('x-twilio-signature'), form });
  if (genuine) return form;
  logger.warn({ requestId: response.getHeader('X-Request-Id') }, 'callback was not genuine');
  refuse(response, 'forged-callback');
  return null;
}

export function refuseMalformed(response: Response, logger: Logger): void {
  logger.warn({ requestId: response.getHeader('X-Request-Id') }, 'callback was malformed');
  refuse(response, 'malformed-callback');
}

/** Of whose attempt the path speaks; null: of none that we could have made. */
export function attemptOf({ params }: Request): { readonly callId: CallId; readonly n: number } | null {
  const { callId, attempt } = params;
  const n = typeof attempt === 'string' && /^[1-9]\d{0,3}$/.test(attempt) ? Number(attempt) : null;
  return typeof callId === 'string' && isCallId(callId) && n !== null ? { callId, n } : null;
}
