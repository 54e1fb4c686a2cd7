import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@onhook/service';

export interface LineCache {
  load(key: string): Promise<Uint8Array | undefined>;
  save(key: string, audio: Uint8Array): Promise<void>;
}

const DIGEST = 32;

/**
 * Rendered lines as files of a directory: SHA-256 of the audio, then the audio. A file that does not fit its digest (a
 * crash while writing, a disk that filled) is rendered anew. A cache that cannot be used costs time, not speech.
 */
export function createLineCache({ dir, logger }: { dir: string; logger: Logger }): LineCache {
  const pathOf = (key: string): string => join(dir, `${createHash('sha256').update(key).digest('hex')}.ulaw`);
  const digestOf = (audio: Uint8Array): Buffer => createHash('sha256').update(audio).digest();
  let saved = 0;

  return {
    async load(key) {
      let file: Buffer;
      try {
        file = await readFile(pathOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') logger.warn({ err: error }, 'cached line could not be read');
        return undefined;
      }
      const audio = new Uint8Array(file.subarray(DIGEST));
      if (audio.length > 0 && digestOf(audio).equals(file.subarray(0, DIGEST))) return audio;
      logger.warn({ bytes: file.length }, 'cached line was damaged');
      return undefined;
    },
    async save(key, audio) {
      const path = pathOf(key);
      // Other processes may write the same line now; each moves a whole file into place.
      const draft = `${path}.${process.pid}.${++saved}`;
      try {
        await mkdir(dir, { recursive: true });
        await writeFile(draft, Buffer.concat([digestOf(audio), audio]));
        await rename(draft, path);
      } catch (error) {
        logger.warn({ err: error }, 'line could not be cached');
      }
    },
  };
}
