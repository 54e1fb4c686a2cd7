import type { CarrierInbound } from '@onhook/carrier';
import type { Agent, CallId, E164 } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import type { AdmissionControl, Calls, GatewayDirectory, OrderSender, Transcripts, WorkerBeats } from '@onhook/store';
import type { RequestHandler } from 'express';

/** What the API is made of: ports only. `main.ts` introduces the vendors. */
export interface ApiDeps {
  readonly calls: Pick<Calls, 'create' | 'load' | 'apply' | 'timeline' | 'list' | 'underWay'>;
  readonly transcripts: Pick<Transcripts, 'load'>;
  readonly waker: Waker;
  readonly orders: OrderSender;
  readonly control: Pick<AdmissionControl, 'accountWait' | 'isKilled' | 'setKillSwitch'>;
  readonly inbound: Omit<CarrierInbound, 'isGenuineUpgrade'>;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly beats: Pick<WorkerBeats, 'alive'>;
  readonly directory: Pick<GatewayDirectory, 'list'>;
  /** A fresh id; calls with the same (hashed) idempotency key must share a shard with it. */
  readonly newCallId: (idempotencyKey: string | null) => CallId;
  /** The page at `/queues`; without it the path is not found. */
  readonly queuesPage?: RequestHandler | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
  readonly logger: Logger;
  readonly settings: ApiSettings;
}

export interface ApiSettings {
  readonly account: string;
  readonly apiKeys: readonly string[];
  readonly fromNumbers: readonly E164[];
  /** Absolute. */
  readonly recordingsDir: string;
  readonly carrier: 'simulator' | 'twilio';
  /** After so long without an answer of the datastore a request is refused with 503. */
  readonly storeWithinMs: number;
}
