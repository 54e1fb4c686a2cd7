import { isCallId, type CallId } from '@onhook/contracts';
import { BadCursor } from '../errors.js';

/** A call's place in the listing: sorts by age, then by id, as plain text. */
export function indexMember(createdAt: number, callId: CallId): string {
  return `${String(createdAt).padStart(15, '0')}:${callId}`;
}

export function callIdOfMember(member: string): CallId {
  return member.slice(16) as CallId;
}

export function cursorOf(member: string): string {
  return Buffer.from(member).toString('base64url');
}

/** @throws BadCursor on what `cursorOf` did not make */
export function memberOf(cursor: string): string {
  const member = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{15}:/.test(member) || !isCallId(callIdOfMember(member))) throw new BadCursor();
  return member;
}
