import { isCallId, type CallId } from '@onhook/contracts';
import { BadCursor } from '../errors.js';

/** A call's place in the listing: sorts by age, then by id, as plain text. */
export function indexMember(createdAt: number, callId: CallId): string {
  return `${String(createdAt).padStart(15, '0')}:${callId}`;
}

/** Sorts before every call that was created at this moment, and after all that were created before. */
export function momentMember(atMs: number): string {
  return String(Math.max(0, Math.trunc(atMs))).padStart(15, '0');
}

export function callIdOfMember(member: string): CallId {
  return member.slice(16) as CallId;
}

export function readIndexMember(member: string): { callId: CallId; createdAt: number } {
  return { callId: callIdOfMember(member), createdAt: Number(member.slice(0, 15)) };
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
