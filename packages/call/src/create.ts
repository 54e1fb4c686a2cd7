import type { CallId, E164 } from '@onhook/contracts';
import type { Call, CallFacts, CampaignContact, Policy } from './call.js';
import { defaultLatestAt } from './deadlines.js';
import { toQueued, toScheduled } from './moves.js';
import type { Transition } from './outcome.js';

export interface NewCall {
  readonly callId: CallId;
  readonly account: string;
  readonly to: E164;
  readonly from: E164 | null;
  readonly agentId: string;
  readonly variables: Call['variables'];
  readonly metadata: Call['metadata'];
  /** An address that is told of this call's events, beside the webhook endpoints. */
  readonly webhookUrl?: string;
  /** `latestAt` null becomes a week after the first possible dial: no call waits for ever. */
  readonly policy: Policy;
  readonly retryOf?: CallId;
  readonly campaign?: CampaignContact;
  /** Not before this moment (Redis milliseconds); null = now. */
  readonly notBefore: number | null;
}

/** The event `created`: `scheduled` if `notBefore` is in the future, else `queued` and a wake for the dialer. */
export function createCall({ notBefore, policy, ...wanted }: NewCall, at: number): Transition {
  const facts: CallFacts = {
    ...wanted,
    createdAt: at,
    policy: { ...policy, latestAt: policy.latestAt ?? defaultLatestAt(Math.max(at, notBefore ?? at)) },
    attempts: [],
    dials: 0,
    end: null,
    answeredBy: null,
    goodbye: null,
    recording: null,
    measured: null,
    late: {},
  };
  return notBefore !== null && notBefore > at ? toScheduled(facts, notBefore, 'not-before') : toQueued(facts, at, null);
}
