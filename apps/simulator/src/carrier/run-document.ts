import type { DocumentEnd, DocumentHost, Instructions } from './document.js';
import { loadDocument, type Loaded } from './load-document.js';
import { runDial } from './verbs/dial.js';
import { runGather } from './verbs/gather.js';
import { play, runPrompt } from './verbs/prompts.js';
import { runRecord } from './verbs/record.js';
import { runConnect, runStart, runStop } from './verbs/stream.js';
import { resolveUrl, type Next, type VerbRun } from './verbs/verb-run.js';

const applicationError = 'We are sorry, an application error has occurred. Goodbye.';
/** Documents that lead to each other without a pause must not keep a call busy: this many in a row, each shorter than that. */
const maxHastyDocuments = 100;
const hastyMs = 500;

/** Runs documents, from verb to verb and from one to the next, until the call must end or `signal` takes it over. */
export async function runDocument(host: DocumentHost, first: Instructions, signal: AbortSignal): Promise<DocumentEnd> {
  // It answers for every document of the call, not only for the first.
  const fallback = 'url' in first ? first.fallback : undefined;
  let next: Instructions = first;
  for (let hasty = 0; hasty < maxHastyDocuments; hasty++) {
    const startedAtMs = host.now();
    const loaded = await loadDocument(host, next, fallback);
    if (signal.aborted) return 'aborted';
    if (!loaded) break;
    const result = await runVerbs({ host, signal, place: loaded.place, runDocument }, loaded);
    if (typeof result === 'string') return result;
    next = result;
    if (host.now() - startedAtMs >= hastyMs) hasty = 0;
  }
  await play(host, await host.speak(applicationError), signal);
  return signal.aborted ? 'aborted' : 'application-error';
}

async function runVerbs(run: VerbRun, { verbs }: Loaded): Promise<DocumentEnd | Instructions> {
  for (const verb of verbs) {
    const next = await runVerb(run, verb);
    if (run.signal.aborted) return 'aborted';
    if (next) return next;
  }
  return 'end-of-document';
}

/** `undefined`: go on with the next verb. */
async function runVerb(run: VerbRun, verb: Loaded['verbs'][number]): Promise<Next> {
  switch (verb.verb) {
    case 'Hangup':
      return 'twiml-hangup';
    case 'Redirect':
      return { url: verb.url === '' && run.place ? run.place.url : resolveUrl(verb.url, run), method: verb.method };
    case 'Pause':
    case 'Say':
    case 'Play':
      await runPrompt(run, verb);
      return undefined;
    case 'Sound':
      await play(run.host, verb.audio, run.signal);
      return undefined;
    case 'Connect':
      return runConnect(run, verb);
    case 'Start':
      runStart(run, verb);
      return undefined;
    case 'Stop':
      runStop(run, verb);
      return undefined;
    case 'Gather':
      return runGather(run, verb);
    case 'Dial':
      return runDial(run, verb);
    case 'Record':
      return runRecord(run, verb);
  }
}
