export * from './api/index.js';
export {
  agentProblems,
  agentSchema,
  agentWords,
  fillVariables,
  missingVariables,
  openingWords,
  withDefaults,
  type Agent,
  type AgentSource,
  type Variables,
  type VoicemailAction,
} from './agents.js';
export type { HttpTool, TransferTool } from './agent-tools.js';
export {
  CALL_EVENT_TYPES,
  CALL_EVENTS,
  callEventOf,
  EVENT_FILTER,
  isWanted,
  type CallEventType,
  type CallNews,
} from './call-events.js';
export { CAUSE_DOCS, causesPage } from './cause-docs.js';
export { CAUSE_GROUPS, CAUSE_NAMES, CAUSES, type Cause, type CauseGroup } from './causes.js';
export { NUMBER_TYPES, type Destination, type NumberType } from './destination.js';
export {
  CAMPAIGN_ID,
  CARRIER_CALL_ID,
  isCallId,
  isCampaignId,
  isCarrierCallId,
  isStreamSid,
  newApiKeyId,
  newCallId,
  newCampaignId,
  newGatewayId,
  SHARDS,
  shardOf,
  STREAM_SID,
  type CallId,
  type CampaignId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type Shard,
  type StreamSid,
} from './ids.js';
export {
  dialJob,
  hangupJob,
  webhookJob,
  type DialPayload,
  type HangupPayload,
  type JobType,
  type WebhookPayload,
} from './jobs.js';
export { readOrder, type GatewayOrder, type OrderRead } from './orders.js';
export { readVersion } from './schema-version.js';
export {
  afterTransferPath,
  answeredByPath,
  CARRIER_PATHS,
  statusCallbackPath,
  STREAM_PARAMETERS,
  transferPath,
} from './stream-parameters.js';
export { transcriptSchema, type Transcript, type TranscriptLine } from './transcripts.js';
export {
  deliveryId,
  eventId,
  isEndpointId,
  newEndpointId,
  PER_CALL_ENDPOINT,
  readDeliveryId,
  type DeliveryId,
  type DeliveryName,
  type EndpointId,
  type EventId,
} from './webhook-ids.js';
export { isWaitReason, WAIT_REASONS, type WaitReason } from './wait-reasons.js';
export { wakesOf, type Wake } from './wakes.js';
export {
  ANSWERED_BY,
  CARRIER_STATUSES,
  DISPOSITIONS,
  GOODBYES,
  isTerminal,
  LAYERS,
  PARTIES,
  STATES,
  STATUS_OF,
  STATUSES,
  type AnsweredBy,
  type CarrierStatus,
  type Disposition,
  type Goodbye,
  type Layer,
  type LiveCarrierStatus,
  type Party,
  type State,
  type Status,
  type TerminalCarrierStatus,
} from './words.js';
