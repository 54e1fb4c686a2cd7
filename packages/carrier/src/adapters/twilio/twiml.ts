import twilio from 'twilio';
import { STREAM_PARAMETERS, type CallId } from '@onhook/contracts';
import { withRetryOverrides } from './callback-url.js';
import { sayLanguage } from './words.js';

export interface ConnectStream {
  readonly streamUrl: string;
  readonly callId: CallId;
  readonly attempt: number;
  readonly streamToken: string;
}

export interface DialSomebody {
  readonly to: string;
  readonly from: string;
  readonly ringTimeoutSec: number;
  readonly limitSec: number;
  readonly statusCallbackUrl: string;
  readonly afterUrl: string;
}

/**
 * A transfer. The callee hears the ringing; what comes after is asked for at `afterUrl`, and should nobody answer there, the call
 * is over all the same.
 */
export function dialTwiml({ to, from, ringTimeoutSec, limitSec, statusCallbackUrl, afterUrl }: DialSomebody): string {
  const response = new twilio.twiml.VoiceResponse();
  const dial = response.dial({
    callerId: from,
    timeout: ringTimeoutSec,
    timeLimit: limitSec,
    action: withRetryOverrides(afterUrl),
    method: 'POST',
  });
  dial.number(
    {
      statusCallback: withRetryOverrides(statusCallbackUrl),
      statusCallbackMethod: 'POST',
      // In an attribute the events stand in one value; Twilio error 21626 is for the REST parameter only.
      statusCallbackEvent: ['initiated', 'answered', 'completed'],
    },
    to,
  );
  response.hangup();
  return response.toString();
}

/** The last words of a call whose agent is gone. */
export function hangUpTwiml(words: { readonly text: string; readonly language: string } | null): string {
  const response = new twilio.twiml.VoiceResponse();
  const language = words && sayLanguage(words.language);
  // The SDK's type lists the languages of its day.
  if (words) response.say(language ? { language: language as 'en-US' } : {}, words.text);
  response.hangup();
  return response.toString();
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
