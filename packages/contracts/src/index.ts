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
export { CAUSE_GROUPS, CAUSE_NAMES, CAUSES, type Cause, type CauseGroup } from './causes.js';
export { NUMBER_TYPES, type Destination, type NumberType } from './destination.js';
export {
  createCallBody,
  dialingBody,
  endAllBody,
  endCallBody,
  type AttemptView,
  type CallView,
  type CreateCallBody,
  type LatencyView,
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
