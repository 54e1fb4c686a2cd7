import type { NewCall, Policy } from '@onhook/call';
import { missingVariables, type Agent, type CreateCallBody, type E164 } from '@onhook/contracts';
import { judgeNumber, type AllowedDestinations } from '@onhook/dial-rules';
import type { Checked } from './body.js';
import type { FieldError } from './problems.js';
import { didYouMean } from './suggestions.js';

export interface NewCallRules {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly fromNumbers: readonly E164[];
  readonly allowTestNumbers: boolean;
  /** Nothing could ever be sent there. */
  readonly isForbiddenUrl: (url: string) => boolean;
  /** As the account's limits have it now. */
  readonly allowed: AllowedDestinations;
}

/** The number is what people get wrong first: said beside whatever else is wrong. */
export function numberMistakes(given: unknown, rules: NewCallRules): FieldError[] {
  const to: unknown = typeof given === 'object' && given !== null && 'to' in given ? given.to : undefined;
  return typeof to === 'string' ? numberErrors('/to', to, rules) : [];
}

/** `POST /v1/calls`: every mistake that the schema does not see, or what the record is made of. */
export function readNewCall(
  body: CreateCallBody,
  rules: NewCallRules,
  nowMs: number,
): Checked<Omit<NewCall, 'callId' | 'account'>> {
  const { to, from, agentId, schedule, variables, metadata, webhookUrl } = body;
  const agent = chooseAgent(agentId, rules.agents);
  const errors = [
    ...numberErrors('/to', to, rules),
    ...callerErrors(from, to, rules),
    ...agent.errors,
    ...variableErrors(agent.agent, variables),
    ...scheduleErrors(schedule, nowMs),
    ...voicemailErrors(body.voicemail, agent.agent),
    ...webhookErrors(webhookUrl, rules),
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
      ...(webhookUrl !== undefined && { webhookUrl }),
      policy: policyOf(body, agent.agent),
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

export function chooseAgent(
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

function webhookErrors(url: string | undefined, { isForbiddenUrl }: NewCallRules): FieldError[] {
  if (url === undefined || !isForbiddenUrl(url)) return [];
  return [{ pointer: '/webhookUrl', code: 'forbidden-url', message: 'Nothing is ever sent to this address' }];
}

export function scheduleErrors({ earliestAt, latestAt }: CreateCallBody['schedule'], nowMs: number): FieldError[] {
  if (latestAt === undefined) return [];
  const pointer = '/schedule/latestAt';
  if (Date.parse(latestAt) <= nowMs) return [{ pointer, code: 'schedule-impossible', message: 'This moment has passed' }];
  if (earliestAt === undefined || Date.parse(earliestAt) < Date.parse(latestAt)) return [];
  return [{ pointer, code: 'schedule-impossible', message: 'Must be later than earliestAt' }];
}

function voicemailErrors(asked: CreateCallBody['voicemail'], agent: Agent | null): FieldError[] {
  if (asked?.action !== 'leave-message' || !asked.detect || !agent || agent.voicemail?.message !== undefined) return [];
  const message = 'The agent’s file has no voicemail.message to leave';
  return [{ pointer: '/voicemail/action', code: 'no-voicemail-message', message }];
}

/** What the call does not say is as the agent's file has it. */
export function policyOf(
  { limits, schedule, retry, voicemail }: Pick<CreateCallBody, 'limits' | 'schedule' | 'retry' | 'voicemail'>,
  agent: Agent,
): Policy {
  const { limits: usual, tools } = agent;
  return {
    ringTimeoutSec: limits.ringTimeoutSeconds ?? usual.ringTimeoutSeconds,
    maxDurationSec: limits.maxDurationSeconds ?? usual.maxDurationSeconds,
    // Without targets no leg is ever extended beyond its own limit.
    transferLimitSec: tools.transfer?.limitSeconds ?? 0,
    latestAt: schedule.latestAt === undefined ? null : Date.parse(schedule.latestAt),
    redial: retry
      ? {
          maxAttempts: retry.maxAttempts,
          on: retry.on,
          delaySec: retry.delaySeconds,
          backoff: retry.backoff,
          maxDelaySec: retry.maxDelaySeconds,
        }
      : ONE_DIAL,
    ...voicemailPolicy(voicemail, agent),
  };
}

const ONE_DIAL: Policy['redial'] = { maxAttempts: 1, on: [], delaySec: 900, backoff: 'fixed', maxDelaySec: 14_400 };

function voicemailPolicy(
  asked: CreateCallBody['voicemail'],
  { voicemail: usual }: Agent,
): Pick<Policy, 'voicemail' | 'unknownAnswer' | 'detectsMachines'> {
  if (asked ? !asked.detect : !usual) return { voicemail: 'continue' };
  return {
    voicemail: asked?.action ?? usual?.machine ?? 'hang-up',
    unknownAnswer: usual?.unknown ?? 'continue',
    detectsMachines: true,
  };
}
