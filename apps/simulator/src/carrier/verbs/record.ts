import { isFinal } from '../call.js';
import type { Recording } from '../document.js';
import type { Webhook } from '../form.js';
import { createRecorder, type Recorder } from '../recorder.js';
import { beepAudio } from '../tones.js';
import type { RecordVerb } from '../verb.js';
import { play } from './prompts.js';
import { actionOf, resolveUrl, type Next, type VerbRun } from './verb-run.js';

/** `<Record>`: a beep, then what the callee says, until silence, a key, the longest length or a hangup. */
export async function runRecord(run: VerbRun, verb: RecordVerb): Promise<Next> {
  const { host, signal } = run;
  if (verb.playBeep) await play(host, beepAudio(), signal);
  if (signal.aborted) return 'aborted';
  const startedAtMs = host.now();
  const recorder = createRecorder({ silenceMs: verb.timeoutSec * 1000, maxLengthMs: verb.maxLengthSec * 1000 });
  const digits = await listen(run, verb, recorder);
  const recording: Recording = { audio: recorder.audio(verb.trimsSilence), startedAtMs };
  // An empty recording is no recording: the next verb.
  if (recording.audio.length === 0) return signal.aborted ? 'aborted' : undefined;
  const params = host.keepRecording(recording, callbackOf(run, verb));
  const action = actionOf(verb, run, { ...params, ...(digits !== '' && { Digits: digits }) });
  if (!signal.aborted) return action;
  // The callee has hung up: the action is told all the same, and its answer runs no more.
  if (action && isFinal(host.call().status)) void host.fetchDocument(action.url, action.method, { ...params, Digits: 'hangup' });
  return 'aborted';
}

/** The key that ended it; empty if none did. */
function listen({ host, signal }: VerbRun, verb: RecordVerb, recorder: Recorder): Promise<string> {
  return new Promise<string>((resolve) => {
    const finish = (key: string): void => {
      stopListening();
      host.line.disconnect(recorder);
      // One signal for all the documents of a call, and any number of these verbs.
      signal.removeEventListener('abort', interrupt);
      resolve(key);
    };
    const interrupt = (): void => finish('');
    const stopListening = host.line.onKey((key) => verb.finishOnKey.includes(key) && finish(key));
    signal.addEventListener('abort', interrupt, { once: true });
    host.line.connect(recorder);
    void recorder.finished.then(() => finish(''));
  });
}

/** Who is told that the recording is there; nobody, unless `completed` is among the events that are asked for. */
function callbackOf(run: VerbRun, verb: RecordVerb): Webhook | undefined {
  const { recordingStatusCallback: url, recordingStatusCallbackMethod: method, recordingStatusCallbackEvent: events } = verb;
  if (url === undefined || (events !== undefined && !events.split(' ').includes('completed'))) return undefined;
  return { url: resolveUrl(url, run), method };
}
