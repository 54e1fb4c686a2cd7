import type { RedisBinary } from './redis-binary.mjs';

export interface OwnRedis {
  port: number;
  pid: number;
  guardPid: number;
  url: string;
  /** Resolves when the guard, and with it Redis, has ended. */
  exited: Promise<unknown>;
  lastLines(): string;
  /** Orderly first, by force after 2.5 s. */
  stop(): Promise<void>;
}

export function startRedisServer(options: {
  binary: RedisBinary;
  dir: string;
  port?: number;
  cluster?: boolean | 'member';
  sentinelOf?: string;
  args?: string[];
  appendfsync?: string;
  logFile?: string;
  removeWhenOrphaned?: boolean;
}): Promise<OwnRedis>;
