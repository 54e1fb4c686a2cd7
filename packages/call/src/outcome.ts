import type { Call, CallFacts } from './call.js';
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

/** Without what belongs to the present state only, so that nothing of it lives on in the next. */
export function factsOf(call: Call): CallFacts {
  const {
    callId,
    account,
    createdAt,
    to,
    from,
    agentId,
    variables,
    metadata,
    policy,
    attempts,
    dials,
    end,
    answeredBy,
    goodbye,
    recording,
    late,
  } = call;
  return {
    callId,
    account,
    createdAt,
    to,
    from,
    agentId,
    variables,
    metadata,
    policy,
    attempts,
    dials,
    end,
    answeredBy,
    goodbye,
    recording,
    late,
  };
}
