import { CARRIER_STATUSES, isCarrierCallId, type AnsweredBy, type CarrierCallId, type CarrierStatus } from '@onhook/contracts';

/** Twilio's words become ours here, and nowhere else. */
export function readStatus(value: unknown): CarrierStatus | null {
  return CARRIER_STATUSES.find((status) => status === value) ?? null;
}

export function readSid(value: unknown): CarrierCallId | null {
  return typeof value === 'string' && isCarrierCallId(value) ? value : null;
}

/** `human`, `machine`, `machine_start`, `machine_end_beep`, `machine_end_silence`, `machine_end_other`, `fax`, `unknown`. */
export function readAnsweredBy(value: unknown): AnsweredBy | null {
  if (typeof value !== 'string') return null;
  if (value.startsWith('machine')) return 'machine';
  return value === 'human' || value === 'fax' || value === 'unknown' ? value : null;
}

/** Twilio sends numbers as text. */
export function readCount(value: unknown): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return /^\d{1,9}$/.test(String(value)) ? Number(value) : null;
}

/** The code in an error body of the API, `{code, message, more_info, status}`. */
export function readErrorCode(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || !('code' in body)) return null;
  const code = Number(body.code);
  return Number.isInteger(code) && code >= 10_000 ? code : null;
}

/** `<Say language>` wants a region. */
const REGIONS: Readonly<Record<string, string>> = {
  da: 'da-DK',
  de: 'de-DE',
  en: 'en-US',
  es: 'es-ES',
  fr: 'fr-FR',
  it: 'it-IT',
  ja: 'ja-JP',
  ko: 'ko-KR',
  nb: 'nb-NO',
  nl: 'nl-NL',
  pl: 'pl-PL',
  pt: 'pt-PT',
  ru: 'ru-RU',
  sv: 'sv-SE',
};

/** Undefined: not known, the carrier uses its own. */
export function sayLanguage(language: string): string | undefined {
  return language.includes('-') ? language : REGIONS[language];
}
