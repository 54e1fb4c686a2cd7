import type { NewCall, Policy } from '@onhook/call';
import { createCallBody, missingVariables, type Agent, type CreateCallBody, type E164 } from '@onhook/contracts';
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
    ...variableErrors(agent.agent, variables),
    ...scheduleErrors(schedule, nowMs),
  ];
  if (errors.length > 0 || !agent.agent) return { ok: false, errors };

  const earliestAt = schedule.earliestAt === undefined ? null : Date.parse(schedule.earliestAt);
  return {
    ok: true,
    value: {
      to: to as E164,
      from: (from ?? null) as E164 | null,
      agentId: agent.agent.id,
      variables,
      metadata,
      policy: policyOf(body.value, agent.agent),
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

function chooseAgent(
  asked: string | undefined,
  agents: ReadonlyMap<string, Agent>,
): { readonly agent: Agent | null; readonly errors: FieldError[] } {
  const ids = [...agents.keys()];
  const id = asked ?? (ids.length === 1 ? ids[0] : undefined);
  if (id === undefined) {
    const message = 'There are several agents: choose one';
    return { agent: null, errors: [{ pointer: '/agentId', code: 'agent-required', message }] };
  }
  const agent = agents.get(id);
  if (agent) return { agent, errors: [] };
  const suggestion = didYouMean(id, ids);
  return {
    agent: null,
    errors: [
      { pointer: '/agentId', code: 'unknown-agent', message: 'There is no such agent', ...(suggestion && { suggestion }) },
    ],
  };
}

function variableErrors(agent: Agent | null, variables: CreateCallBody['variables']): FieldError[] {
  if (!agent) return [];
  return missingVariables(agent, variables).map((name) => ({
    pointer: `/variables/${name}`,
    code: 'missing-variable',
    message: 'The agent needs this variable',
  }));
}

function scheduleErrors({ earliestAt, latestAt }: CreateCallBody['schedule'], nowMs: number): FieldError[] {
  if (latestAt === undefined) return [];
  const pointer = '/schedule/latestAt';
  if (Date.parse(latestAt) <= nowMs) return [{ pointer, code: 'schedule-impossible', message: 'This moment has passed' }];
  if (earliestAt === undefined || Date.parse(earliestAt) < Date.parse(latestAt)) return [];
  return [{ pointer, code: 'schedule-impossible', message: 'Must be later than earliestAt' }];
}

/** What the call does not say is as the agent's file has it. Redial gets its field later; until then nobody is dialed twice. */
function policyOf({ limits, schedule }: CreateCallBody, { limits: usual, tools, voicemail }: Agent): Policy {
  return {
    ringTimeoutSec: limits.ringTimeoutSeconds ?? usual.ringTimeoutSeconds,
    maxDurationSec: limits.maxDurationSeconds ?? usual.maxDurationSeconds,
    // Without targets no leg is ever extended beyond its own limit.
    transferLimitSec: tools.transfer?.limitSeconds ?? 0,
    latestAt: schedule.latestAt === undefined ? null : Date.parse(schedule.latestAt),
    redial: { maxAttempts: 1, on: [], delaySec: 900, backoff: 'fixed', maxDelaySec: 14_400 },
    voicemail: voicemail?.machine ?? 'continue',
    ...(voicemail && { unknownAnswer: voicemail.unknown, detectsMachines: true }),
  };
}
