import type { ToolChoice } from './session-config.js';
import type { Script, ToolCall } from './scripts.js';

/** What one response consists of, in this order. Nothing at all is possible: a model may have nothing to say. */
export type Part = { type: 'say'; text: string; farewell: boolean } | { type: 'call'; name: string; arguments: string };

export interface Asked {
  /** The instructions of this one response. */
  instructions?: string | undefined;
  toolChoice: ToolChoice;
  /** The functions that the session or the response has; `end_call` ends the call. */
  tools: readonly string[];
}

export interface ScriptPlayer {
  /** Somebody said something: the next response answers it. */
  hear(text: string): void;
  /** What the next response says and calls; the script moves on. */
  next(asked: Asked): Part[];
  /** Plays another script from its beginning. Says whether it is another. */
  use(script: Script): boolean;
  script(): Script;
}

const MOST_MISHEARD = 3;

/** Plays the model: pure, and the same for the same turns. */
export function createScriptPlayer(first: Script): ScriptPlayer {
  let script = first;
  let step = Object.keys(script.steps)[0]!;
  let spoke = false;
  let misheard = 0;
  /** What was decided when the last turn was heard, and not said yet. */
  let answer: { says?: string | undefined; calls?: ToolCall | undefined } | undefined;
  let farewell = script.farewell;
  let end: 'far' | 'reached' | 'farewell-due' | 'done' = 'far';

  function hear(text: string): void {
    spoke = true;
    if (end !== 'far') {
      // They talk on after the goodbye: it is said again.
      end = 'reached';
      return;
    }
    const reply = script.steps[step]!.find(({ hears }) => hears === undefined || new RegExp(hears, 'i').test(text));
    misheard = reply ? 0 : misheard + 1;
    if (reply ? reply.next === 'end' : misheard >= MOST_MISHEARD) return arrive(reply?.says);
    if (reply?.next !== undefined) step = reply.next;
    answer = reply
      ? { says: reply.says ?? (reply.calls ? undefined : script.stillThere), calls: reply.calls }
      : { says: script.misheard };
  }

  function arrive(says: string | undefined): void {
    if (script.ending === 'never') {
      answer = { says: script.stillThere };
      return;
    }
    farewell = says ?? script.farewell;
    answer = undefined;
    end = 'reached';
  }

  function endParts(asked: Asked): Part[] {
    const goodbye: Part = { type: 'say', text: farewell, farewell: true };
    if (!mayCall('end_call', asked) || script.ending === 'farewell-only') {
      end = 'done';
      return [goodbye];
    }
    end = script.ending === 'call-then-audio' ? 'farewell-due' : 'done';
    return script.ending === 'same-response' ? [goodbye, endCall()] : [endCall()];
  }

  const endCall = (): Part => ({ type: 'call', name: 'end_call', arguments: JSON.stringify({ reason: script.endReason }) });

  function answerParts({ says, calls }: NonNullable<typeof answer>, asked: Asked): Part[] {
    const parts: Part[] = says === undefined ? [] : [{ type: 'say', text: says, farewell: false }];
    if (calls && mayCall(calls.name, asked)) {
      // What the tool says is not looked at: the client decides when the model goes on.
      if (calls.thenSays !== undefined) answer = { says: calls.thenSays };
      return [...parts, { type: 'call', name: calls.name, arguments: JSON.stringify(calls.arguments) }];
    }
    return parts.length > 0 ? parts : [{ type: 'say', text: calls?.thenSays ?? script.stillThere, farewell: false }];
  }

  function decide(asked: Asked): Part[] {
    const words = wordsAskedFor(asked.instructions);
    if (words !== undefined) {
      if (end === 'farewell-due') end = 'done';
      return [{ type: 'say', text: words, farewell: end !== 'far' }];
    }
    if (end === 'reached') return endParts(asked);
    if (end === 'farewell-due') {
      end = 'done';
      return [{ type: 'say', text: farewell, farewell: true }];
    }
    if (end === 'done') return [];
    const forced = typeof asked.toolChoice === 'object' ? asked.toolChoice.name : 'end_call';
    if (asked.toolChoice !== 'auto' && mayCall(forced, asked)) {
      if (forced !== 'end_call') return [{ type: 'call', name: forced, arguments: '{}' }];
      end = 'done';
      return [endCall()];
    }
    const due = answer ?? { says: spoke ? script.stillThere : script.greeting };
    answer = undefined;
    return answerParts(due, asked);
  }

  return {
    hear,
    next(asked) {
      const parts = decide(asked);
      spoke = true;
      return parts;
    },
    use(next) {
      if (next.name === script.name) return false;
      script = next;
      step = Object.keys(script.steps)[0]!;
      farewell = script.farewell;
      return true;
    },
    script: () => script,
  };
}

const mayCall = (name: string, { toolChoice, tools }: Asked): boolean => toolChoice !== 'none' && tools.includes(name);

/** The words behind `Say exactly:`, or in quotes, that a response is told to say. */
export function wordsAskedFor(instructions: string | undefined): string | undefined {
  if (!instructions) return undefined;
  const exactly = /say exactly\b[^:"“]*:?\s*([\s\S]+)$/i.exec(instructions)?.[1]?.trim();
  const inQuotes =
    exactly === undefined ? /(?<![\p{L}\d])["“]([^"”]+)["”]/u.exec(instructions) : /^["“]([\s\S]*?)["”]/.exec(exactly);
  return (inQuotes ? inQuotes[1]! : exactly)?.trim() || undefined;
}
