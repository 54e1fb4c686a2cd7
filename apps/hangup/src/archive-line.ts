import { recordingPlace, type ArchiveEntry } from '@onhook/archive';
import { lastEnd } from '@onhook/call';
import type { FinishedCall, Vault } from '@onhook/store';

/**
 * What the archive says of a call. With a DATA_KEY whatever names somebody, or says what was said, is sealed as it is in Redis: base64
 * of the same form, of the context `archive:<call id>`.
 *
 * @param recorded attempts of which there is a recording
 */
export function archiveLine(
  { call, timeline, transcripts }: FinishedCall,
  recorded: readonly number[],
  vault: Vault,
): ArchiveEntry {
  const { callId, createdAt } = call;
  const end = lastEnd(call);
  const personal = { call, transcripts };
  return {
    callId,
    createdAt,
    body: {
      v: 1,
      createdAt: new Date(createdAt).toISOString(),
      endedAt: call.state === 'ended' ? new Date(call.endedAt).toISOString() : null,
      agentId: call.agentId,
      cause: end?.cause ?? null,
      disposition: end?.disposition ?? null,
      recordings: recorded.map((attempt) => ({ attempt, file: recordingPlace(call, attempt) })),
      timeline,
      ...(vault.seals ? { sealed: vault.seal(`archive:${callId}`, JSON.stringify(personal)).toString('base64') } : personal),
    },
  };
}
