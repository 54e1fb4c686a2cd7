import {
  beginSteps,
  keyInSteps,
  shortestTurnMs,
  understoodInSteps,
  walk,
  type Step,
  type StepAct,
  type Stepping,
} from './steps.js';

/**
 * The person (or machine) who was called, as a pure machine: every 20 ms it is told whether it heard somebody speak, and
 * answers with what it does. It knows no clock, no socket and no audio; what it understood comes in as recognised lines.
 */
export interface FarEndScript {
  /** What it says if nobody speaks to it, or always. The index is into the persona's lines. */
  hello?: { lineMs: number; afterMs: number; when: 'if-quiet' | 'always' } | undefined;
  /** Length of each reply, in the order they are given: one per turn of the agent. */
  replyMs: readonly number[];
  /** A silence of this length is the end of the agent's turn. */
  pauseMs: number;
  /** Between the end of that silence and its own first word. */
  replyAfterMs: number;
  /** Speaks into the agent's turn once it has heard this much of it. */
  bargeInAfterMs?: number | undefined;
  /** Having understood a line that matches, it says nothing more. */
  quietOnceHeard?: RegExp | undefined;
  hangUp?: HangUp | undefined;
  /** What it does first, step by step; all of the above begins when the last step is done (`after-answer` at once). */
  steps?: readonly Step[] | undefined;
  /** A menu is among the steps: somebody must tell it of the keys that the agent sends as tones (`heardKey`). */
  hearsKeys?: boolean | undefined;
}

type HangUp =
  | { when: 'after-answer'; ms: number }
  | { when: 'after-lines'; ms: number }
  /** In the middle of its own reply (counted from 0). */
  | { when: 'mid-reply'; reply: number; ms: number }
  /** In the middle of the agent's turn (counted from 1), after so much of it was heard. */
  | { when: 'mid-agent-turn'; turn: number; ms: number };

export type FarEndAct = { type: 'say-hello' } | { type: 'say-reply'; reply: number } | StepAct;

export interface FarEnd {
  readonly sinceAnswerMs: number;
  /** When it began to talk freely: 0, or when its last step was done. */
  readonly talkingSinceMs: number;
  /** Where it stands in its steps; `over` when they are done. */
  readonly steps?: Stepping | 'over' | undefined;
  readonly mood: 'listening' | 'speaking' | 'gone';
  readonly speaking?: { what: 'hello' | number; ofMs: number; sinceMs: number } | undefined;
  /** Replies given or begun. */
  readonly replies: number;
  readonly saidHello: boolean;
  /** Turns of the agent that it has heard begin. */
  readonly agentTurns: number;
  /** Of the agent's turn that is going on, or whose end is awaited; 0 when there is none. */
  readonly turnLoudMs: number;
  readonly quietMs: number;
  readonly quietForEver: boolean;
  readonly sinceLastWordMs?: number | undefined;
}

export function answered(): FarEnd {
  return {
    sinceAnswerMs: 0,
    talkingSinceMs: 0,
    mood: 'listening',
    replies: 0,
    saidHello: false,
    agentTurns: 0,
    turnLoudMs: 0,
    quietMs: 0,
    quietForEver: false,
  };
}

export function understood(farEnd: FarEnd, script: FarEndScript, text: string): FarEnd {
  if (isStepping(farEnd)) return { ...farEnd, steps: understoodInSteps(farEnd.steps, text) };
  return script.quietOnceHeard?.test(text) ? { ...farEnd, quietForEver: true } : farEnd;
}

/** It heard the tone of a key. Only an IVR cares. */
export function heardKey(farEnd: FarEnd, key: string): FarEnd {
  return isStepping(farEnd) ? { ...farEnd, steps: keyInSteps(farEnd.steps, key) } : farEnd;
}

/** `ms` milliseconds have passed, in which the agent was `loud` or not. */
export function listen(before: FarEnd, script: FarEndScript, loud: boolean, ms: number): { farEnd: FarEnd; act?: FarEndAct } {
  if (before.mood === 'gone') return { farEnd: before };
  if (script.steps && before.steps !== 'over') return takeStep(before, script, script.steps, loud, ms);
  const farEnd = timePassed(before, loud, ms);
  if (script.hangUp && isTimeToHangUp(farEnd, script, script.hangUp)) {
    return { farEnd: { ...farEnd, mood: 'gone' }, act: { type: 'hang-up' } };
  }
  if (farEnd.mood === 'speaking') return { farEnd };
  if (mayReply(farEnd, script)) {
    const reply = farEnd.replies;
    const speaking = { what: reply, ofMs: script.replyMs[reply]!, sinceMs: 0 };
    return { farEnd: { ...farEnd, ...beginSpeaking(speaking), replies: reply + 1 }, act: { type: 'say-reply', reply } };
  }
  if (script.hello && maySayHello(farEnd, script.hello)) {
    const speaking = { what: 'hello' as const, ofMs: script.hello.lineMs, sinceMs: 0 };
    return { farEnd: { ...farEnd, ...beginSpeaking(speaking), saidHello: true }, act: { type: 'say-hello' } };
  }
  return { farEnd };
}

const isStepping = (farEnd: FarEnd): farEnd is FarEnd & { steps: Stepping } =>
  farEnd.steps !== undefined && farEnd.steps !== 'over';

function takeStep(
  before: FarEnd,
  { hangUp }: FarEndScript,
  steps: readonly Step[],
  loud: boolean,
  ms: number,
): { farEnd: FarEnd; act?: FarEndAct } {
  const sinceAnswerMs = before.sinceAnswerMs + ms;
  const { stepping, act } = walk(isStepping(before) ? before.steps : beginSteps(steps), loud, ms);
  const farEnd: FarEnd = {
    ...before,
    sinceAnswerMs,
    steps: stepping ?? 'over',
    ...(!stepping && { talkingSinceMs: sinceAnswerMs }),
  };
  if (act?.type === 'hang-up' || (hangUp?.when === 'after-answer' && sinceAnswerMs >= hangUp.ms)) {
    return { farEnd: { ...farEnd, mood: 'gone' }, act: { type: 'hang-up' } };
  }
  return act ? { farEnd, act } : { farEnd };
}

function timePassed(before: FarEnd, loud: boolean, ms: number): FarEnd {
  const turnLoudMs = loud ? before.turnLoudMs + ms : before.turnLoudMs;
  const began = before.turnLoudMs < shortestTurnMs && turnLoudMs >= shortestTurnMs;
  // Written out and then written into: a spread costs a microsecond, 50 times a second and call.
  const farEnd: { -readonly [field in keyof Required<FarEnd>]: FarEnd[field] } = {
    sinceAnswerMs: before.sinceAnswerMs + ms,
    talkingSinceMs: before.talkingSinceMs,
    steps: before.steps,
    mood: before.mood,
    speaking: before.speaking,
    replies: before.replies,
    saidHello: before.saidHello,
    agentTurns: began ? before.agentTurns + 1 : before.agentTurns,
    turnLoudMs,
    quietMs: loud ? 0 : before.quietMs + ms,
    quietForEver: before.quietForEver,
    sinceLastWordMs: before.sinceLastWordMs === undefined ? undefined : before.sinceLastWordMs + ms,
  };
  const { speaking } = before;
  if (!speaking) return farEnd;
  const { what, ofMs } = speaking;
  const sinceMs = speaking.sinceMs + ms;
  if (sinceMs < ofMs) {
    farEnd.speaking = { what, ofMs, sinceMs };
    return farEnd;
  }
  // What the agent said into its words and did not go on with asks for no reply: an interrupted turn, a breath.
  return { ...farEnd, mood: 'listening', speaking: undefined, sinceLastWordMs: 0, turnLoudMs: loud ? turnLoudMs : 0 };
}

/** While it speaks it does not wait for the agent: what was heard of the old turn no longer asks for a reply. */
function beginSpeaking(
  speaking: NonNullable<FarEnd['speaking']>,
): Pick<FarEnd, 'mood' | 'speaking' | 'turnLoudMs' | 'sinceLastWordMs'> {
  return { mood: 'speaking', speaking, turnLoudMs: 0, sinceLastWordMs: undefined };
}

function mayReply(farEnd: FarEnd, script: FarEndScript): boolean {
  if (farEnd.quietForEver || farEnd.replies >= script.replyMs.length) return false;
  if (farEnd.turnLoudMs < shortestTurnMs) return false;
  if (script.bargeInAfterMs !== undefined && farEnd.turnLoudMs >= script.bargeInAfterMs) return true;
  return farEnd.quietMs >= script.pauseMs + script.replyAfterMs;
}

function maySayHello(farEnd: FarEnd, hello: NonNullable<FarEndScript['hello']>): boolean {
  if (farEnd.saidHello || farEnd.quietForEver || farEnd.sinceAnswerMs - farEnd.talkingSinceMs < hello.afterMs) return false;
  return hello.when === 'always' ? farEnd.replies === 0 : farEnd.agentTurns === 0 && farEnd.turnLoudMs === 0;
}

function isTimeToHangUp(farEnd: FarEnd, script: FarEndScript, hangUp: HangUp): boolean {
  switch (hangUp.when) {
    case 'after-answer':
      return farEnd.sinceAnswerMs >= hangUp.ms;
    case 'after-lines':
      return (
        farEnd.replies >= script.replyMs.length && farEnd.sinceLastWordMs !== undefined && farEnd.sinceLastWordMs >= hangUp.ms
      );
    case 'mid-reply':
      return farEnd.speaking?.what === hangUp.reply && farEnd.speaking.sinceMs >= hangUp.ms;
    case 'mid-agent-turn':
      return farEnd.agentTurns === hangUp.turn && farEnd.turnLoudMs >= hangUp.ms;
  }
}
