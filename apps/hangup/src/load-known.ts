import type { CallId } from '@onhook/contracts';
import { isNewerSchema, type Calls, type Loaded } from '@onhook/store';

/** Null also for a record of a newer release: it is left to processes of that release. */
export async function loadKnown(calls: Pick<Calls, 'load'>, callId: CallId): Promise<Loaded | null> {
  try {
    return await calls.load(callId);
  } catch (error) {
    if (isNewerSchema(error)) return null;
    throw error;
  }
}
