export interface RedisServer {
  host: string;
  port: number;
  username?: string;
  password?: string;
  tls?: boolean;
}

/** Sends commands one after another on one connection; resolves with the last answer, rejects on the first error. */
export function askRedis(server: RedisServer, commands: string[][], timeoutMs?: number): Promise<unknown>;

export function serverOf(url: string): RedisServer;
