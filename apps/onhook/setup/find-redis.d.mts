import type { RedisBinary } from './redis-binary.mjs';

/** @throws SetupError with one line that says what to do */
export function findRedis(options: {
  root: string;
  say: (line: string) => void;
  signals?: { stop: AbortSignal; force: AbortSignal };
  env?: NodeJS.ProcessEnv;
  mayCompose?: boolean;
  once?: boolean;
}): Promise<{ url: string; stop?(): Promise<void> } | { binary: RedisBinary }>;
