import { linesOf, type Behaviour } from '../scenarios.js';
import type { Line, Speech } from '../speech/index.js';
import { beepOf, compileSteps } from './compile-steps.js';
import type { Callee } from './telephone-line.js';

/** Another voice than the agent's, so that an ear can tell them apart in a recording. */
const defaultVoice = 'rms';

/** Renders what the callee may say, and makes the script of its far end. */
export async function prepareCallee(behaviour: Behaviour, speech: Pick<Speech, 'line'>): Promise<Callee> {
  const voice = behaviour.voice ?? defaultVoice;
  const spoken = new Map<string, Line>();
  for (const text of linesOf(behaviour)) spoken.set(text, await speech.line(text, voice));
  const hello = behaviour.hello && spoken.get(behaviour.hello.say);
  const replies = behaviour.replies.map((text) => spoken.get(text)!);
  const compiled = compileSteps(behaviour.steps, {
    pauseMs: behaviour.pauseMs,
    lineOf: (sound) => ('say' in sound ? spoken.get(sound.say)! : beepOf(sound.beep)),
  });
  return {
    hello: hello ?? undefined,
    replies,
    lines: compiled.lines,
    script: {
      hello:
        behaviour.hello && hello
          ? { lineMs: hello.durationMs, afterMs: behaviour.hello.afterMs, when: behaviour.hello.when }
          : undefined,
      replyMs: replies.map((line) => line.durationMs),
      pauseMs: behaviour.pauseMs,
      replyAfterMs: behaviour.replyAfterMs,
      bargeInAfterMs: behaviour.bargeInAfterMs ?? undefined,
      quietOnceHeard: behaviour.quietOnceHeard === null ? undefined : new RegExp(behaviour.quietOnceHeard, 'i'),
      hangUp: behaviour.hangUp ?? undefined,
      ...(compiled.steps.length > 0 && { steps: compiled.steps, hearsKeys: compiled.hearsKeys }),
    },
  };
}
