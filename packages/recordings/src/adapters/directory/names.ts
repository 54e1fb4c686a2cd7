import type { CallId } from '@onhook/contracts';
import { join } from 'node:path';

/** Call ids are of our own making, so no path leaves the folder. */
export const wavPath = (dir: string, callId: CallId, attempt: number): string => join(dir, `${callId}-${attempt}.wav`);
export const peaksPath = (dir: string, callId: CallId, attempt: number): string => join(dir, `${callId}-${attempt}.peaks.json`);
/** What is not finished, or never will be. */
export const partPath = (path: string): string => path.replace(/([^/\\]+)$/, '.$1.part');
