import { mkdir, open, rename, rm } from 'node:fs/promises';

/** The few acts of a disk that a writer needs, so that a test can be a bad one. */
export interface RecordingFiles {
  makeDirectory(path: string): Promise<void>;
  create(path: string): Promise<RecordingFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface RecordingFile {
  /** At the end, or at `position`. All of it, or it rejects. */
  write(bytes: Uint8Array, position?: number): Promise<void>;
  close(): Promise<void>;
}

export const nodeFiles: RecordingFiles = {
  makeDirectory: async (path) => void (await mkdir(path, { recursive: true })),
  async create(path) {
    // Recordings are other people's voices: for this user only.
    const handle = await open(path, 'w', 0o600);
    let end = 0;
    return {
      async write(bytes, position) {
        let at = position ?? end;
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
          done += bytesWritten;
          at += bytesWritten;
        }
        end = Math.max(end, at);
      },
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
};
