import { setMaxListeners } from 'node:events';
import type { Call } from '@onhook/call';
import { PER_CALL_ENDPOINT, webhookJob, type WebhookPayload } from '@onhook/contracts';
import type { GuardedAnswer, SendGuarded } from '@onhook/outbound';
import type { JobHandler, Producer } from '@onhook/queue';
import type { Chance, Clock, Logger } from '@onhook/service';
import type { Calls, Deliveries, Delivery, DeliveryClaim, WebhookEndpoint, WebhookEndpoints } from '@onhook/store';
import { perCallEndpoint } from './endpoint.js';
import { createHands } from './hands.js';
import { signedCallMessage } from './message.js';
import { nextTryAt, readRetryAfter } from './retry.js';

export interface DeliverDeps {
  readonly deliveries: Pick<Deliveries, 'claim' | 'settle'>;
  readonly endpoints: Pick<WebhookEndpoints, 'load' | 'add' | 'change'>;
  readonly calls: Pick<Calls, 'load'>;
  readonly send: SendGuarded;
  readonly producer: Pick<Producer, 'add'>;
  readonly clock: Clock;
  readonly chance: Chance;
  /** So many at once to one endpoint: a slow one does not take the hands of all. */
  readonly mostAtOnce: number;
  readonly logger: Logger;
  /** This process stops: what is under way is broken off, and tried again elsewhere. */
  readonly stopping: AbortSignal;
}

/** Longer than a try can take; then the line is found again by the relay. */
const CLAIM_MS = 30_000;
const TIMEOUT_MS = 15_000;
const CONNECT_WITHIN_MS = 5_000;
const MOST_ANSWER_BYTES = 64 * 1024;
const BUSY_AGAIN_MS = 1_000;
/** Of one line in one job; another job goes on. */
const MOST_IN_A_ROW = 20;

type End = Parameters<Deliveries['settle']>[1];

/** One line's worth of deliveries: what is due, in order, until it is empty or has to wait. Safe to be run twice: the claim tells. */
export function createDeliver(deps: DeliverDeps): JobHandler<WebhookPayload> {
  const { deliveries, endpoints, calls, send, producer, clock, chance, mostAtOnce, logger, stopping } = deps;
  const hands = createHands(mostAtOnce);
  // Each request that is under way listens to it.
  setMaxListeners(0, stopping);

  return async function deliver(line) {
    for (let n = 0; n < MOST_IN_A_ROW; n++) {
      if (stopping.aborted) return;
      const claim = await deliveries.claim(line, chance.uuid(), CLAIM_MS);
      if (!claim) return;
      const end = await attempt(claim);
      const { isLost, waiting } = await deliveries.settle(claim, end);
      if (isLost)
        return logger.warn({ ...line, sequence: claim.delivery.sequence }, 'webhook delivery took too long; another has it');
      if (waiting === 0) return;
      if (end.status === 'pending') return wake(line, Math.max(0, (end.retryAt ?? claim.now) - claim.now));
    }
    await wake(line, 0);
  };

  async function wake(line: WebhookPayload, delayMs: number): Promise<void> {
    const { callId, endpointId } = line;
    const dedupeId = `${callId}-${endpointId}`;
    try {
      await producer.add(webhookJob, { callId, endpointId }, { dedupeId, ...(delayMs > 0 && { delayMs }) });
    } catch (error) {
      logger.warn({ ...line, err: error }, 'a webhook job was lost; its line is found by its due moment');
    }
  }

  async function attempt(claim: DeliveryClaim): Promise<End> {
    const { delivery, now } = claim;
    const { callId, endpointId } = delivery;
    const isPerCall = endpointId === PER_CALL_ENDPOINT;
    const [loaded, endpoint] = await Promise.all([
      calls.load(callId),
      isPerCall ? perCallEndpoint(endpoints, chance, now) : endpoints.load(endpointId),
    ]);
    const url = isPerCall ? loaded?.call.webhookUrl : endpoint?.url;
    if (!loaded || !endpoint || endpoint.disabled || url === undefined) return over(delivery, 'skipped', delivery.result);

    // Addresses of single calls have one name; one of their hosts that is slow does not take the hands of the others.
    const giveBack = hands.take(isPerCall ? new URL(url).host : endpointId);
    if (!giveBack) {
      return { ...delivery, status: 'pending', retryAt: now + Math.ceil(BUSY_AGAIN_MS * (0.5 + chance.fraction())) };
    }
    try {
      return await judge(claim, endpoint, await sendTo(url, delivery, loaded.call, endpoint));
    } finally {
      giveBack();
    }
  }

  async function sendTo(url: string, delivery: Delivery, call: Call, endpoint: WebhookEndpoint): Promise<GuardedAnswer> {
    const beganMs = clock.monotonicMs();
    const answer = await send({
      url: new URL(url),
      method: 'POST',
      ...signedCallMessage(delivery, call, endpoint, clock.now()),
      timeoutMs: TIMEOUT_MS,
      connectWithinMs: CONNECT_WITHIN_MS,
      maxResponseBytes: MOST_ANSWER_BYTES,
      onlyStatus: true,
      signal: stopping,
    });
    const { callId, endpointId, type, sequence } = delivery;
    const outcome = answer.outcome === 'answered' ? answer.status : answer.reason;
    const ms = Math.round(clock.monotonicMs() - beganMs);
    logger.info({ callId, endpointId, type, sequence, outcome, tries: delivery.tries + 1, ms }, 'webhook was sent');
    return answer;
  }

  async function judge({ delivery, now }: DeliveryClaim, endpoint: WebhookEndpoint, answer: GuardedAnswer): Promise<End> {
    // Nobody's fault: it is not counted, and whoever takes over begins with it.
    if (answer.outcome === 'failed' && answer.reason === 'broken-off') return { ...delivery, status: 'pending', retryAt: now };
    const result = answer.outcome === 'answered' ? answer.status : answer.reason;
    const tried = { ...delivery, tries: delivery.tries + 1, triedAt: now, result };
    if (answer.outcome === 'answered' && answer.status >= 200 && answer.status < 300) {
      if (endpoint.failingSince !== null) await change(endpoint, (was) => ({ ...was, failingSince: null }));
      return over(tried, 'delivered', result);
    }
    if (result === 410) {
      // Of one call's own address nothing can be concluded for another's.
      if (endpoint.id !== PER_CALL_ENDPOINT) {
        logger.warn({ endpointId: endpoint.id }, 'webhook endpoint answered 410 and was disabled');
        await change(endpoint, (was) => ({ ...was, disabled: was.disabled ?? { at: now, why: 'gone' } }));
      }
      return over(tried, 'failed', result);
    }
    const retryAfterMs = answer.outcome === 'answered' ? readRetryAfter(answer.retryAfter, clock.now()) : null;
    const { tries, since } = tried;
    const retryAt = nextTryAt({ tries, since, now, retryAfterMs, fraction: chance.fraction() });
    if (retryAt !== null) return { ...tried, status: 'pending', retryAt };
    logger.error(
      { callId: delivery.callId, endpointId: endpoint.id, type: delivery.type, result },
      'webhook delivery was given up',
    );
    await change(endpoint, (was) => ({ ...was, failingSince: was.failingSince ?? now }));
    return over(tried, 'failed', result);
  }

  /** What the endpoint is said to be is a comfort; that the delivery is settled is not. */
  async function change(endpoint: WebhookEndpoint, how: (was: WebhookEndpoint) => WebhookEndpoint): Promise<void> {
    if (endpoint.id === PER_CALL_ENDPOINT) return;
    try {
      await endpoints.change(endpoint.id, how);
    } catch (error) {
      logger.warn({ endpointId: endpoint.id, err: error }, 'webhook endpoint could not be marked');
    }
  }
}

function over({ tries, triedAt }: Delivery, status: 'delivered' | 'failed' | 'skipped', result: Delivery['result']): End {
  return { status, tries, triedAt, result, retryAt: null };
}
