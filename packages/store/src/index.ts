export { BadCursor, isNewerSchema, NewerSchema, StoreContended, StoreRefused, StoreUnavailable } from './errors.js';
export { readDurability, type Durability, type Weakness } from './durability.js';
export { DEFAULT_OPTIONS, type StoreOptions } from './options.js';
export type {
  Admission,
  AdmissionRequest,
  Admitted,
  CallingInterval,
  LostPlace,
  Place,
  Places,
  SeatOffer,
} from './ports/admission.js';
export type { AccountLimits, AccountUsage, AdmissionControl, CampaignTerms, LimitsChange } from './ports/admission-control.js';
export type { ApiKeys, KeptApiKey } from './ports/api-keys.js';
export {
  BLOCK_SIZE,
  CAMPAIGN_STATES,
  type Campaign,
  type CampaignCounts,
  type CampaignMinute,
  type Campaigns,
  type CampaignState,
  type Contact,
  type ContactMark,
  type ContactRef,
  type Contacts,
  type ContactStep,
  type Fed,
  type KeptCampaign,
  type NewContact,
} from './ports/campaigns.js';
export type { Applied, Calls, CallsPage, Created, Idempotency, LeasedStream, Loaded, TimelineEntry } from './ports/calls.js';
export type { DoNotCallAddition, DoNotCallEntry, DoNotCallList } from './ports/do-not-call.js';
export type { GatewayDirectory, GatewayEntry, OrderReceiver, OrderSender } from './ports/directory.js';
export type { BegunRequest, KeptAnswers, KeyedRequest, Quotas, TakenQuota } from './ports/requests.js';
export type { ExpiredCall, FinishedCall, Retention } from './ports/retention.js';
export type { Transcripts } from './ports/transcripts.js';
export type { CallStats, StatsRow } from './ports/stats.js';
export type { StoreLife, StoreLives } from './ports/lives.js';
export type { Feed, FeedItem, FeedNews, FeedPosition } from './ports/feed.js';
export type {
  Deliveries,
  Delivery,
  DeliveryClaim,
  DeliveryStatus,
  Line,
  Outbox,
  OutboxItem,
  WebhookEndpoint,
  WebhookEndpoints,
} from './ports/webhooks.js';
export { hasSeen, readFeedPosition, writeFeedPosition } from './record/feed-position.js';
export type { WorkerBeats } from './ports/workers.js';
export { termsOf } from './record/campaign-terms.js';
export { contactCallId, LOST_STEP, stepOf, tellCampaign } from './record/contact-step.js';
export { chooseShard } from './shard.js';
export { createVault, OPEN_VAULT, type Vault } from './vault.js';
