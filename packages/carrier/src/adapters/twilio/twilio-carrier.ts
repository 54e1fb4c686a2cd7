import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import twilio from 'twilio';
import type { CarrierCallId } from '@onhook/contracts';
import { type Clock, type Logger, systemTimers, type Timers } from '@onhook/service';
import type { Carrier, FetchOutcome, HangUpOutcome, PlaceCall, PlaceOutcome, Redirect, RedirectOutcome } from '../../port.js';
import { withRetryOverrides } from './callback-url.js';
import { readCarrierCall } from './carrier-call.js';
import { NoAnswerError } from './http-exchange.js';
import { listLegs } from './list-legs.js';
import { type CreateResult, placeOutcome, redirectOutcome, retryAfterMs } from './place-outcome.js';
import { createRequestSlots } from './request-slots.js';
import { type SdkHttpClient, sdkHttpClient, sendAgain, sendOnce, type SendSteps } from './sdk-http.js';
import { connectStreamTwiml, dialTwiml } from './twiml.js';

export interface TwilioCarrierDeps {
  readonly accountSid: string;
  readonly authToken: string;
  /** A restricted key (`SK…`) instead of the auth token for REST. Both or neither. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Default `https://api.twilio.com`. */
  readonly baseUrl?: string;
  /** For name, connection and handshake of a create; nothing has been sent by then. Below the 3 s of a grant, or none would ever be sent. */
  readonly connectTimeoutMs?: number;
  /** For the answer to a create. Shorter means more unclear outcomes: Twilio's side may take 26 s. */
  readonly createTimeoutMs?: number;
  /** For each request of the others. */
  readonly httpTimeoutMs?: number;
  /** Requests under way at a time; the rest waits, hangups first. A fifth of them is taken by hangups only. */
  readonly requestsAtOnce?: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers?: Pick<Timers, 'after'>;
  /** Told where each create is: for failpoints. */
  readonly createSteps?: SendSteps;
}

/** A transfer that could not be asked for by then is none: callee and agent wait for it meanwhile. */
const REDIRECT_WITHIN_MS = 8_000;

const EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

export function createTwilioCarrier({
  accountSid,
  authToken,
  apiKey,
  apiSecret,
  baseUrl,
  connectTimeoutMs = 2_000,
  createTimeoutMs = 15_000,
  httpTimeoutMs = 4_000,
  requestsAtOnce = 20,
  logger,
  clock,
  timers = systemTimers,
  createSteps,
}: TwilioCarrierDeps): Carrier {
  const client = (httpClient: SdkHttpClient): twilio.Twilio => {
    const sdk = new twilio.Twilio(apiKey ?? accountSid, apiSecret ?? authToken, { accountSid, httpClient });
    if (baseUrl) sdk.api.baseUrl = baseUrl;
    // `TWILIO_EDGE` and `TWILIO_REGION` in the environment would rewrite the host of a base URL that was given on purpose.
    if (baseUrl) Object.assign(sdk, { edge: undefined, region: undefined });
    return sdk;
  };
  // An idle connection is dropped before Twilio's own side is likely to.
  const keptAlive = { keepAlive: true, maxSockets: requestsAtOnce, timeout: 30_000, scheduling: 'lifo' } as const;
  const [plain, secure] = [new HttpAgent(keptAlive), new HttpsAgent(keptAlive)];
  const repeatable = client(
    sdkHttpClient(sendAgain({ timers, withinMs: httpTimeoutMs, agent: (url) => (url.protocol === 'https:' ? secure : plain) })),
  );

  const slots = createRequestSlots(requestsAtOnce);

  async function placeCall(request: PlaceCall, expired: () => boolean): Promise<PlaceOutcome> {
    const beganMs = clock.monotonicMs();
    const outcome = placeOutcome(await create(request, expired), clock.now());
    const facts = {
      callId: request.callId,
      attempt: request.attempt,
      outcome: outcome.outcome,
      ms: Math.round(clock.monotonicMs() - beganMs),
      ...('code' in outcome && { code: outcome.code }),
      ...('reason' in outcome && { reason: outcome.reason }),
      ...('sid' in outcome && { sid: outcome.sid }),
    };
    if (outcome.outcome === 'misconfigured') logger.error(facts, 'carrier refused our account');
    else if (outcome.outcome === 'unclear') logger.warn(facts, 'call request was left without a clear answer');
    else logger.debug(facts, 'call request was answered');
    return outcome;
  }

  function create(request: PlaceCall, expired: () => boolean): Promise<CreateResult> {
    const ask = (http: SdkHttpClient): Promise<unknown> =>
      client(http).calls.create({
        to: request.to,
        from: request.from,
        twiml: connectStreamTwiml(request),
        timeout: request.ringTimeoutSec,
        timeLimit: Math.max(60, request.timeLimitSec),
        statusCallback: withRetryOverrides(request.statusCallbackUrl),
        statusCallbackMethod: 'POST',
        statusCallbackEvent: EVENTS,
        ...detection(request),
      });
    const options = {
      connectWithinMs: connectTimeoutMs,
      answerWithinMs: createTimeoutMs,
      expired,
      ...(createSteps && { steps: createSteps }),
    };
    return slots.run('create', () => answerOnce(options, ask));
  }

  /** The answer itself is judged, not what the SDK makes of it: it tells neither what was sent nor every answer apart. */
  async function answerOnce(
    options: Omit<Parameters<typeof sendOnce>[0], 'timers'>,
    ask: (http: SdkHttpClient) => Promise<unknown>,
  ): Promise<CreateResult> {
    let result: CreateResult | undefined;
    const send = sendOnce({ timers, ...options });
    const http = sdkHttpClient(async (sent) => {
      try {
        const answer = await send(sent);
        result = { answer };
        return answer;
      } catch (error) {
        result = { error };
        throw error;
      }
    });
    try {
      await ask(http);
    } catch (error) {
      result ??= { error };
    }
    return result ?? { error: new NoAnswerError('no-request', false) };
  }

  /** Like a create it must not be sent twice, so it has its own connection and no second try. */
  async function redirect(sid: CarrierCallId, request: Redirect): Promise<RedirectOutcome> {
    const askedAt = clock.monotonicMs();
    const expired = (): boolean => clock.monotonicMs() - askedAt > REDIRECT_WITHIN_MS;
    const options = { connectWithinMs: httpTimeoutMs / 2, answerWithinMs: httpTimeoutMs, expired };
    const ask = (http: SdkHttpClient): Promise<unknown> =>
      client(http)
        .calls(sid)
        .update({ twiml: dialTwiml(request), timeLimit: Math.max(60, request.timeLimitSec) });
    const result = await slots.run('look', () => answerOnce(options, ask));
    const outcome = redirectOutcome(result, clock.now());
    logger.debug({ sid, ...outcome }, 'redirect was answered');
    return outcome;
  }

  async function hangUp(sid: CarrierCallId): Promise<HangUpOutcome> {
    try {
      const call = readCarrierCall(await slots.run('end', () => repeatable.calls(sid).update({ status: 'completed' })));
      return call ? { outcome: 'asked', status: call.status } : { outcome: 'failed', reason: 'garbled-answer' };
    } catch (error) {
      const { status, code, reason } = readFailure(error);
      if ((status === 400 && code === 21_220) || (status === 404 && code === 20_404)) return { outcome: 'perhaps-over', code };
      if (status === 429) return { outcome: 'failed', reason, retryInMs: retryAfterMs(undefined, clock.now()) };
      return { outcome: 'failed', reason };
    }
  }

  async function fetchCall(sid: CarrierCallId): Promise<FetchOutcome> {
    try {
      const call = readCarrierCall(await slots.run('look', () => repeatable.calls(sid).fetch()));
      return call && call.sid === sid ? { outcome: 'found', call } : { outcome: 'failed', reason: 'garbled-answer' };
    } catch (error) {
      const { status, code, reason } = readFailure(error);
      // A 404 that is not Twilio's own says nothing about the call.
      return status === 404 && code === 20_404 ? { outcome: 'not-found' } : { outcome: 'failed', reason };
    }
  }

  return {
    placeCall,
    redirect,
    hangUp,
    fetchCall,
    listCalls: (filter) => slots.run('look', () => listLegs(repeatable, filter, (error) => readFailure(error).reason)),
  };
}

/** Beside the conversation, and not before it: nobody who picks up shall hear silence. The end of a greeting is waited for, for a message. */
function detection({ machineDetection }: PlaceCall) {
  return machineDetection === undefined
    ? {}
    : {
        machineDetection: 'DetectMessageEnd',
        asyncAmd: 'true',
        asyncAmdStatusCallback: withRetryOverrides(machineDetection.callbackUrl),
        asyncAmdStatusCallbackMethod: 'POST',
      };
}

/** What an error of the SDK says, in words that carry no number. */
function readFailure(error: unknown): { status: number; code: number; reason: string } {
  if (error instanceof NoAnswerError) return { status: 0, code: 0, reason: error.reason };
  const { status, code } = error as { status?: unknown; code?: unknown };
  const http = typeof status === 'number' ? status : 0;
  const twilioCode = typeof code === 'number' ? code : 0;
  if (http === 0) return { status: 0, code: 0, reason: 'garbled-answer' };
  return { status: http, code: twilioCode, reason: twilioCode ? `twilio-${twilioCode}` : `http-${http}` };
}
