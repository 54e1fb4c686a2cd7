export type {
  Carrier,
  CarrierCall,
  CarrierInbound,
  FetchOutcome,
  HangUpOutcome,
  ListOutcome,
  PlaceCall,
  PlaceOutcome,
  StatusCallback,
} from './port.js';
export { isStreamToken, streamToken } from './stream-token.js';
