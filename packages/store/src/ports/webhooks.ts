import type { CallId, CallNews, DeliveryName, EndpointId } from '@onhook/contracts';

/** An address that is told of events. Holds secrets: never logged, never shown whole. */
export interface WebhookEndpoint {
  readonly id: EndpointId;
  /** Empty for the one that stands for the `webhookUrl` of single calls. */
  readonly url: string;
  readonly description: string;
  /** Which types it wants (`call.ended`, `call.*`); none: all. */
  readonly types: readonly string[];
  /** Newest first. `until` (Redis milliseconds): an older one that still signs beside it; null: for good. */
  readonly secrets: readonly { readonly secret: string; readonly until: number | null }[];
  readonly createdAt: number;
  /** Nothing is sent to it, and nothing is kept for it. `gone`: it answered 410. */
  readonly disabled: { readonly at: number; readonly why: 'gone' | 'operator' } | null;
  /** Since a delivery was given up, until one arrives. */
  readonly failingSince: number | null;
}

export interface WebhookEndpoints {
  /** Oldest first. */
  list(): Promise<WebhookEndpoint[]>;
  load(id: EndpointId): Promise<WebhookEndpoint | null>;
  /** Unless there are `most` already, or this one is. */
  add(endpoint: WebhookEndpoint, most: number): Promise<'added' | 'full' | 'exists'>;
  /** Loads, changes, and saves unless somebody else has in between: then again. Null: there is none. Returning what was given writes nothing. */
  change(id: EndpointId, change: (endpoint: WebhookEndpoint) => WebhookEndpoint): Promise<WebhookEndpoint | null>;
  /** Its deliveries stay in the log; what waits is skipped. */
  remove(id: EndpointId): Promise<boolean>;
}

/** News that must not be lost, as a commit left it. */
export interface OutboxItem {
  readonly callId: CallId;
  /** Its place in its shard's outbox. */
  readonly position: string;
  readonly news: CallNews & {
    /** The version of the timeline: a later event of this call has a greater one. */
    readonly version: number;
    readonly at: number;
    /** The call has an address of its own that is told. */
    readonly hook?: true;
  };
}

export interface Outbox {
  /** The oldest of each shard, at most so many each. What nobody can read is taken out, counted as `unreadable`. */
  read(limit: number): Promise<{ readonly items: OutboxItem[]; readonly unreadable: number }>;
  /** Takes it out and makes one delivery for each endpoint, in one step. False: somebody else did. */
  relay(item: OutboxItem, type: string, endpointIds: readonly EndpointId[]): Promise<boolean>;
  /** Takes out what nobody wants. */
  drop(items: readonly OutboxItem[]): Promise<void>;
  length(): Promise<number>;
}

/** `failed`: given up. `skipped`: its endpoint was disabled or removed, or its call is gone. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'skipped';

/** One event of one call, on its way to one endpoint. Knows no address, no number, no word. */
export interface Delivery extends DeliveryName {
  readonly type: string;
  /** When it happened. */
  readonly at: number;
  /** Since when it is to be delivered: `at`, or the moment at which somebody asked for it again. */
  readonly since: number;
  readonly status: DeliveryStatus;
  readonly tries: number;
  readonly triedAt: number | null;
  /** Of the last try: the HTTP status, or why there was none. */
  readonly result: number | string | null;
  /** Of the one that is next in its line. */
  readonly nextTryAt: number | null;
}

/** Nobody else delivers to this endpoint for this call until it is settled or has run out. */
export interface DeliveryClaim {
  readonly delivery: Delivery;
  readonly token: string;
  /** Redis milliseconds. */
  readonly now: number;
}

export type Line = Pick<DeliveryName, 'callId' | 'endpointId'>;

/**
 * What waits for one endpoint of one call stands in a line, in order: a later event waits for the earlier. A line has a due moment,
 * which is also its lease: a claim moves it on, so that a delivery whose worker died is found again.
 */
export interface Deliveries {
  /** The first of the line, if it is due. @param token another one at each call */
  claim(line: Line, token: string, lastsMs: number): Promise<DeliveryClaim | null>;
  /**
   * What became of it. `retryAt`: it stays the first of its line until then. `isLost`: the claim ran out, and somebody else has it.
   */
  settle(
    claim: DeliveryClaim,
    end: Pick<Delivery, 'status' | 'tries' | 'triedAt' | 'result'> & { readonly retryAt: number | null },
  ): Promise<{ readonly isLost: boolean; readonly waiting: number }>;
  /** Lines that have been due for longer than `graceMs`, the longest first: the job of each was lost. */
  due(limit: number, graceMs: number): Promise<Line[]>;
  load(name: DeliveryName): Promise<Delivery | null>;
  /** In order. */
  inLine(line: Line): Promise<Delivery[]>;
  /** Newest first. `isWanted` may leave out many: a page may be short, and still have a next. */
  list(page: {
    readonly limit: number;
    readonly cursor: string | null;
    readonly isWanted: (delivery: Delivery) => boolean;
  }): Promise<{ readonly deliveries: Delivery[]; readonly nextCursor: string | null }>;
  /** To be delivered once more, with all its tries. Null: it is not, or no longer, in the log. */
  redeliver(name: DeliveryName): Promise<Delivery | null>;
}
