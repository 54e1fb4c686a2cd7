import type { FileHandle } from 'node:fs/promises';

export interface Line {
  /** Bytes from the beginning of the file. */
  readonly from: number;
  readonly text: string;
}

const NEWLINE = 0x0a;
const READ_AT_ONCE = 1_048_576;

/** The lines of a file, the last one also if it does not end. */
export async function* linesOf(file: FileHandle): AsyncIterable<Line> {
  const chunk = Buffer.alloc(READ_AT_ONCE);
  let rest = Buffer.alloc(0);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    const start = at - rest.length;
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield { from: start + from, text: bytes.toString('utf8', from, end) };
      from = end + 1;
    }
    rest = bytes.subarray(from);
    at += bytesRead;
    if (bytesRead === 0) break;
  }
  if (rest.length > 0) yield { from: (await file.stat()).size - rest.length, text: rest.toString('utf8') };
}
