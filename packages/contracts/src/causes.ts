/** Why calls end: one vocabulary for records, logs, API and documentation. */
export const CAUSE_GROUPS = ['completed', 'not-connected', 'not-dialed', 'stopped', 'error'] as const;
export type CauseGroup = (typeof CAUSE_GROUPS)[number];

interface CauseFacts {
  readonly group: CauseGroup;
  /** One line: what happened, and what to do where something can be done. */
  readonly hint: string;
}

export const CAUSES = {
  'callee-hung-up': { group: 'completed', hint: 'The callee hung up.' },
  'agent-ended-call': { group: 'completed', hint: 'The voice agent said goodbye and ended the call.' },
  transferred: { group: 'completed', hint: 'The call was transferred and ended there.' },
  voicemail: { group: 'completed', hint: 'A machine answered; the policy was to hang up.' },
  'voicemail-message-left': { group: 'completed', hint: 'A machine answered; the configured message was left.' },
  'silence-timed-out': { group: 'completed', hint: 'Nobody spoke for the configured time.' },
  'max-duration': { group: 'completed', hint: 'The call reached its longest allowed duration.' },
  'no-answer': { group: 'not-connected', hint: 'Nobody answered within the ring timeout, or the callee declined.' },
  busy: { group: 'not-connected', hint: 'The line was busy.' },
  'invalid-number': { group: 'not-connected', hint: 'The carrier does not know this number.' },
  'carrier-rejected': { group: 'not-connected', hint: 'The carrier refused the call; see the carrier code.' },
  'dial-failed': { group: 'not-connected', hint: 'The carrier could not connect the call.' },
  'dial-expired': { group: 'not-connected', hint: 'The call waited too long inside the carrier and was withdrawn.' },
  'submission-lost': {
    group: 'not-connected',
    hint: 'It is not known whether the carrier got the request; it was not repeated, so that no phone rings twice.',
  },
  canceled: { group: 'not-dialed', hint: 'The call was canceled before it was dialed.' },
  expired: { group: 'not-dialed', hint: 'The latest allowed moment passed before the call could be dialed.' },
  'do-not-call': { group: 'not-dialed', hint: 'The number is on the do-not-call list.' },
  'country-not-allowed': { group: 'not-dialed', hint: 'Calls to this country are not allowed. See ALLOWED_COUNTRIES.' },
  'number-type-not-allowed': {
    group: 'not-dialed',
    hint: 'Calls to this type of number are not allowed. See ALLOWED_NUMBER_TYPES.',
  },
  'operator-ended-call': { group: 'stopped', hint: 'An operator ended the call through the API.' },
  'worker-shutdown': { group: 'stopped', hint: 'The gateway process was stopped while the call was live.' },
  'agent-connect-failed': { group: 'error', hint: 'The voice agent could not be reached. Check the agent URL and key.' },
  'agent-lost': { group: 'error', hint: 'The connection to the voice agent broke and could not be restored.' },
  'no-media': { group: 'error', hint: 'The call was answered but the carrier opened no media stream. Check MEDIA_PUBLIC_URL.' },
  'media-lost': { group: 'error', hint: 'The media stream broke without a word from the carrier.' },
  'gateway-lost': { group: 'error', hint: 'The gateway process that held the call died or froze.' },
  'transfer-failed': { group: 'error', hint: 'The transfer did not come about.' },
  'internal-error': { group: 'error', hint: 'A fault of ours; see the log with this call id.' },
} as const satisfies Record<string, CauseFacts>;

export type Cause = keyof typeof CAUSES;
export const CAUSE_NAMES = Object.keys(CAUSES) as [Cause, ...Cause[]];
