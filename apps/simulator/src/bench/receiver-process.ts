import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { availableParallelism } from 'node:os';
import { systemClock, systemTimers } from '@onhook/service';
import type { Answer, Order } from './orders.js';

/** The receiver in its own process, on another core where that can be had. */
export interface ReceiverProcess {
  isPinned: boolean;
  /** What a moment of this process is in the receiver's. */
  toItsClock(monotonicMs: number): number;
  ask<T extends Answer['type']>(order: Order, answer: T): Promise<Extract<Answer, { type: T }>>;
  end(): void;
}

const answerWithinMs = 60_000;

export async function startReceiver(): Promise<ReceiverProcess> {
  // `taskset` is there on nearly every Linux; elsewhere the system places the two as it likes.
  const isPinned = availableParallelism() >= 2 && spawnSync('taskset', ['-a', '-cp', '0', String(process.pid)]).status === 0;
  const program = fileURLToPath(new URL('receiver.js', import.meta.url));
  const child: ChildProcess = isPinned
    ? spawn('taskset', ['-c', '1', process.execPath, program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    : fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

  function ask<T extends Answer['type']>(order: Order, type: T): Promise<Extract<Answer, { type: T }>> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        child.off('message', hear);
        child.off('exit', fail);
        impatience.cancel();
        reject(new Error(`the receiver did not say "${type}": it has ended, or is overrun`));
      };
      const impatience = systemTimers.after(answerWithinMs, fail);
      const hear = (message: unknown): void => {
        const answer = message as Answer;
        if (answer.type !== type) return;
        child.off('message', hear);
        child.off('exit', fail);
        impatience.cancel();
        resolve(answer as Extract<Answer, { type: T }>);
      };
      child.on('message', hear);
      child.once('exit', fail);
      child.send(order);
    });
  }

  // Both clocks are the machine's monotonic one with another beginning: the quickest of many questions tells the difference.
  let best = { roundTripMs: Infinity, offsetMs: 0 };
  for (let i = 0; i < 100; i++) {
    const askedMs = systemClock.monotonicMs();
    const { atMs } = await ask({ type: 'ping' }, 'pong');
    const roundTripMs = systemClock.monotonicMs() - askedMs;
    if (roundTripMs < best.roundTripMs) best = { roundTripMs, offsetMs: atMs - (askedMs + roundTripMs / 2) };
  }

  return {
    isPinned,
    toItsClock: (monotonicMs) => monotonicMs + best.offsetMs,
    ask,
    end: () => child.disconnect(),
  };
}
