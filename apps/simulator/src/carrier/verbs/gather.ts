import type { GatherVerb } from '../verb.js';
import { runPrompt } from './prompts.js';
import { actionOf, type Next, type VerbRun } from './verb-run.js';

/** `<Gather>`: the prompts inside are stopped by the first key; what was entered goes to the action, whose answer runs on. */
export async function runGather(run: VerbRun, verb: GatherVerb): Promise<Next> {
  const { host, signal } = run;
  const digits = await listenForKeys(run, verb);
  if (signal.aborted) return 'aborted';
  host.note('gathered', { digits });
  // Nothing, or only the key that finishes: the next verb.
  if (digits === '' && !verb.actionOnEmptyResult) return undefined;
  return actionOf(verb, run, { Digits: digits });
}

async function listenForKeys(run: VerbRun, verb: GatherVerb): Promise<string> {
  const { host, signal } = run;
  let digits = '';
  const prompting = new AbortController();
  const entered = new AbortController();
  // Renewed by every key: the time that is left for the next one.
  let patience = new AbortController();

  const over = AbortSignal.any([signal, entered.signal]);
  const stopListening = host.line.onKey((key) => {
    if (!verb.hearsKeys || entered.signal.aborted) return;
    prompting.abort();
    if (verb.finishOnKey !== '' && verb.finishOnKey.includes(key)) return entered.abort();
    digits += key;
    if (verb.numDigits > 0 && digits.length >= verb.numDigits) return entered.abort();
    patience.abort();
  });
  const prompts: VerbRun = { ...run, signal: AbortSignal.any([over, prompting.signal]) };
  for (const prompt of verb.prompts) {
    if (prompts.signal.aborted) break;
    await runPrompt(prompts, prompt);
  }
  while (!over.aborted) {
    patience = new AbortController();
    const renewed = patience.signal;
    await host.timers.sleep(verb.timeoutSec * 1000, AbortSignal.any([over, renewed]));
    if (!renewed.aborted) break;
  }
  stopListening();
  return digits;
}
