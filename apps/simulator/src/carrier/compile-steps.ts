import { encodeMuLaw } from '../speech/mu-law.js';
import type { Line } from '../speech/index.js';
import type { ScriptStep } from '../step-language.js';
import type { Step } from './steps.js';
import { bytesPerMs } from './telephone-audio.js';

type Sound = { say: string } | { beep: { hz?: number | undefined; ms?: number | undefined } };

/** A key sounds for 120 ms, and a pause of 80 ms follows. */
const keyMs = 200;
const patienceMs = 60_000;
const forEver = Number.POSITIVE_INFINITY;

export interface CompiledSteps {
  steps: Step[];
  /** What the steps say or sound, by the number that they know it by. */
  lines: Line[];
  /** A menu is among them: it must listen for keys. */
  hearsKeys: boolean;
}

/** Turns the steps of a scenario, from which chance has been drawn, into those of the far end. */
export function compileSteps(
  written: readonly ScriptStep[],
  { pauseMs, lineOf }: { pauseMs: number; lineOf: (sound: Sound) => Line },
): CompiledSteps {
  const lines: Line[] = [];
  let hearsKeys = false;

  function sound(given: Sound): { line: number; lineMs: number } {
    const line = lineOf(given);
    const known = lines.findIndex(({ text, voice }) => text === line.text && voice === line.voice);
    return { line: known < 0 ? lines.push(line) - 1 : known, lineMs: line.durationMs };
  }

  function compile(step: ScriptStep): Step[] {
    if ('say' in step) return [{ do: 'say', ...sound({ say: step.say }), cutAfterMs: step.cutAfterMs }];
    if ('beep' in step) return [{ do: 'say', ...sound(step) }];
    if ('listen' in step) return [listening(step.listen, pauseMs)];
    if ('press' in step) return [{ do: 'press', digits: step.press, ms: pressMs(step.press) }];
    if ('wait' in step) return [{ do: 'wait', ms: typeof step.wait === 'number' ? step.wait : step.wait.fromMs }];
    if ('hangUp' in step) return [{ do: 'hang-up' }];
    if ('talk' in step) return [{ do: 'talk' }];
    if ('repeat' in step) {
      return [{ do: 'repeat', times: step.repeat.times ?? forEver, steps: step.repeat.steps.flatMap(compile) }];
    }
    // Chance has been drawn before: what is left is one way.
    if ('oneOf' in step) return (step.oneOf[0]?.steps ?? []).flatMap(compile);
    hearsKeys = true;
    const { say, digits = 1, timeoutMs = 5_000, choices, otherwise = [] } = step.menu;
    const chosen = Object.entries(choices).map(([keys, steps]) => [keys, steps.flatMap(compile)] as const);
    return [
      {
        do: 'menu',
        ...sound({ say }),
        digits,
        timeoutMs,
        choices: Object.fromEntries(chosen),
        otherwise: otherwise.flatMap(compile),
      },
    ];
  }

  const steps = written.flatMap(compile);
  return { steps, lines, hearsKeys };
}

function listening(listen: Extract<ScriptStep, { listen: unknown }>['listen'], pauseMs: number): Step {
  if (listen === 'turn-over') return { do: 'listen', until: 'turn-over', ms: pauseMs, atMostMs: patienceMs };
  const { until, atMostMs = patienceMs } = listen;
  switch (until) {
    case 'turn-over':
      return { do: 'listen', until, ms: listen.pauseMs ?? pauseMs, atMostMs };
    case 'speech':
    case 'quiet':
      return { do: 'listen', until, ms: listen.ms, atMostMs };
    case 'heard':
      return { do: 'listen', until, ms: 0, line: new RegExp(listen.line, 'i'), atMostMs };
  }
}

const pressMs = (digits: string): number =>
  [...digits].reduce((sum, key) => sum + (key === 'w' ? 500 : key === 'W' ? 1_000 : keyMs), 0);

/** A plain tone, as an answering machine makes it. */
export function beepOf({ hz = 1_000, ms = 400 }: { hz?: number | undefined; ms?: number | undefined }): Line {
  const samples = Int16Array.from({ length: ms * bytesPerMs }, (_, i) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * hz * i) / (1_000 * bytesPerMs))),
  );
  return { text: `(a tone of ${hz} Hz for ${ms} ms)`, voice: 'tone', audio: encodeMuLaw(samples), durationMs: ms };
}
