import type { ToolChoice } from './session-config.js';
import type { Fraction } from '../dice.js';
import type { Part } from './part.js';
import type { Script, ToolCall } from './scripts.js';
import { createTurnPlayer, type TurnPlayer } from './turn-player.js';
import { drawTurns } from './turns.js';

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
  /** What the next response says and calls; the script moves on. Nothing at all is possible: a model may have nothing to say. */
  next(asked: Asked): Part[];
  /** Plays another script from its beginning. Says whether it is another. */
  use(script: Script): boolean;
  script(): Script;
}

const MOST_MISHEARD = 3;

/**
 * Plays the model: pure, and the same for the same turns.
 *
 * @param fraction draws what a script leaves to chance, as it is chosen
 */
export function createScriptPlayer(first: Script, fraction: Fraction = () => 0): ScriptPlayer {
  let script = first;
  let turns = turnsOf(first, fraction);
  let step = Object.keys(script.steps)[0]!;
  let spoke = false;
  let misheard = 0;
  /** What was decided when the last turn was heard, and not said yet. */
  let answer: { says?: string | undefined; calls?: ToolCall | undefined } | undefined;
  let farewell = script.farewell;
  let end: 'far' | 'reached' | 'farewell-due' | 'done' = 'far';

  function hear(text: string): void {
    if (turns && end === 'far') {
      spoke = true;
      turns.hear(text);
    } else hearReply(text);
  }

  function hearReply(text: string): void {
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
    if (turns && spoke) return turnParts(turns, asked);
    return replyParts(asked);
  }

  function replyParts(asked: Asked): Part[] {
    const due = answer ?? { says: spoke ? script.stillThere : script.greeting };
    answer = undefined;
    return answerParts(due, asked);
  }

  /** The turns come before the replies. */
  function turnParts(playing: TurnPlayer, asked: Asked): Part[] {
    const { parts, end: turnEnd } = playing.next((tool) => mayCall(tool, asked));
    const said = (text: string): Part => ({ type: 'say', text, farewell: false });
    switch (turnEnd.why) {
      case 'said':
        return parts;
      case 'waiting':
        return [said(script.stillThere)];
      case 'misheard':
        return [said(script.misheard)];
      case 'hang-up':
        turns = undefined;
        arrive(turnEnd.farewell);
        return [...parts, ...(end === 'reached' ? endParts(asked) : replyParts(asked))];
      case 'over':
        turns = undefined;
        if (turnEnd.heard !== undefined) hearReply(turnEnd.heard);
        return decide({ ...asked, instructions: undefined });
    }
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
      turns = turnsOf(script, fraction);
      step = Object.keys(script.steps)[0]!;
      farewell = script.farewell;
      return true;
    },
    script: () => script,
  };
}

const turnsOf = ({ turns }: Script, fraction: Fraction): TurnPlayer | undefined =>
  turns.length > 0 ? createTurnPlayer(drawTurns(turns, fraction)) : undefined;

const mayCall = (name: string, { toolChoice, tools }: Asked): boolean => toolChoice !== 'none' && tools.includes(name);

/** The words behind `Say exactly:`, or in quotes, that a response is told to say. */
export function wordsAskedFor(instructions: string | undefined): string | undefined {
  if (!instructions) return undefined;
  const exactly = /say exactly\b[^:"“]*:?\s*([\s\S]+)$/i.exec(instructions)?.[1]?.trim();
  const inQuotes =
    exactly === undefined ? /(?<![\p{L}\d])["“]([^"”]+)["”]/u.exec(instructions) : /^["“]([\s\S]*?)["”]/.exec(exactly);
  return (inQuotes ? inQuotes[1]! : exactly)?.trim() || undefined;
}
