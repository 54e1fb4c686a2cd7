import { systemClock, systemTimers } from '@onhook/service';
import { percentile, runLoad } from './http-load.js';

/**
 * The load process: one line of JSON comes in for each slice, one goes out. Kept on a core of its own by whoever starts it.
 */
export interface LoadOrder {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly apiKey: string;
  readonly body: string;
  /** Stands before each request's idempotency key. */
  readonly run: string;
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number | null;
}

export interface LoadReport {
  readonly answered: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function obey({ port, method, path, apiKey, body, run, connections, seconds, rate }: LoadOrder): Promise<LoadReport> {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${apiKey}\r\n`;
  const tail =
    body === '' ? '\r\n' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const key = (n: number): string => (method === 'POST' ? `Idempotency-Key: ${run}-${n}\r\n` : '');
  const request = (n: number): string => `${head}${key(n)}${tail}`;
  const result = await runLoad({ port, connections, seconds, rate, request }, { clock: systemClock, timers: systemTimers });
  return {
    answered: result.answered,
    failed: result.failed,
    perSecond: result.perSecond,
    p50Ms: percentile(result.latenciesMs, 0.5),
    p99Ms: percentile(result.latenciesMs, 0.99),
  };
}

process.on('message', (order: LoadOrder) => {
  void obey(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
