import { linesOf, type Behaviour } from '../scenarios.js';
import type { Line, Speech } from '../speech/index.js';
import type { Callee } from './telephone-line.js';

/** Another voice than the agent's, so that an ear can tell them apart in a recording. */
const defaultVoice = 'rms';

/** Renders what the callee may say, and makes the script of its far end. */
export async function prepareCallee(behaviour: Behaviour, speech: Pick<Speech, 'line'>): Promise<Callee> {
  const voice = behaviour.voice ?? defaultVoice;
  const lines = new Map<string, Line>();
  for (const text of linesOf(behaviour)) lines.set(text, await speech.line(text, voice));
  const hello = behaviour.hello && lines.get(behaviour.hello.say);
  const replies = behaviour.replies.map((text) => lines.get(text)!);
  return {
    hello: hello ?? undefined,
    replies,
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
    },
  };
}
