import type { CarrierCall } from '../../port.js';
import { readAnsweredBy, readCount, readSid, readStatus } from './words.js';

/** A Call resource as the SDK reads it; whatever it may really hold. */
export interface SdkCall {
  readonly sid?: unknown;
  readonly status?: unknown;
  readonly to?: unknown;
  readonly from?: unknown;
  readonly direction?: unknown;
  readonly parentCallSid?: unknown;
  readonly dateCreated?: unknown;
  readonly duration?: unknown;
  readonly answeredBy?: unknown;
}

/** Null: not a Call resource. */
export function readCarrierCall(call: SdkCall): CarrierCall | null {
  const sid = readSid(call.sid);
  const status = readStatus(call.status);
  if (!sid || !status) return null;
  return {
    sid,
    status,
    to: text(call.to),
    from: text(call.from),
    direction: text(call.direction),
    parentSid: readSid(call.parentCallSid),
    createdAt: call.dateCreated instanceof Date && !Number.isNaN(call.dateCreated.getTime()) ? call.dateCreated.getTime() : null,
    durationSec: readCount(call.duration),
    answeredBy: readAnsweredBy(call.answeredBy),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
