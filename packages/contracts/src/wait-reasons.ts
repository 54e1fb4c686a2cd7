interface WaitFacts {
  /** One line: why it waits, and what to do where something can be done. */
  readonly hint: string;
}

/** Why calls wait: one vocabulary for records, logs, API and documentation. */
export const WAIT_REASONS = {
  'not-before': { hint: 'It is not to be dialed before this moment.' },
  redial: { hint: 'The last attempt is followed by another one at this moment.' },
  'from-not-configured': { hint: 'The number to call from is none of FROM_NUMBERS (any more).' },
  'from-numbers-busy': { hint: 'Each number that it may be called from is at its own limit.' },
  'destination-busy': { hint: 'Another call to the same number is under way: no phone is rung twice at a time.' },
  'attempts-per-day': { hint: 'This number was dialed as often as is allowed within 24 hours.' },
  'outside-calling-window': { hint: 'It is not the time of day to call this number.' },
  'campaign-not-running': { hint: 'Its campaign is paused, not started, or over.' },
  'campaign-changed': { hint: 'Its campaign was edited; its calling window is worked out anew.' },
  'campaign-max-concurrent': { hint: 'Its campaign has as many calls in flight as it may.' },
  'campaign-calls-per-second': { hint: 'Its campaign dials as fast as it may.' },
  'campaign-budget': { hint: 'The minutes or the money of its campaign are spent, or held back for calls in flight.' },
  'call-exceeds-budget': { hint: 'Less is left of the day’s minutes or money than this call might use.' },
  'kill-switch': { hint: 'Dialing was switched off by an operator.' },
  'max-concurrent': { hint: 'As many calls are in flight as may be (MAX_CONCURRENT_CALLS).' },
  'calls-per-second': { hint: 'The account dials as fast as it may (CALLS_PER_SECOND).' },
  'no-gateway-seat': { hint: 'Every gateway has as many calls in flight as it has seats (SEATS), or none is there.' },
  'minutes-per-day': { hint: 'The minutes of this day (UTC) are spent, or held back for calls in flight.' },
  'money-per-day': { hint: 'The money of this day (UTC) is spent, or held back for calls in flight.' },
  'store-restarted': {
    hint: 'Redis restarted or failed over after the call was created; in case it has lost a dial of this call, that one gets time to show.',
  },
  'carrier-list-away': {
    hint: 'Redis restarted or failed over, and the carrier’s list, which would show a dial that Redis has lost, cannot be read.',
  },
} as const satisfies Record<string, WaitFacts>;

export type WaitReason = keyof typeof WAIT_REASONS;

export function isWaitReason(text: string): text is WaitReason {
  return Object.hasOwn(WAIT_REASONS, text);
}
