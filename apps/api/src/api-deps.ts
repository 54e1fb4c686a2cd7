import type { Archive } from '@onhook/archive';
import type { CarrierInbound } from '@onhook/carrier';
import type { Agent, CallId, E164 } from '@onhook/contracts';
import type { SendGuarded } from '@onhook/outbound';
import type { Producer, Waker } from '@onhook/queue';
import type { RecordingReader, RecordingRemover } from '@onhook/recordings';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import type {
  AccountLimits,
  AdmissionControl,
  ApiKeys,
  CallStats,
  Calls,
  Campaigns,
  Contacts,
  Deliveries,
  DoNotCallList,
  Feed,
  GatewayDirectory,
  KeptAnswers,
  OrderSender,
  Quotas,
  Transcripts,
  WebhookEndpoints,
  WorkerBeats,
} from '@onhook/store';
import type { RequestHandler } from 'express';

/** What the API is made of: ports only. `main.ts` introduces the vendors. */
export interface ApiDeps {
  readonly calls: Pick<Calls, 'create' | 'load' | 'apply' | 'timeline' | 'list' | 'underWay'>;
  readonly transcripts: Pick<Transcripts, 'load' | 'remove'>;
  readonly recordings: RecordingReader & RecordingRemover;
  /** Null: this process cannot reach it, and hangup processes erase from it within a minute. */
  readonly archive: Pick<Archive, 'erase'> | null;
  /** What stands in place of an erased number: the same one again has the same name. Null: it could be guessed. */
  readonly nameOfNumber: (number: E164) => string | null;
  readonly waker: Waker;
  readonly orders: OrderSender;
  readonly control: Pick<
    AdmissionControl,
    | 'accountWait'
    | 'isKilled'
    | 'setKillSwitch'
    | 'limits'
    | 'setLimits'
    | 'usage'
    | 'inFlightFrom'
    | 'setCampaign'
    | 'campaignInFlight'
  >;
  readonly campaigns: Campaigns;
  readonly contacts: Contacts;
  readonly doNotCall: Omit<DoNotCallList, 'adopt'>;
  readonly apiKeys: ApiKeys;
  readonly stats: CallStats;
  readonly answers: KeptAnswers;
  readonly quotas: Quotas;
  readonly inbound: Omit<CarrierInbound, 'isGenuineUpgrade'>;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly news: News;
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

/** What tells the world outside of calls. */
export interface News {
  readonly feed: Feed;
  readonly endpoints: WebhookEndpoints;
  readonly deliveries: Pick<Deliveries, 'list' | 'inLine' | 'load' | 'redeliver'>;
  readonly producer: Pick<Producer, 'add'>;
  readonly send: SendGuarded;
  /** Nothing could ever be sent there. */
  readonly isForbiddenUrl: (url: string) => boolean;
}

export interface ApiSettings {
  readonly account: string;
  readonly apiKeys: readonly string[];
  readonly fromNumbers: readonly E164[];
  /** What holds where operators have set nothing. */
  readonly limits: AccountLimits;
  readonly carrier: 'simulator' | 'twilio';
  /** Of each API key, over all processes; null: no limit. */
  readonly requestsPerMinute?: number | null;
  /** Event streams that this process serves at once; 500 if not said. */
  readonly mostStreams?: number;
  /** After so long without an answer of the datastore a request is refused with 503. */
  readonly storeWithinMs: number;
  /** For tests: an answer that is not as the catalogue declares it is a fault. */
  readonly verifyAnswers?: boolean;
}
