// One place that listens for every way of being told to stop. `stop` aborts on the first, `force` on a second.
import process from 'node:process';

const SAME_MS = 700;
const LOOK_FOR_PARENT_EVERY_MS = 500;
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** @returns {{ stop: AbortSignal, force: AbortSignal, why: () => string | undefined }} */
export function listenForStop() {
  const stop = new AbortController();
  const force = new AbortController();
  let firstAt = 0;

  function told(why) {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort(why);
      return;
    }
    // Ctrl-C reaches npm and us, and npm passes its own on: one key press may arrive twice.
    if (performance.now() - firstAt > SAME_MS) force.abort(why);
  }

  for (const signal of Object.keys(EXIT_CODES)) process.on(signal, () => told(signal));
  // A closed terminal: whatever is written fails, and it must not end us before we have ended our children.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.signal.aborted || told('SIGHUP'));
  // npm passes on SIGINT and SIGTERM only. When it is killed or hung up, all we see is another parent.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || stop.signal.aborted || told('SIGHUP'), LOOK_FOR_PARENT_EVERY_MS).unref();
  }
  return { stop: stop.signal, force: force.signal, why: () => (stop.signal.aborted ? String(stop.signal.reason) : undefined) };
}
