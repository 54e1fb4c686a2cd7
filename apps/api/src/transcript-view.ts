import type { Transcript, TranscriptView } from '@onhook/contracts';

export function transcriptView({ attempt, lines, truncated }: Transcript): TranscriptView {
  return { attempt, truncated, data: lines };
}
