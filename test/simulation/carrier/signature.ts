import { ANSWERED_BY, CARRIER_STATUSES, type CarrierCallId } from '@onhook/contracts';
import type { CarrierInbound } from '@onhook/carrier';

/*
 * The real signature and the real forms are the business of the vendor's adapter, which stays outside; here stands something as simple
 * that still tells a genuine callback from any other.
 */

export const HANG_UP_DOCUMENT = 'hang-up';

export function signatureOf(path: string, form: Readonly<Record<string, string | string[]>>): string {
  return `${path}|${Object.keys(form).length}|genuine`;
}

export function createSimInbound(): Omit<CarrierInbound, 'isGenuineUpgrade'> {
  const text = (value: string | string[] | undefined): string | null => (typeof value === 'string' ? value : null);
  const sidOf = (value: string | string[] | undefined): CarrierCallId | null => text(value) as CarrierCallId | null;
  const count = (value: string | string[] | undefined): number | null => (text(value) === null ? null : Number(value));
  return {
    isGenuineCallback: ({ path, signature, form }) => signature === signatureOf(path, form),
    readStatusCallback(form) {
      const sid = sidOf(form['CallSid']);
      const status = CARRIER_STATUSES.find((known) => known === form['CallStatus']);
      if (!sid || !status) return null;
      return {
        sid,
        status,
        to: text(form['To']) ?? '',
        from: text(form['From']) ?? '',
        sequence: count(form['SequenceNumber']),
        sipCode: count(form['SipResponseCode']),
        durationSec: count(form['CallDuration']),
        answeredBy: null,
        parentSid: sidOf(form['ParentCallSid']),
      };
    },
    readAnsweredBy(form) {
      const sid = sidOf(form['CallSid']);
      const who = ANSWERED_BY.find((known) => known === form['AnsweredBy']);
      return sid && who ? { sid, who } : null;
    },
    readRedirectEnd(form) {
      const sid = sidOf(form['CallSid']);
      const status = text(form['DialCallStatus']);
      return sid && status ? { sid, status, reached: status === 'completed' } : null;
    },
    hangUpDocument: () => ({ contentType: 'text/plain', body: HANG_UP_DOCUMENT }),
  };
}
