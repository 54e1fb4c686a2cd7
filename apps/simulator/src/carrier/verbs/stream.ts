import { isFinal } from '../call.js';
import type { StreamNoun, Verb } from '../verb.js';
import { resolveUrl, type Next, type VerbRun } from './verb-run.js';

const streamUrl = (noun: StreamNoun, run: VerbRun): string => resolveUrl(noun.url, run).replace(/^http/i, 'ws');

/** `<Connect><Stream>`: blocks until the stream is over, whoever ended it. */
export async function runConnect(run: VerbRun, verb: Extract<Verb, { verb: 'Connect' }>): Promise<Next> {
  const { host, signal } = run;
  const stream = host.openStream(verb.stream, streamUrl(verb.stream, run));
  const action = verb.action === undefined ? undefined : { url: resolveUrl(verb.action, run), method: verb.method };
  const leave = (): void => {
    host.line.disconnect(stream);
    stream.stop();
    const isInterrupted = !isFinal(host.call().status);
    if (action && isInterrupted && host.requestsInterruptedConnectAction) void host.fetchDocument(action.url, action.method, {});
  };
  signal.addEventListener('abort', leave, { once: true });
  const stopListening = host.line.onKey((key) => stream.dtmf(key));
  const opening = await stream.opened;
  if (opening.ok && !signal.aborted) host.line.connect(stream);
  await stream.closed;
  stopListening();
  host.line.disconnect(stream);
  signal.removeEventListener('abort', leave);
  return signal.aborted ? 'aborted' : action;
}

/** `<Start><Stream>`: the next verb runs at once. */
export function runStart(run: VerbRun, { stream }: Extract<Verb, { verb: 'Start' }>): void {
  run.host.startStream(stream, streamUrl(stream, run));
}

export function runStop({ host }: VerbRun, { name }: Extract<Verb, { verb: 'Stop' }>): void {
  if (!host.stopStream(name)) host.warn(12200, `<Stop>: no stream is called ${name}`);
}
