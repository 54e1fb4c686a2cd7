export { agentSchema, fillVariables, openingWords, type Agent } from './agents.js';
export { CAUSE_GROUPS, CAUSE_NAMES, CAUSES, type Cause, type CauseGroup } from './causes.js';
export {
  createCallBody,
  endCallBody,
  type AttemptView,
  type CallView,
  type CreateCallBody,
  type Problem,
  type TimelineEntryView,
} from './http.js';
export {
  CARRIER_CALL_ID,
  isCallId,
  isCarrierCallId,
  isStreamSid,
  newCallId,
  newGatewayId,
  SHARDS,
  shardOf,
  STREAM_SID,
  type CallId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type Shard,
  type StreamSid,
} from './ids.js';
export { dialJob, hangupJob, type DialPayload, type HangupPayload, type JobType } from './jobs.js';
export { orderSchema, type GatewayOrder } from './orders.js';
export { CARRIER_PATHS, statusCallbackPath, STREAM_PARAMETERS } from './stream-parameters.js';
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
