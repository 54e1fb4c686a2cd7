import type { Timer, Timers } from '@onhook/service';

/** A `response.create`, waiting for its turn. */
export interface ResponseOrder {
  readonly instructions?: string;
  /** `none`: the response may not call a tool. */
  readonly toolChoice?: 'none';
  /** By which its response is known again. */
  readonly tag?: string;
}

export interface ResponseQueueDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly send: (event: object) => void;
}

/**
 * A conversation has one response at a time, and the provider begins some by itself when the callee has spoken. So ours wait
 * until none is active; one that lost the race is asked for again.
 */
export interface ResponseQueue {
  order(order: ResponseOrder): void;
  /** Takes the place of all that waits. */
  instead(order: ResponseOrder): void;
  /** What was sent and has not been answered. */
  awaited(): ResponseOrder | null;
  /** From now on orders may be sent. */
  open(): void;
  created(responseId: string): void;
  done(responseId: string): void;
  /** The provider refused an event; true if it was ours. */
  refused(error: { code: string; eventId: string | null }): boolean;
  active(): string | null;
  close(): void;
}

/** A race that was lost to a response that we never hear of would leave the order waiting for ever. */
const RETRY_MS = 250;

export function createResponseQueue({ timers, send }: ResponseQueueDeps): ResponseQueue {
  const waiting: ResponseOrder[] = [];
  /** Sent, and its response not yet over. */
  let sent: { readonly order: ResponseOrder; readonly eventId: string; readonly isReplaced?: true } | null = null;
  let active: string | null = null;
  let isOpen = false;
  let count = 0;
  let retry: Timer | null = null;

  function next(): void {
    if (!isOpen || active !== null || sent !== null) return;
    const order = waiting.shift();
    if (!order) return;
    sent = { order, eventId: `onhook_response_${++count}` };
    const { instructions, toolChoice, tag } = order;
    const response = {
      ...(instructions !== undefined && { instructions }),
      ...(toolChoice && { tool_choice: toolChoice }),
      ...(tag && { metadata: { onhook: tag } }),
    };
    send({ type: 'response.create', event_id: sent.eventId, ...(Object.keys(response).length > 0 && { response }) });
  }

  return {
    order(order) {
      waiting.push(order);
      next();
    },
    instead(order) {
      waiting.length = 0;
      waiting.push(order);
      // If it loses the race, nobody wants it any more.
      if (sent) sent = { ...sent, isReplaced: true };
      next();
    },
    awaited: () => (active === null ? (sent?.order ?? null) : null),
    open() {
      isOpen = true;
      next();
    },
    created: (responseId) => void (active = responseId),
    done(responseId) {
      if (active !== null && active !== responseId) return;
      active = null;
      sent = null;
      next();
    },
    refused({ code, eventId }) {
      const lostRace = code === 'conversation_already_has_active_response';
      // The provider does not always say which event it refuses. Ours, in doubt: it was sent and may still be answered, but
      // nothing may wait behind it for ever.
      const isOurs = eventId === null ? lostRace || active === null : eventId === sent?.eventId;
      if (!sent || !isOurs) return false;
      const { order, isReplaced } = sent;
      sent = null;
      if (lostRace) {
        if (!isReplaced) waiting.unshift(order);
        if (active === null) retry ??= timers.after(RETRY_MS, () => ((retry = null), next()));
      } else {
        next();
      }
      return true;
    },
    active: () => active,
    close() {
      isOpen = false;
      waiting.length = 0;
      retry?.cancel();
    },
  };
}
