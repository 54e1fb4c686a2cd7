import { refusals } from './errors.js';
import type { ProgressEvent } from './call.js';
import { isRefused, readSeconds, readWebhook, text, type Form, type Refused, type Webhook } from './form.js';
import { readMachineDetection, type MachineDetection } from './machine-detection.js';
import { checkNumbers, type NumberPolicy } from './number-policy.js';
import { readNumber } from './phone-number.js';
import { readRecordingOrder, type RecordingOrder } from './recording-order.js';

export type { Webhook } from './form.js';

/** What a valid `POST /Calls.json` asks for. */
export interface CreateOrder {
  to: string;
  from: string;
  /** Inline document, or where to fetch it. */
  instructions: { twiml: string } | (Webhook & { fallback?: Webhook });
  statusCallback?: Webhook;
  events: ReadonlySet<ProgressEvent>;
  /** Twilio error 21626: accepted, and no callback is ever sent. */
  invalidEvents?: string;
  ringTimeoutSec: number;
  timeLimitSec: number;
  /** Keys that are played to the callee as soon as it answers, before the document. */
  sendDigits?: string;
  machineDetection?: MachineDetection;
  recording?: RecordingOrder;
  /** Where the customer reached the REST API. */
  apiUrl?: string;
}

const progressEvents: readonly ProgressEvent[] = ['initiated', 'ringing', 'answered', 'completed'];
export const maxInlineTwiml = 4_000;
const defaultTimeLimitSec = 14_400;

/** Reads the form of a create as Twilio would: the order to carry out, or the refusal. */
export function readCreate(form: Form, policy: NumberPolicy): CreateOrder | Refused {
  const to = text(form, 'To');
  const from = text(form, 'From');
  if (!to) return { refused: refusals.noTo() };
  if (!from) return { refused: refusals.noFrom() };
  const instructions = readInstructions(form);
  if ('refused' in instructions) return instructions;
  const numberFault = checkNumbers(to, from, policy);
  if (numberFault) return { refused: numberFault };
  const limits = readLimits(form);
  if ('refused' in limits) return limits;
  const statusCallback = readWebhook(form, 'StatusCallback', 'StatusCallbackMethod');
  if (isRefused(statusCallback)) return statusCallback;
  const machineDetection = readMachineDetection(form);
  if (isRefused(machineDetection)) return machineDetection;
  const recording = readRecordingOrder(form);
  if (isRefused(recording)) return recording;
  return {
    to: readNumber(to)!,
    from: readNumber(from)!,
    instructions,
    ...limits,
    ...readEvents(form['StatusCallbackEvent']),
    ...(statusCallback && { statusCallback }),
    ...(machineDetection && { machineDetection }),
    ...(recording && { recording }),
  };
}

function readInstructions(form: Form): CreateOrder['instructions'] | Refused {
  // What preceded machine detection, long ago; a program that still sends it is told so.
  if (text(form, 'IfMachine')) return { refused: refusals.obsoleteIfMachine() };
  if (text(form, 'ApplicationSid')) return { refused: refusals.badApplication() };
  const twiml = text(form, 'Twiml');
  const webhook = readWebhook(form, 'Url', 'Method');
  // With both, Twilio ignores the document: the `<Hangup/>` in it never runs.
  if (!webhook) {
    if (!twiml) return { refused: refusals.badUrl('') };
    return twiml.length > maxInlineTwiml ? { refused: refusals.badParameter('Twiml') } : { twiml };
  }
  if (isRefused(webhook)) return webhook;
  const fallback = readWebhook(form, 'FallbackUrl', 'FallbackMethod');
  if (isRefused(fallback)) return fallback;
  return { ...webhook, ...(fallback && { fallback }) };
}

function readLimits(form: Form): Pick<CreateOrder, 'ringTimeoutSec' | 'timeLimitSec' | 'sendDigits'> | Refused {
  const ringTimeoutSec = readSeconds(form, 'Timeout', 60);
  if (ringTimeoutSec === undefined || ringTimeoutSec < 1 || ringTimeoutSec > 600) return { refused: refusals.badTimeout() };
  const timeLimitSec = readSeconds(form, 'TimeLimit', defaultTimeLimitSec);
  if (timeLimitSec === undefined || timeLimitSec < 1 || timeLimitSec > 86_400)
    return { refused: refusals.badParameter('TimeLimit') };
  const digits = text(form, 'SendDigits');
  if (digits !== undefined && !/^[0-9A-D#*wW]{0,32}$/.test(digits)) return { refused: refusals.badSendDigits() };
  return { ringTimeoutSec, timeLimitSec, ...(digits && { sendDigits: digits }) };
}

/** The parameter is repeated, once per value. One value `initiated ringing` is accepted and silences everything (21626). */
function readEvents(given: unknown): Pick<CreateOrder, 'events' | 'invalidEvents'> {
  if (given === undefined || given === '') return { events: new Set<ProgressEvent>(['completed']) };
  const values = (Array.isArray(given) ? given : [given]).map(String);
  const invalid = values.filter((value) => !progressEvents.some((known) => known === value));
  if (invalid.length > 0) return { events: new Set(), invalidEvents: invalid.join(', ') };
  return { events: new Set(progressEvents.filter((known) => values.includes(known))) };
}
