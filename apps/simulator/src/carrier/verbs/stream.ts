import { isFinal } from '../call.js';
import type { StreamNoun, Verb } from '../verb.js';
import { resolveUrl, type Next, type VerbRun } from './verb-run.js';

/** The stream with its addresses made whole; `undefined`, and a warning, if there is no such WebSocket. */
function resolved(noun: StreamNoun, run: VerbRun): StreamNoun | undefined {
  const url = resolveUrl(noun.url, run).replace(/^http/i, 'ws');
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    run.host.warn(11100, `<Stream>: ${url} is no URL of a WebSocket`);
    return undefined;
  }
  const { statusCallback } = noun;
  return { ...noun, url, ...(statusCallback !== undefined && { statusCallback: resolveUrl(statusCallback, run) }) };
}

/** `<Connect><Stream>`: blocks until the stream is over, whoever ended it. One that cannot be opened is over at once. */
export async function runConnect(run: VerbRun, verb: Extract<Verb, { verb: 'Connect' }>): Promise<Next> {
  const { host, signal } = run;
  const bare = verb.action === undefined ? undefined : { url: resolveUrl(verb.action, run), method: verb.method };
  const noun = resolved(verb.stream, run);
  if (!noun) return bare;
  const stream = host.openStream(noun, noun.url);
  const { streamSid } = stream;
  const told = { StreamSid: streamSid, StreamName: noun.name ?? streamSid };
  const action = bare && { ...bare, params: host.habits.connectActionParameters === 'stream' ? told : {} };
  const leave = (): void => {
    host.line.disconnect(stream);
    stream.stop();
    const isInterrupted = !isFinal(host.call().status);
    if (action && isInterrupted && host.habits.requestsInterruptedConnectAction)
      void host.fetchDocument(action.url, action.method, action.params);
  };
  signal.addEventListener('abort', leave, { once: true });
  const stopListening = host.line.onKey((key) => stream.dtmf(key));
  const opening = await stream.opened;
  if (opening.ok && !signal.aborted) host.line.connect(stream);
  await stream.closed;
  stopListening();
  host.line.disconnect(stream);
  signal.removeEventListener('abort', leave);
  if (signal.aborted) return 'aborted';
  return !opening.ok && host.habits.refusedStream === 'ends-call' ? 'application-error' : action;
}

/** `<Start><Stream>`: the next verb runs at once. */
export function runStart(run: VerbRun, { stream }: Extract<Verb, { verb: 'Start' }>): void {
  const noun = resolved(stream, run);
  if (noun) run.host.startStream(noun, noun.url);
}

export function runStop({ host }: VerbRun, { name }: Extract<Verb, { verb: 'Stop' }>): void {
  if (!host.stopStream(name)) host.warn(12200, `<Stop>: no stream is called ${name}`);
}
