import { Worker } from 'node:worker_threads';
import type { Logger, Timer, Timers } from '@onhook/service';
import { SpeechError } from './speech-error.js';

export interface Synthesizer {
  /** A WAV file of the words. @throws SpeechError `synthesis-failed` */
  synthesize(text: string, voice: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

type Answer = { id: number; wav: Uint8Array } | { id: number; problem: string };

/** A worker that has had nothing to say for so long is let go: it holds some 100 MB. */
const IDLE_MS = 30_000;
/** Flite speaks 15 times faster than it is heard; who takes longer than this hangs. */
const HANGS_AFTER_MS = 60_000;

/** Beside src and dist alike, hence two levels up from either. */
const PROGRAM = new URL('../../speech-worker.mjs', import.meta.url);

/**
 * Speaks in a worker thread, which is started when the first line is asked for and again after it fell over.
 *
 * @param program for tests
 */
export function createSynthesizer({
  timers,
  logger,
  program = PROGRAM,
}: {
  timers: Timers;
  logger: Logger;
  program?: URL;
}): Synthesizer {
  const waiting = new Map<number, { resolve: (wav: Uint8Array) => void; reject: (error: SpeechError) => void }>();
  let worker: Worker | undefined;
  let idle: Timer | undefined;
  let lastId = 0;
  let closed = false;

  function start(): Worker {
    // No flags of the parent: a debugger port or a loader of the tests must not be asked of the worker as well.
    const started = new Worker(program, { name: 'speech', execArgv: [], stderr: false });
    started.unref();
    started.on('message', (answer: Answer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('wav' in answer) asked?.resolve(answer.wav);
      else asked?.reject(new SpeechError('synthesis-failed', answer.problem));
      if (waiting.size === 0) restUntilAsked();
    });
    started.on('error', (error) => fall(started, error.message));
    started.on('exit', (code) => fall(started, `speech worker ended with ${code}`));
    return started;
  }

  function restUntilAsked(): void {
    worker?.unref();
    idle?.cancel();
    idle = timers.after(IDLE_MS, letGo);
  }

  function letGo(): void {
    void worker?.terminate();
    worker = undefined;
  }

  /** Everything that was asked of this worker has failed; the next line starts another one. */
  function fall(which: Worker, problem: string): void {
    if (which !== worker) return;
    worker = undefined;
    if (waiting.size > 0 && !closed) logger.error({ problem, lines: waiting.size }, 'speech worker failed');
    for (const { reject } of waiting.values()) reject(new SpeechError(closed ? 'closed' : 'synthesis-failed', problem));
    waiting.clear();
  }

  return {
    synthesize(text, voice) {
      if (closed) return Promise.reject(new SpeechError('closed', 'the speech room is closed'));
      idle?.cancel();
      const running = (worker ??= start());
      // Somebody waits for these words: the process must not end before they are spoken.
      running.ref();
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const tooLate = timers.after(HANGS_AFTER_MS, () => {
          fall(running, 'speech worker hangs');
          void running.terminate();
        });
        waiting.set(id, {
          resolve: (wav) => (tooLate.cancel(), resolve(wav)),
          reject: (error) => (tooLate.cancel(), reject(error)),
        });
        running.postMessage({ id, text, voice });
      });
    },
    async close() {
      closed = true;
      idle?.cancel();
      const running = worker;
      if (running) fall(running, 'the speech room is closed');
      await running?.terminate();
    },
  };
}
