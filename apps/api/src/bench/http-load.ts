import { connect, type Socket } from 'node:net';
import type { Clock, Timers } from '@onhook/service';

export interface LoadSpec {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, begun whether or not others were answered; null: each connection sends again once it was answered. */
  readonly rate: number | null;
  /** The whole of request `n`, as bytes on the wire. */
  readonly request: (n: number) => string;
}

export interface LoadResult {
  readonly answered: number;
  /** Not 2xx, or cut off. */
  readonly failed: number;
  readonly perSecond: number;
  /** From the moment at which it was due, for each answer. */
  readonly latenciesMs: readonly number[];
}

/** Plain sockets: whatever a client library costs would be taken from what is measured. */
export async function runLoad(spec: LoadSpec, { clock, timers }: { clock: Clock; timers: Timers }): Promise<LoadResult> {
  const { port, connections, seconds, rate, request } = spec;
  const latenciesMs: number[] = [];
  let failed = 0;
  let sent = 0;
  const idle: Line[] = [];
  /** Due moments of requests that no connection was free for. */
  const waiting: number[] = [];
  const beganAt = clock.monotonicMs();
  const endsAt = beganAt + seconds * 1_000;

  const lines = await Promise.all(
    Array.from({ length: connections }, () =>
      openLine(port, (line, dueAt, ok) => {
        if (ok) latenciesMs.push(clock.monotonicMs() - dueAt);
        else failed++;
        if (rate === null) {
          if (clock.monotonicMs() < endsAt) line.send(request(sent++), clock.monotonicMs());
          return;
        }
        const next = waiting.shift();
        if (next === undefined) idle.push(line);
        else line.send(request(sent++), next);
      }),
    ),
  );
  if (rate === null) for (const line of lines) line.send(request(sent++), clock.monotonicMs());
  else idle.push(...lines);

  let due = 0;
  while (clock.monotonicMs() < endsAt) {
    await timers.sleep(rate === null ? 20 : 1);
    if (rate === null) continue;
    const now = clock.monotonicMs();
    for (; beganAt + (due * 1_000) / rate <= now; due++) {
      const dueAt = beganAt + (due * 1_000) / rate;
      const line = idle.pop();
      if (line) line.send(request(sent++), dueAt);
      else waiting.push(dueAt);
    }
  }
  const tookSec = (clock.monotonicMs() - beganAt) / 1_000;
  const answered = latenciesMs.length;
  // The last ones are answered before the next contender begins.
  await timers.sleep(300);
  for (const line of lines) line.close();
  return { answered, failed, perSecond: answered / tookSec, latenciesMs: latenciesMs.slice(0, answered) };
}

interface Line {
  send(text: string, dueAt: number): void;
  close(): void;
}

function openLine(port: number, onAnswer: (line: Line, dueAt: number, ok: boolean) => void): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let dueAt: number | null = null;
    let read = '';
    const line: Line = {
      send(text, at) {
        dueAt = at;
        socket.write(text);
      },
      close: () => socket.destroy(),
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      read += chunk;
      const head = read.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(read.slice(0, head))?.[1] ?? 0);
      if (read.length < head + 4 + length) return;
      const ok = read.startsWith('HTTP/1.1 2');
      read = '';
      const at = dueAt;
      dueAt = null;
      if (at !== null) onAnswer(line, at, ok);
    });
    socket.once('connect', () => resolve(line));
    socket.once('error', reject);
  });
}

/** Nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
