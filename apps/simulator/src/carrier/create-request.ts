import { refusals, type TwilioError } from './errors.js';
import type { ProgressEvent } from './call.js';
import { readNumber } from './phone-number.js';

export type HttpMethod = 'GET' | 'POST';
export type Form = Readonly<Record<string, unknown>>;

export interface Webhook {
  url: string;
  method: HttpMethod;
}

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
}

const progressEvents: readonly ProgressEvent[] = ['initiated', 'ringing', 'answered', 'completed'];
export const maxInlineTwiml = 4_000;
const defaultTimeLimitSec = 14_400;

export interface NumberPolicy {
  /** Numbers that the account may call from; any valid one if not given. */
  ownedNumbers?: ReadonlySet<string> | undefined;
}

/** Reads the form of a create as Twilio would: the order to carry out, or the refusal. */
export function readCreate(form: Form, policy: NumberPolicy): CreateOrder | { refused: TwilioError } {
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
  if (statusCallback && 'refused' in statusCallback) return statusCallback;
  return {
    to: readNumber(to)!,
    from: readNumber(from)!,
    instructions,
    ...limits,
    ...readEvents(form['StatusCallbackEvent']),
    ...(statusCallback && { statusCallback }),
  };
}

function readInstructions(form: Form): CreateOrder['instructions'] | { refused: TwilioError } {
  if (text(form, 'ApplicationSid')) return { refused: refusals.badApplication() };
  const twiml = text(form, 'Twiml');
  const webhook = readWebhook(form, 'Url', 'Method');
  // With both, Twilio ignores the document: the `<Hangup/>` in it never runs.
  if (!webhook) {
    if (!twiml) return { refused: refusals.badUrl('') };
    return twiml.length > maxInlineTwiml ? { refused: refusals.badParameter('Twiml') } : { twiml };
  }
  if ('refused' in webhook) return webhook;
  const fallback = readWebhook(form, 'FallbackUrl', 'FallbackMethod');
  if (fallback && 'refused' in fallback) return fallback;
  return { ...webhook, ...(fallback && { fallback }) };
}

/** Twilio's magic numbers of test credentials, then the account's own. */
function checkNumbers(to: string, from: string, { ownedNumbers }: NumberPolicy): TwilioError | undefined {
  const magicTo: Readonly<Record<string, (number: string) => TwilioError>> = {
    '+15005550001': refusals.notANumber,
    '+15005550002': refusals.unreachable,
    '+15005550003': refusals.noPermission,
    '+15005550004': refusals.blocked,
  };
  const caller = readNumber(from);
  const callee = readNumber(to);
  if (!callee) return refusals.badTo(to);
  if (!caller || caller === '+15005550001') return refusals.badFrom(from);
  const isMagic = caller.startsWith('+1500555');
  if (isMagic ? caller !== '+15005550006' : ownedNumbers && !ownedNumbers.has(caller)) return refusals.fromNotYours(from);
  if (callee === caller) return refusals.badTo(to);
  return magicTo[callee]?.(callee);
}

function readLimits(form: Form): Pick<CreateOrder, 'ringTimeoutSec' | 'timeLimitSec'> | { refused: TwilioError } {
  const ringTimeoutSec = readSeconds(form, 'Timeout', 60);
  if (ringTimeoutSec === undefined || ringTimeoutSec < 1 || ringTimeoutSec > 600) return { refused: refusals.badTimeout() };
  const timeLimitSec = readSeconds(form, 'TimeLimit', defaultTimeLimitSec);
  if (timeLimitSec === undefined || timeLimitSec < 1 || timeLimitSec > 86_400)
    return { refused: refusals.badParameter('TimeLimit') };
  const digits = text(form, 'SendDigits');
  if (digits !== undefined && !/^[0-9A-D#*wW]{0,32}$/.test(digits)) return { refused: refusals.badSendDigits() };
  return { ringTimeoutSec, timeLimitSec };
}

/** The parameter is repeated, once per value. One value `initiated ringing` is accepted and silences everything (21626). */
function readEvents(given: unknown): Pick<CreateOrder, 'events' | 'invalidEvents'> {
  if (given === undefined || given === '') return { events: new Set<ProgressEvent>(['completed']) };
  const values = (Array.isArray(given) ? given : [given]).map(String);
  const invalid = values.filter((value) => !progressEvents.some((known) => known === value));
  if (invalid.length > 0) return { events: new Set(), invalidEvents: invalid.join(', ') };
  return { events: new Set(progressEvents.filter((known) => values.includes(known))) };
}

export function readWebhook(form: Form, urlField: string, methodField: string): Webhook | { refused: TwilioError } | undefined {
  const url = text(form, urlField);
  if (!url) return undefined;
  if (!isWebUrl(url)) return { refused: refusals.badUrl(url) };
  const method = (text(form, methodField) ?? 'POST').toUpperCase();
  if (method !== 'GET' && method !== 'POST') return { refused: refusals.badMethod() };
  return { url, method };
}

function isWebUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && !hostname.includes('_');
}

/** A single value; the last one if the field was repeated, as form parsers of that kind do. */
export function text(form: Form, field: string): string | undefined {
  const value = form[field];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'string' ? last : undefined;
}

/** `undefined`: given, and not a whole number. */
export function readSeconds(form: Form, field: string, otherwise: number): number | undefined {
  const value = text(form, field);
  if (value === undefined || value === '') return otherwise;
  return /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}
