import type { Part } from './part.js';
import type { Turn } from './turns.js';

/** How a response of the turns ends. */
export type TurnEnd =
  /** The caller is to speak next, or the client to give a tool's output. */
  | { why: 'said' }
  /** A response was asked for while the caller is listened to, and has said nothing, … */
  | { why: 'waiting' }
  /** … or something else than is waited for. */
  | { why: 'misheard' }
  /** The script's ending comes; with this farewell, if the turns have one. */
  | { why: 'hang-up'; farewell: string | undefined }
  /** The turns are over; this was heard and not answered yet. */
  | { why: 'over'; heard: string | undefined };

export interface TurnPlayer {
  hear(text: string): void;
  /** What the next response says and calls. @param mayCall whether the client has such a tool */
  next(mayCall: (tool: string) => boolean): { parts: Part[]; end: TurnEnd };
}

/** A loop of nothing that is said must not go on for ever. */
const mostMoves = 1_000;

/** Walks through the turns of a script: pure, and the same for the same turns. Chance has been drawn from them. */
export function createTurnPlayer(turns: readonly Turn[]): TurnPlayer {
  let stack: { steps: readonly Turn[]; at: number; again: number }[] = [{ steps: turns, at: 0, again: 0 }];
  let heard: string | undefined;

  function current(): Turn | undefined {
    for (let moves = 0; moves < mostMoves; moves++) {
      const level = stack.at(-1);
      if (!level) return undefined;
      const turn = level.steps[level.at];
      if (turn && 'repeat' in turn) {
        level.at++;
        stack.push({ steps: turn.repeat.steps, at: 0, again: (turn.repeat.times ?? Number.POSITIVE_INFINITY) - 1 });
      } else if (turn) return turn;
      else if (level.again > 0) [level.at, level.again] = [0, level.again - 1];
      else stack.pop();
    }
    return undefined;
  }

  function over(parts: Part[]): { parts: Part[]; end: TurnEnd } {
    stack = [];
    const unanswered = heard;
    heard = undefined;
    return { parts, end: parts.length > 0 ? { why: 'said' } : { why: 'over', heard: unanswered } };
  }

  return {
    hear: (text) => void (heard = heard === undefined ? text : `${heard} ${text}`),

    next(mayCall) {
      const parts: Part[] = [];
      const said = { parts, end: { why: 'said' } } as const;
      for (let moves = 0; moves < mostMoves; moves++) {
        const turn = current();
        if (!turn || 'talk' in turn) return over(parts);
        if ('listen' in turn) {
          if (parts.length > 0) return said;
          if (heard === undefined) return { parts, end: { why: 'waiting' } };
          const fits = !isForWords(turn.listen) || new RegExp(turn.listen.line, 'i').test(heard);
          heard = undefined;
          if (!fits) return { parts, end: { why: 'misheard' } };
        }
        stack.at(-1)!.at++;
        if ('say' in turn) parts.push({ type: 'say', text: turn.say, farewell: false });
        if ('wait' in turn) parts.push({ type: 'wait', ms: Number(turn.wait) });
        if ('hangUp' in turn) {
          const last = parts.at(-1);
          const farewell = last?.type === 'say' ? last.text : undefined;
          if (farewell !== undefined) parts.pop();
          stack = [];
          return { parts, end: { why: 'hang-up', farewell } };
        }
        if ('call' in turn && mayCall(turn.call.name)) {
          parts.push({ type: 'call', name: turn.call.name, arguments: JSON.stringify(turn.call.arguments) });
          return said;
        }
      }
      return over(parts);
    },
  };
}

type Listen = Extract<Turn, { listen: unknown }>['listen'];

function isForWords(listen: Listen): listen is Extract<Listen, { until: 'heard' }> {
  return typeof listen === 'object' && listen.until === 'heard';
}
