import { callEventOf, isWanted, PER_CALL_ENDPOINT, webhookJob, type CallId, type EndpointId } from '@onhook/contracts';
import type { Producer } from '@onhook/queue';
import { createSeldom, type Chance, type Clock, type Logger, type Timers } from '@onhook/service';
import type { Deliveries, Line, Outbox, OutboxItem, WebhookEndpoint, WebhookEndpoints } from '@onhook/store';

export interface RelayDeps {
  readonly outbox: Outbox;
  readonly endpoints: Pick<WebhookEndpoints, 'list'>;
  readonly deliveries: Pick<Deliveries, 'due'>;
  readonly producer: Pick<Producer, 'add'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly chance: Pick<Chance, 'fraction'>;
  readonly logger: Logger;
}

export interface Relay {
  /** Of each shard so much as one reading takes. How many entries were there. */
  round(): Promise<number>;
  /** Wakes the lines that nobody has come for. How many. */
  sweep(): Promise<number>;
  /** Until `stopping`. */
  run(stopping: AbortSignal): Promise<void>;
  /** At the last look; for metrics. */
  length(): number;
}

/** Of each shard. */
const READ_AT_ONCE = 100;
/** So many in one round: there are more, and no time to pause. */
const MANY = 8 * READ_AT_ONCE;
const IDLE_MS = 200;
const AFTER_FAILURE_MS = 1_000;
const SWEEP_EVERY_MS = 2_000;
/** A job needs a moment to come through the queue; a claim that ran out is due by then too. */
const LOST_AFTER_MS = 5_000;
const SWEPT_AT_ONCE = 500;
/** More than this waits: the relay does not keep up, or does not run. */
const ALARMING_LENGTH = 10_000;

/**
 * From the outbox to lines of deliveries, and a job for each line. One script takes an entry out and puts it into its lines, so nothing
 * is lost or told twice between the two; a job is a hint, and a line whose job was lost is found by its due moment. Any number of
 * processes may do this at once: one of them gets each entry.
 */
export function createRelay(deps: RelayDeps): Relay {
  const { outbox, endpoints, deliveries, producer, clock, timers, chance, logger } = deps;
  const seldom = createSeldom({ clock });
  let lastLength = 0;

  async function round(): Promise<number> {
    const { items, unreadable } = await outbox.read(READ_AT_ONCE);
    if (unreadable > 0) logger.error({ unreadable }, 'entries of the outbox could not be read and were dropped');
    if (items.length === 0) return 0;
    const open = (await endpoints.list()).filter(({ id, disabled }) => disabled === null && id !== PER_CALL_ENDPOINT);
    const addressed = items.map((item) => address(item, open));
    await outbox.drop(addressed.flatMap(({ item, endpointIds }) => (endpointIds.length === 0 ? [item] : [])));
    // Of one call one after the other, as they happened; of different calls side by side.
    const wanted = new Map<CallId, Addressed[]>();
    for (const one of addressed) {
      const { callId } = one.item;
      if (one.endpointIds.length > 0) wanted.set(callId, [...(wanted.get(callId) ?? []), one]);
    }
    await Promise.all([...wanted.values()].map(relayCall));
    return items.length;
  }

  async function relayCall(all: readonly Addressed[]): Promise<void> {
    const woken = new Set<EndpointId>();
    try {
      for (const { item, type, endpointIds } of all) {
        if (await outbox.relay(item, type, endpointIds)) for (const id of endpointIds) woken.add(id);
      }
    } finally {
      const callId = all[0]!.item.callId;
      await Promise.all([...woken].map((endpointId) => wake({ callId, endpointId })));
    }
  }

  async function wake({ callId, endpointId }: Line): Promise<void> {
    try {
      await producer.add(webhookJob, { callId, endpointId }, { dedupeId: `${callId}-${endpointId}` });
    } catch (error) {
      if (seldom('job'))
        logger.warn({ callId, endpointId, err: error }, 'a webhook job was lost; its line is found by its due moment');
    }
  }

  async function sweep(): Promise<number> {
    lastLength = await outbox.length();
    if (lastLength > ALARMING_LENGTH && seldom('length')) logger.error({ length: lastLength }, 'the outbox grows');
    const lines = await deliveries.due(SWEPT_AT_ONCE, LOST_AFTER_MS);
    await Promise.all(lines.map(wake));
    return lines.length;
  }

  async function run(stopping: AbortSignal): Promise<void> {
    let sweptAt = clock.monotonicMs();
    while (!stopping.aborted) {
      let pauseMs = IDLE_MS * (0.75 + chance.fraction() / 2);
      try {
        if ((await round()) >= MANY) pauseMs = 0;
        if (clock.monotonicMs() - sweptAt >= SWEEP_EVERY_MS) {
          await sweep();
          sweptAt = clock.monotonicMs();
        }
      } catch (error) {
        if (seldom('round')) logger.warn({ err: error }, 'the outbox could not be relayed');
        pauseMs = AFTER_FAILURE_MS;
      }
      if (pauseMs > 0) await timers.sleep(pauseMs, stopping);
    }
  }

  return { round, sweep, run, length: () => lastLength };
}

interface Addressed {
  readonly item: OutboxItem;
  readonly type: string;
  readonly endpointIds: readonly EndpointId[];
}

function address(item: OutboxItem, open: readonly WebhookEndpoint[]): Addressed {
  const type = callEventOf(item.news);
  if (type === null) return { item, type: '', endpointIds: [] };
  const subscribed = open.filter(({ types }) => isWanted(type, types)).map(({ id }) => id);
  return { item, type, endpointIds: item.news.hook ? [...subscribed, PER_CALL_ENDPOINT] : subscribed };
}
