import { transcriptSchema, type Transcript } from '@onhook/contracts';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const FORMAT = 1;

/** The one place in which words become bytes to be stored. */
export function packTranscript(transcript: Transcript): Buffer {
  return Buffer.concat([Buffer.from([FORMAT]), deflateRawSync(JSON.stringify(transcript))]);
}

/** @throws Error on a format that this version does not know */
export function unpackTranscript(packed: Buffer): Transcript {
  if (packed[0] !== FORMAT) throw new Error(`unknown transcript format ${packed[0]}`);
  const read = transcriptSchema.safeParse(JSON.parse(inflateRawSync(packed.subarray(1)).toString('utf8')));
  // Without the parser's own message: it would quote what was said.
  if (!read.success) throw new Error('unknown transcript version');
  return read.data;
}
