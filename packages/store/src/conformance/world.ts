import type { E164 } from '@onhook/contracts';
import type { StoreOptions } from '../options.js';
import type { Admission } from '../ports/admission.js';
import type { AccountLimits, AdmissionControl } from '../ports/admission-control.js';
import type { ApiKeys } from '../ports/api-keys.js';
import type { Campaigns, Contacts } from '../ports/campaigns.js';
import type { Calls } from '../ports/calls.js';
import type { DoNotCallList } from '../ports/do-not-call.js';
import type { GatewayDirectory, OrderReceiver, OrderSender } from '../ports/directory.js';
import type { CallStats } from '../ports/stats.js';
import type { StoreLives } from '../ports/lives.js';
import type { KeptAnswers, Quotas } from '../ports/requests.js';
import type { Feed } from '../ports/feed.js';
import type { Retention } from '../ports/retention.js';
import type { Transcripts } from '../ports/transcripts.js';
import type { Deliveries, Outbox, WebhookEndpoints } from '../ports/webhooks.js';
import type { WorkerBeats } from '../ports/workers.js';

/** One process's way to the data. */
export interface OpenStore {
  readonly calls: Calls;
  readonly directory: GatewayDirectory;
  readonly orders: OrderSender & OrderReceiver;
  readonly beats: WorkerBeats;
  readonly lives: StoreLives;
  readonly transcripts: Transcripts;
  readonly retention: Retention;
  readonly control: AdmissionControl;
  readonly campaigns: Campaigns;
  readonly contacts: Contacts;
  readonly answers: KeptAnswers;
  readonly quotas: Quotas;
  readonly doNotCall: DoNotCallList;
  readonly apiKeys: ApiKeys;
  readonly stats: CallStats;
  readonly outbox: Outbox;
  readonly endpoints: WebhookEndpoints;
  readonly deliveries: Deliveries;
  readonly feed: Feed;
  admission(given: { fromNumbers: readonly E164[]; limits: Partial<AccountLimits> }): Admission;
}

/** Data of its own, seen by as many processes as are opened. */
export interface World {
  open(): Promise<OpenStore>;
  /** Lets time go by, for the store's clock. */
  passMs(ms: number): Promise<void>;
}

/** What an adapter brings to be judged. */
export interface Harness {
  /** `feedLength`: for those whose feed forgets. */
  world(options?: Partial<StoreOptions & { readonly feedLength: number }>): Promise<World>;
  close(): Promise<void>;
}

/** Lets time go by in small steps until `ask` says yes; false if it has not within `withinMs`. */
export async function happens(world: World, withinMs: number, ask: () => Promise<boolean>): Promise<boolean> {
  const stepMs = 25;
  for (let passed = 0; passed <= withinMs; passed += stepMs) {
    if (await ask()) return true;
    await world.passMs(stepMs);
  }
  return false;
}
