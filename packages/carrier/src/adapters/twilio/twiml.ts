import twilio from 'twilio';
import { STREAM_PARAMETERS, type CallId } from '@onhook/contracts';

export interface ConnectStream {
  readonly streamUrl: string;
  readonly callId: CallId;
  readonly attempt: number;
  readonly streamToken: string;
}

/**
 * What the carrier runs once somebody answers. `<Hangup/>` runs when the stream is gone, also when every process of ours
 * is. Nothing else may stand after `<Connect>`: it would keep the call up after the conversation.
 */
export function connectStreamTwiml({ streamUrl, callId, attempt, streamToken }: ConnectStream): string {
  const response = new twilio.twiml.VoiceResponse();
  const stream = response.connect().stream({ url: streamUrl });
  stream.parameter({ name: STREAM_PARAMETERS.callId, value: callId });
  stream.parameter({ name: STREAM_PARAMETERS.attempt, value: String(attempt) });
  stream.parameter({ name: STREAM_PARAMETERS.token, value: streamToken });
  response.hangup();
  return response.toString();
}
