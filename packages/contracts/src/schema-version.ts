/**
 * The newest schema of jobs and orders that this release reads, and the one that it writes. 1 is what release 0.1.0 wrote, without
 * a word of it: `v` stands in a message only from 2 on, for 0.1.0 drops what has a field that it does not know.
 */
const MESSAGE_SCHEMA = 1;

/** `newer`: written by a later release. To be left alone, for a process that knows it. */
export type Unversioned =
  | { readonly isNewer: false; readonly message: unknown }
  | { readonly isNewer: true; readonly schema: number };

/** Takes the version off a message. What has a version that is none is left as it is, for its schema to refuse. */
export function readVersion(given: unknown): Unversioned {
  if (typeof given !== 'object' || given === null || !('v' in given)) return { isNewer: false, message: given };
  const { v, ...message } = given;
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 1) return { isNewer: false, message: given };
  return v > MESSAGE_SCHEMA ? { isNewer: true, schema: v } : { isNewer: false, message };
}
