import type { NewCall } from '@onhook/call';
import { isWaitReason, openingWords, WAIT_REASONS, type Agent, type CallPlanView, type Cause } from '@onhook/contracts';
import { classifyNumber } from '@onhook/dial-rules';
import { iso, isoOrNull, type Wait } from './call-view.js';

/** What would become of a call, had it been asked for now: nothing is stored, nobody is woken. */
export function callPlan(
  wanted: Omit<NewCall, 'callId' | 'account'>,
  agent: Agent,
  { accountWait, isOnDoNotCall }: { accountWait: Wait | null; isOnDoNotCall: boolean },
): CallPlanView {
  const { policy, to, from, notBefore, variables } = wanted;
  const wait: Wait | null = notBefore === null ? accountWait : { reason: 'not-before', until: notBefore };
  const { country, type } = classifyNumber(to);
  const wouldEndAs: Cause | null = isOnDoNotCall ? 'do-not-call' : null;
  return {
    dryRun: true,
    status: notBefore === null ? 'queued' : 'scheduled',
    waitReason: wait?.reason ?? null,
    hint: wait && isWaitReason(wait.reason) ? WAIT_REASONS[wait.reason].hint : null,
    nextAttemptAt: isoOrNull(wait?.until ?? null),
    wouldEndAs,
    to,
    country,
    numberType: type,
    from,
    agentId: agent.id,
    opening: openingWords(agent, variables),
    latestAt: policy.latestAt === null ? null : iso(policy.latestAt),
    ringTimeoutSeconds: policy.ringTimeoutSec,
    maxDurationSeconds: policy.maxDurationSec,
    maxAttempts: policy.redial.maxAttempts,
  };
}
