import twilio from 'twilio';
import type { AnsweredByCallback, CarrierInbound, RedirectEnd, StatusCallback } from '../../port.js';
import { hangUpTwiml } from './twiml.js';
import { readAnsweredBy, readCount, readSid, readStatus } from './words.js';

export interface TwilioInboundDeps {
  readonly accountSid: string;
  /** More than one while the token is being rotated. */
  readonly authToken: string | readonly string[];
  /** Where the carrier reaches our callbacks, path prefix of a proxy included. Without it no callback is genuine. */
  readonly publicUrl?: string;
  /** The media URL as it stands in the TwiML. Without it no upgrade is genuine. */
  readonly mediaPublicUrl?: string;
}

/** Everything is judged by pinned URLs: `Host` and `X-Forwarded-*` are whatever a stranger writes into them. */
export function createTwilioInbound({ accountSid, authToken, publicUrl, mediaPublicUrl }: TwilioInboundDeps): CarrierInbound {
  const tokens = typeof authToken === 'string' ? [authToken] : authToken;
  // Twilio drops user and password before it signs.
  const callbackBase = publicUrl === undefined ? undefined : withoutEndSlash(withoutUser(publicUrl));
  const media = mediaPublicUrl === undefined ? undefined : withoutEndSlash(withoutUser(mediaPublicUrl));
  const mediaPath = media === undefined ? undefined : withoutEndSlash(new URL(media).pathname);

  const isSigned = (signature: string, url: string, form: Readonly<Record<string, string | string[]>>): boolean =>
    tokens.some((token) => token !== '' && validates(token, signature, url, form));

  return {
    isGenuineCallback({ path, signature, form }) {
      if (!signature || callbackBase === undefined || !path.startsWith('/')) return false;
      return isSigned(signature, `${callbackBase}${path}`, form);
    },

    isGenuineUpgrade({ path, signature }) {
      if (!signature || media === undefined || mediaPath === undefined) return false;
      // Behind a proxy that cuts a prefix off, the end of the pinned path arrives.
      const arrived = withoutEndSlash(path);
      if (arrived === '' ? mediaPath !== '' : !arrived.startsWith('/') || !mediaPath.endsWith(arrived)) return false;
      // Twilio signs the URL as written, or with a slash at its end.
      return isSigned(signature, media, {}) || isSigned(signature, `${media}/`, {});
    },

    readStatusCallback: (form) => readStatusCallback(form, accountSid),
    readAnsweredBy: (form) => readVerdict(form, accountSid),
    readRedirectEnd: (form) => readRedirectEnd(form, accountSid),
    hangUpDocument: (words) => ({ contentType: 'text/xml; charset=utf-8', body: hangUpTwiml(words) }),
  };
}

function validates(token: string, signature: string, url: string, form: Readonly<Record<string, string | string[]>>): boolean {
  try {
    return twilio.validateRequest(token, signature, url, { ...form });
  } catch {
    // A path that is no URL was not signed by anybody.
    return false;
  }
}

function readStatusCallback(form: Readonly<Record<string, string | string[]>>, accountSid: string): StatusCallback | null {
  const sid = readSid(form['CallSid']);
  const status = readStatus(form['CallStatus']);
  if (!sid || !status || form['AccountSid'] !== accountSid) return null;
  return {
    sid,
    status,
    to: text(form['To']),
    from: text(form['From']),
    sequence: readCount(form['SequenceNumber']),
    sipCode: readCount(form['SipResponseCode']),
    // `CallDuration` is in seconds; `Duration`, beside it, in begun minutes.
    durationSec: readCount(form['CallDuration']),
    answeredBy: readAnsweredBy(form['AnsweredBy']),
    parentSid: readSid(form['ParentCallSid']),
  };
}

function readVerdict(form: Readonly<Record<string, string | string[]>>, accountSid: string): AnsweredByCallback | null {
  const sid = readSid(form['CallSid']);
  const who = readAnsweredBy(form['AnsweredBy']);
  return sid && who && form['AccountSid'] === accountSid ? { sid, who } : null;
}

function readRedirectEnd(form: Readonly<Record<string, string | string[]>>, accountSid: string): RedirectEnd | null {
  const sid = readSid(form['CallSid']);
  const status = text(form['DialCallStatus']);
  if (!sid || !/^[a-z-]{1,20}$/.test(status) || form['AccountSid'] !== accountSid) return null;
  // A transfer that an update interrupts while it rings is `completed` too, but was not bridged.
  const reached = (status === 'completed' || status === 'answered') && form['DialBridged'] !== 'false';
  return { sid, reached, status };
}

const text = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');
const withoutEndSlash = (url: string): string => url.replace(/\/+$/, '');
const withoutUser = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
