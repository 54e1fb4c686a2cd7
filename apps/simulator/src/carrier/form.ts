import { refusals, type TwilioError } from './errors.js';

export type HttpMethod = 'GET' | 'POST';
/** A parsed form body: repeated fields are arrays. */
export type Form = Readonly<Record<string, unknown>>;

export interface Webhook {
  url: string;
  method: HttpMethod;
}

export interface Refused {
  refused: TwilioError;
}

export function isRefused(value: object | undefined): value is Refused {
  return value !== undefined && 'refused' in value;
}

export function readWebhook(form: Form, urlField: string, methodField: string): Webhook | Refused | undefined {
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

/** Every value of a field that may be repeated; an empty one counts as not given. */
export function texts(form: Form, field: string): string[] {
  const value = form[field];
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '');
}

/** `undefined`: given, and not a whole number. */
export function readSeconds(form: Form, field: string, otherwise: number): number | undefined {
  const value = text(form, field);
  if (value === undefined || value === '') return otherwise;
  return /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}

/** A whole number within bounds; the default if it was not given. */
export function readWithin(form: Form, field: string, min: number, max: number, otherwise: number): number | Refused {
  const value = readSeconds(form, field, otherwise);
  return value === undefined || value < min || value > max ? { refused: refusals.badParameter(field) } : value;
}

/** One of a few words, whatever its case; the first of them if it was not given. */
export function readWord<Word extends string>(form: Form, field: string, words: readonly [Word, ...Word[]]): Word | Refused {
  const value = text(form, field);
  if (value === undefined || value === '') return words[0];
  return words.find((word) => word.toLowerCase() === value.toLowerCase()) ?? { refused: refusals.badParameter(field) };
}
