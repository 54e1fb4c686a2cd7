import type { Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import { createCallbackFaults } from './callback-faults.js';
import { connectedSeconds, isFinal, type CarrierCall, type Progress } from './call.js';
import { apiVersion, directionOf, rfc2822 } from './call-resource.js';
import type { Webhook } from './form.js';
import type { WebhookClient } from './webhook-client.js';

/** The fields of every voice request. Geography is present and empty, as when the carrier does not know it. */
export function voiceParams(call: CarrierCall, accountSid: string): Record<string, string> {
  const params: Record<string, string> = {
    CallSid: call.sid,
    AccountSid: accountSid,
    From: call.from,
    To: call.to,
    Caller: call.from,
    Called: call.to,
    CallStatus: call.status,
    ApiVersion: apiVersion,
    Direction: directionOf(call),
    ...(call.parentCallSid !== undefined && { ParentCallSid: call.parentCallSid }),
  };
  for (const who of ['From', 'To', 'Caller', 'Called']) {
    for (const what of ['City', 'State', 'Zip', 'Country']) params[who + what] = '';
  }
  return params;
}

/** The fields of a status callback: those of a voice request, and how far the call has come. */
export function progressParams(call: CarrierCall, progress: Progress, accountSid: string, nowMs: number): Record<string, string> {
  const seconds = connectedSeconds(call);
  return {
    ...voiceParams({ ...call, status: progress.status }, accountSid),
    Timestamp: rfc2822(nowMs),
    CallbackSource: 'call-progress-events',
    SequenceNumber: String(progress.sequenceNumber),
    ...(call.answeredBy !== undefined && { AnsweredBy: call.answeredBy }),
    ...(isFinal(progress.status) && {
      CallDuration: String(seconds),
      Duration: String(Math.ceil(seconds / 60)),
      ...(call.sipCode !== undefined && { SipResponseCode: String(call.sipCode) }),
    }),
  };
}

/** What some have seen beside those, and no documentation names: the switch `sendsErrorCodes`. Which codes there are is a guess. */
export function unverifiedParams(call: CarrierCall): Record<string, string> {
  const isTooMany = call.sipCode === 503;
  const error = isTooMany
    ? { ErrorCode: '10004', ErrorMessage: 'Call concurrency limit exceeded' }
    : { ErrorCode: '13224', ErrorMessage: 'Dial: Twilio does not support calling this number or the number is invalid' };
  return { StirStatus: 'A', ...(call.status === 'failed' && error) };
}

export interface Callbacks {
  /** Sends in the background; what becomes of it stands in the ledger. Requests of one call are independent, as Twilio's. */
  send(webhook: Webhook, params: Record<string, string>, ledger: LedgerWriter): void;
}

export function createCallbacks({
  client,
  faults,
  timers,
}: {
  client: WebhookClient;
  faults: FaultTable;
  timers: Timers;
}): Callbacks {
  const ways = createCallbackFaults({ faults, timers });

  async function deliver(webhook: Webhook, params: Record<string, string>, ledger: LedgerWriter): Promise<void> {
    const facts = {
      status: params['CallStatus'] ?? params['StreamEvent'] ?? params['RecordingStatus'] ?? params['AnsweredBy'],
      ...(params['SequenceNumber'] !== undefined && { sequenceNumber: Number(params['SequenceNumber']) }),
    };
    ledger.write('callback-sent', { ...facts, url: webhook.url });
    const outcome = await client.send({ ...webhook, params });
    const { attempts, tookMs } = outcome;
    if (outcome.ok) ledger.write('callback-answered', { ...facts, httpStatus: outcome.answer.status, attempts, tookMs });
    else ledger.write('callback-failed', { ...facts, failure: outcome.failure, detail: outcome.detail, attempts, tookMs });
  }

  return {
    send(webhook, params, ledger) {
      const occasion = { to: params['To'], callSid: params['CallSid'] };
      if (!ways.pass(() => deliver(webhook, params, ledger), occasion))
        ledger.write('callback-lost', { status: params['CallStatus'] });
    },
  };
}
