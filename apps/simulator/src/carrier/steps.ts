/** What a callee does step by step, as the far end carries it out. Words have become lines (by number) with a length. */
export type Step =
  /** `cutAfterMs`: falls silent in the middle of it. */
  | { do: 'say'; line: number; lineMs: number; cutAfterMs?: number | undefined }
  | {
      do: 'listen';
      /**
       * `turn-over`: the agent has spoken, and then been quiet for `ms`. `speech`: it has been heard for `ms`. `quiet`: nobody
       * has spoken for `ms`. `heard`: a line was understood that matches `line`.
       */
      until: 'turn-over' | 'speech' | 'quiet' | 'heard';
      ms: number;
      line?: RegExp | undefined;
      /** Goes on after this long in any case. */
      atMostMs: number;
    }
  /** `ms`: how long the pressing takes. */
  | { do: 'press'; digits: string; ms: number }
  | { do: 'wait'; ms: number }
  | { do: 'hang-up' }
  /** The rest of the steps is left out: it talks freely from here on. */
  | { do: 'talk' }
  | { do: 'repeat'; times: number; steps: readonly Step[] }
  /** An IVR: a prompt that the first key cuts off, then keys, then the steps of what was pressed. */
  | {
      do: 'menu';
      line: number;
      lineMs: number;
      digits: number;
      /** From the end of the prompt to the first key, and from key to key. */
      timeoutMs: number;
      choices: Readonly<Record<string, readonly Step[]>>;
      otherwise: readonly Step[];
    };

export type StepAct =
  | { type: 'say-line'; line: number }
  /** Breaks off what it is saying. */
  | { type: 'hush' }
  | { type: 'press'; digits: string }
  | { type: 'hang-up' };

interface Level {
  readonly steps: readonly Step[];
  readonly next: number;
  /** How often the whole is to be done again. */
  readonly again: number;
}

/** Where the callee stands in its steps, and what it has heard since the present one began. */
export interface Stepping {
  readonly stack: readonly Level[];
  readonly current?: Step | undefined;
  readonly sinceMs: number;
  readonly loudMs: number;
  readonly quietMs: number;
  readonly hasUnderstood: boolean;
  readonly keys: string;
  /** Of a menu: since the prompt or the last key ended. */
  readonly waitedMs: number;
}

/** Less than this is a click, not somebody speaking. */
export const shortestTurnMs = 60;

const fresh = { sinceMs: 0, loudMs: 0, quietMs: 0, hasUnderstood: false, keys: '', waitedMs: 0 };

export function beginSteps(steps: readonly Step[]): Stepping {
  return { stack: [{ steps, next: 0, again: 0 }], ...fresh };
}

/** A line of the agent was understood. */
export function understoodInSteps(stepping: Stepping, text: string): Stepping {
  const { current } = stepping;
  return current?.do === 'listen' && current.line?.test(text) ? { ...stepping, hasUnderstood: true } : stepping;
}

/** The agent pressed a key: its tone was heard. */
export function keyInSteps(stepping: Stepping, key: string): Stepping {
  return { ...stepping, keys: stepping.keys + key, waitedMs: 0 };
}

/** `undefined`: the last step is done. */
export interface Walked {
  stepping: Stepping | undefined;
  act?: StepAct | undefined;
}

/** `ms` milliseconds have passed, in which the agent was `loud` or not. At most one act; what is instant is passed over. */
export function walk(before: Stepping, loud: boolean, ms: number): Walked {
  let stepping: Stepping = {
    ...before,
    sinceMs: before.sinceMs + ms,
    loudMs: loud ? before.loudMs + ms : before.loudMs,
    quietMs: loud ? 0 : before.quietMs + ms,
    waitedMs: before.waitedMs + ms,
  };
  // A loop of nothing but instant steps must not hold up the line: it goes on with the next 20 ms.
  for (let moves = 0; moves < 100; moves++) {
    if (stepping.current) {
      const stayed = stay(stepping, stepping.current);
      if ('stepping' in stayed) return stayed;
      stepping = stayed.next;
    }
    const begun = advance(stepping);
    if (!begun.stepping || begun.act) return begun;
    ({ stepping } = begun);
  }
  return { stepping };
}

/** Takes the next step: from this level, again from its start, or from the level around it. */
function advance({ stack, ...ears }: Stepping): Walked {
  const level = stack.at(-1);
  if (!level) return { stepping: undefined };
  const outer = stack.slice(0, -1);
  const current = level.steps[level.next];
  if (!current) {
    const again = level.again > 0 ? [...outer, { ...level, next: 0, again: level.again - 1 }] : outer;
    return { stepping: { ...ears, stack: again, current: undefined } };
  }
  const rest = [...outer, { ...level, next: level.next + 1 }];
  const begun: Stepping = { stack: rest, current, ...fresh };
  switch (current.do) {
    case 'say':
    case 'menu':
      return { stepping: begun, act: { type: 'say-line', line: current.line } };
    case 'hang-up':
      return { stepping: undefined, act: { type: 'hang-up' } };
    case 'talk':
      return { stepping: undefined };
    case 'repeat':
      return {
        stepping: { ...begun, current: undefined, stack: [...rest, { steps: current.steps, next: 0, again: current.times - 1 }] },
      };
    case 'press':
      return { stepping: begun, act: { type: 'press', digits: current.digits } };
    case 'listen':
    case 'wait':
      return { stepping: begun };
  }
}

/** What the present step does with the time that has passed: it goes on (`stepping`), or is over (`next`). */
function stay(stepping: Stepping, step: Step): Walked | { next: Stepping } {
  const over = { next: { ...stepping, current: undefined } };
  const goOn = { stepping };
  switch (step.do) {
    case 'say': {
      const isCut = step.cutAfterMs !== undefined && step.cutAfterMs < step.lineMs && stepping.sinceMs >= step.cutAfterMs;
      // The silence after a broken line is a moment of its own, so that the act is seen.
      if (isCut) return { stepping: { ...stepping, current: { do: 'wait', ms: 0 } }, act: { type: 'hush' } };
      return stepping.sinceMs >= step.lineMs ? over : goOn;
    }
    case 'listen':
      return stepping.sinceMs >= step.atMostMs || hasHeard(stepping, step) ? over : goOn;
    case 'wait':
    case 'press':
      return stepping.sinceMs >= step.ms ? over : goOn;
    case 'menu':
      return choose(stepping, step);
    case 'hang-up':
    case 'talk':
    case 'repeat':
      return over;
  }
}

function hasHeard({ loudMs, quietMs, hasUnderstood }: Stepping, step: Extract<Step, { do: 'listen' }>): boolean {
  switch (step.until) {
    case 'turn-over':
      return loudMs >= shortestTurnMs && quietMs >= step.ms;
    case 'speech':
      return loudMs >= Math.max(step.ms, shortestTurnMs);
    case 'quiet':
      return quietMs >= step.ms;
    case 'heard':
      return hasUnderstood;
  }
}

function choose(stepping: Stepping, step: Extract<Step, { do: 'menu' }>): Walked | { next: Stepping } {
  const isTalking = stepping.sinceMs < step.lineMs;
  if (isTalking && stepping.keys === '') return { stepping: { ...stepping, waitedMs: 0 } };
  if (isTalking) return { stepping: { ...stepping, current: { ...step, lineMs: 0 } }, act: { type: 'hush' } };
  const keys = stepping.keys.slice(0, step.digits);
  if (keys.length < step.digits && stepping.waitedMs < step.timeoutMs) return { stepping };
  const steps = Object.hasOwn(step.choices, keys) ? step.choices[keys]! : step.otherwise;
  return { next: { ...stepping, current: undefined, stack: [...stepping.stack, { steps, next: 0, again: 0 }] } };
}
