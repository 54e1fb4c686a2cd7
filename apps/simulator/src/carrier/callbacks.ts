import type { Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import { connectedSeconds, isFinal, type CarrierCall, type Progress } from './call.js';
import { apiVersion, rfc2822 } from './call-resource.js';
import type { Webhook } from './create-request.js';
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
    Direction: 'outbound-api',
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
    ...(isFinal(progress.status) && {
      CallDuration: String(seconds),
      Duration: String(Math.ceil(seconds / 60)),
      ...(call.sipCode !== undefined && { SipResponseCode: String(call.sipCode) }),
    }),
  };
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
  async function deliver(webhook: Webhook, params: Record<string, string>, ledger: LedgerWriter): Promise<void> {
    const facts = {
      status: params['CallStatus'] ?? params['StreamEvent'],
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
      if (faults.strikes('callback-lost')) return ledger.write('callback-lost', { status: params['CallStatus'] });
      const late = faults.strikes('callback-late');
      const start = (): void => void deliver(webhook, params, ledger);
      const startTwice = faults.strikes('callback-twice') ? (): void => (start(), start()) : start;
      if (late) timers.after(late.delayMs, startTwice);
      else startTwice();
    },
  };
}
