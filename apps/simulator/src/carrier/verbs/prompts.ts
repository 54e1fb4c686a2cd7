import { createPrompt } from '../prompt.js';
import { toneAudio } from '../telephone-audio.js';
import type { DocumentHost } from '../document.js';
import type { PromptVerb } from '../verb.js';
import { resolveUrl, type VerbRun } from './verb-run.js';

/** `loop="0"` plays for ever; a simulator gives up after so many. */
const mostLoops = 1_000;

/** `<Say>`, `<Play>`, `<Pause>`: resolves when it has been heard, or at once when `signal` aborts. */
export async function runPrompt(run: VerbRun, verb: PromptVerb): Promise<void> {
  const { host, signal } = run;
  if (verb.verb === 'Pause') return host.timers.sleep(verb.lengthSec * 1000, signal);
  const audio = await audioOf(run, verb);
  if (!audio || audio.length === 0) return;
  const forever = verb.verb === 'Say' && host.habits.sayLoopZero === 'once' ? 1 : mostLoops;
  const times = verb.loop === 0 ? forever : Math.min(verb.loop, mostLoops);
  for (let i = 0; i < times && !signal.aborted; i++) await play(host, audio, signal);
}

async function audioOf(run: VerbRun, verb: Exclude<PromptVerb, { verb: 'Pause' }>): Promise<Uint8Array | undefined> {
  if (verb.verb === 'Say') return verb.text ? run.host.speak(verb.text) : undefined;
  if (verb.digits !== undefined) return toneAudio(verb.digits);
  return verb.url === undefined ? undefined : run.host.fetchAudio(resolveUrl(verb.url, run));
}

/** Plays to the callee. Resolves when it has been heard, or at once when `signal` aborts. */
export async function play(host: Pick<DocumentHost, 'line'>, audio: Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const prompt = createPrompt(audio);
  host.line.connect(prompt);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void prompt.played.then(done);
  });
  host.line.disconnect(prompt);
}
