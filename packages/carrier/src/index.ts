export type {
  AnsweredByCallback,
  Carrier,
  CarrierCall,
  CarrierDocument,
  CarrierInbound,
  FetchOutcome,
  HangUpOutcome,
  LegFilter,
  ListOutcome,
  PlaceCall,
  PlaceOutcome,
  Redirect,
  RedirectEnd,
  RedirectOutcome,
  StatusCallback,
} from './port.js';
export { isStreamToken, streamToken } from './stream-token.js';
