import type { CallId } from '@onhook/contracts';
import { isNewerSchema, type FinishedCall, type Retention } from '@onhook/store';

/** `left-alone`: a newer release, or one with another key, wrote it; a process of that release will look after it. */
export async function loadFinished(
  retention: Pick<Retention, 'load'>,
  callId: CallId,
): Promise<FinishedCall | 'left-alone' | null> {
  try {
    return await retention.load(callId);
  } catch (error) {
    if (isNewerSchema(error)) return 'left-alone';
    throw error;
  }
}
