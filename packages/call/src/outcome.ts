import type { Call, CallFacts, Phase } from './call.js';
import type { Effect, Verdict } from './effect.js';

/** What becomes of a call by one event. `moved`: another state; `noted`: the record changed; `no-news`: it did not. */
export interface Transition {
  readonly call: Call;
  readonly verdict: Verdict;
  readonly effects: readonly Effect[];
}

export function moved(call: Call, ...effects: Effect[]): Transition {
  return { call, verdict: 'moved', effects };
}

export function noted(call: Call, ...effects: Effect[]): Transition {
  return { call, verdict: 'noted', effects };
}

export function noNews(call: Call, ...effects: Effect[]): Transition {
  return { call, verdict: 'no-news', effects };
}

/** The answer to a `stream-started` that is not accepted: that gateway closes. */
export function refused(call: Call, ...effects: Effect[]): Transition {
  return { call, verdict: 'refused', effects };
}

type PhaseField = Phase extends infer P ? (P extends unknown ? keyof P : never) : never;

/** The compiler asks for a field that is missing here. */
const OF_THE_STATE: Readonly<Record<PhaseField, true>> = {
  state: true,
  deadline: true,
  notBefore: true,
  waitReason: true,
  wakes: true,
  looks: true,
  asked: true,
  owner: true,
  pending: true,
  targetId: true,
  isUnreached: true,
  cause: true,
  by: true,
  trigger: true,
  askedAt: true,
  rounds: true,
  canceled: true,
  endedAt: true,
};

/**
 * Without what belongs to the present state only, so that nothing of it lives on in the next. A fact that a later release has added
 * stays: while a deployment rolls, older processes must not lose it.
 */
export function factsOf(call: Call): CallFacts {
  const facts = Object.fromEntries(Object.entries(call).filter(([name]) => !Object.hasOwn(OF_THE_STATE, name)));
  return { ...(facts as unknown as CallFacts), measured: call.measured ?? null };
}
