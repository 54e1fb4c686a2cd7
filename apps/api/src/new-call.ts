import type { NewCall, Policy } from '@onhook/call';
import { createCallBody, type Agent, type CreateCallBody, type E164 } from '@onhook/contracts';
import { check, type Checked } from './body.js';
import { judgeNumber } from './numbers.js';
import type { FieldError } from './problems.js';
import { didYouMean } from './suggestions.js';

export interface NewCallRules {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly fromNumbers: readonly E164[];
  readonly allowTestNumbers: boolean;
}

/** `POST /v1/calls`: every mistake of the body at once, or what the record is made of. */
export function readNewCall(given: unknown, rules: NewCallRules, nowMs: number): Checked<Omit<NewCall, 'callId' | 'account'>> {
  const body = check(createCallBody, given);
  if (!body.ok) {
    // The number is what people get wrong first: say it beside the rest.
    const to: unknown = typeof given === 'object' && given !== null && 'to' in given ? given.to : undefined;
    return { ok: false, errors: typeof to === 'string' ? [...body.errors, ...numberErrors('/to', to, rules)] : body.errors };
  }
  const { to, from, agentId, schedule, variables, metadata } = body.value;
  const agent = chooseAgent(agentId, rules.agents);
  const errors = [
    ...numberErrors('/to', to, rules),
    ...callerErrors(from, to, rules),
    ...agent.errors,
    ...scheduleErrors(schedule, nowMs),
  ];
  if (errors.length > 0) return { ok: false, errors };

  const earliestAt = schedule.earliestAt === undefined ? null : Date.parse(schedule.earliestAt);
  return {
    ok: true,
    value: {
      to: to as E164,
      from: (from ?? null) as E164 | null,
      agentId: agent.id,
      variables,
      metadata,
      policy: policyOf(body.value),
      notBefore: earliestAt !== null && earliestAt > nowMs ? earliestAt : null,
    },
  };
}

function numberErrors(pointer: string, number: string, rules: NewCallRules): FieldError[] {
  const verdict = judgeNumber(number, rules);
  return verdict.ok ? [] : [{ pointer, code: verdict.code, message: verdict.message }];
}

function callerErrors(from: string | undefined, to: string, { fromNumbers }: NewCallRules): FieldError[] {
  if (from === undefined) {
    return fromNumbers.length === 1 && fromNumbers[0] === to
      ? [{ pointer: '/to', code: 'calls-itself', message: 'This is our own number' }]
      : [];
  }
  if (!(fromNumbers as readonly string[]).includes(from)) {
    return [{ pointer: '/from', code: 'unknown-caller-id', message: 'Not one of the configured FROM_NUMBERS' }];
  }
  return from === to ? [{ pointer: '/to', code: 'calls-itself', message: 'to and from are the same number' }] : [];
}

function chooseAgent(asked: string | undefined, agents: ReadonlyMap<string, Agent>): { id: string; errors: FieldError[] } {
  const ids = [...agents.keys()];
  const only = ids.length === 1 ? ids[0] : undefined;
  const id = asked ?? only;
  if (id === undefined) {
    return { id: '', errors: [{ pointer: '/agentId', code: 'agent-required', message: 'There are several agents: choose one' }] };
  }
  if (agents.has(id)) return { id, errors: [] };
  const suggestion = didYouMean(id, ids);
  return {
    id,
    errors: [
      { pointer: '/agentId', code: 'unknown-agent', message: 'There is no such agent', ...(suggestion && { suggestion }) },
    ],
  };
}

function scheduleErrors({ earliestAt, latestAt }: CreateCallBody['schedule'], nowMs: number): FieldError[] {
  if (latestAt === undefined) return [];
  const pointer = '/schedule/latestAt';
  if (Date.parse(latestAt) <= nowMs) return [{ pointer, code: 'schedule-impossible', message: 'This moment has passed' }];
  if (earliestAt === undefined || Date.parse(earliestAt) < Date.parse(latestAt)) return [];
  return [{ pointer, code: 'schedule-impossible', message: 'Must be later than earliestAt' }];
}

/** Redial, voicemail and transfer get their fields later (see CHANGELOG); until then nobody is dialed twice. */
function policyOf({ limits, schedule }: CreateCallBody): Policy {
  return {
    ringTimeoutSec: limits.ringTimeoutSeconds,
    maxDurationSec: limits.maxDurationSeconds,
    // Without targets no leg is ever extended beyond its own limit.
    transferLimitSec: 0,
    latestAt: schedule.latestAt === undefined ? null : Date.parse(schedule.latestAt),
    redial: { maxAttempts: 1, on: [], delaySec: 900, backoff: 'fixed', maxDelaySec: 14_400 },
    voicemail: 'continue',
  };
}
