import type { ArchivedCall, ArchiveEntry } from './port.js';

/** The day (UTC) on which the call was created: all its lines stand in one file, whenever they are written. */
export function dayOf(createdAt: number): string {
  return new Date(createdAt).toISOString().slice(0, 10);
}

/** Of an attempt's recording, below the archive's folder: known before it is there. */
export function recordingPlace({ callId, createdAt }: ArchivedCall, attempt: number): string {
  return `recordings/${dayOf(createdAt)}/${callId}-${attempt}.wav`;
}

/** The id first: that is how a line is found. */
export function lineOf({ callId, body }: ArchiveEntry): string {
  return JSON.stringify({ callId, ...body });
}

/** How every line of this call begins. */
export function headOf(callId: string): string {
  return `{"callId":"${callId}"`;
}

export function tombstoneOf(callId: string): string {
  return `${headOf(callId)},"erased":true}`;
}
