export interface RedisBinary {
  file: string;
  argv0: string;
  env: Record<string, string>;
  version: string;
}

export function findRedisBinary(options: { root: string; env?: NodeJS.ProcessEnv }): RedisBinary | undefined;
