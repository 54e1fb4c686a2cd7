import { transcriptSchema, type Transcript } from '@onhook/contracts';
import { pack, unpack } from './packed.js';

/** The one place in which words become bytes to be stored. */
export function packTranscript(transcript: Transcript): Buffer {
  return pack('transcript', JSON.stringify(transcript));
}

/** @throws UnknownFormat on a format that this version does not know */
export function unpackTranscript(packed: Buffer): Transcript {
  const read = transcriptSchema.safeParse(JSON.parse(unpack('transcript', packed)));
  // Without the parser's own message: it would quote what was said.
  if (!read.success) throw new Error('unknown transcript version');
  return read.data;
}
