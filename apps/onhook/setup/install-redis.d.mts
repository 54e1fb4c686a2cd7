import type { RedisBinary } from './redis-binary.mjs';

/** Tries each way in turn; nothing if none led to a program that serves. */
export function installRedis(options: {
  root: string;
  say: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  isRoot?: boolean;
}): Promise<RedisBinary | undefined>;
