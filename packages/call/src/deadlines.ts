import type { Attempt, Call, CallIn, Policy } from './call.js';
import type { CallWithLeg } from './questions.js';

/*
 * Every moment at which the watchdog looks. All of them are Redis milliseconds; none is a promise to be punctual: a deadline
 * that passes late is a deadline that passes.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** A wake of the dialer may be lost; a busy account must not be asked every minute for ever. */
const QUEUED_FIRST_MS = MINUTE;
const QUEUED_LONGEST_MS = 15 * MINUTE;
/** Without a latest moment of its own a call still ends: nobody expects a call that was asked for a week ago. */
const PATIENCE_MS = 7 * DAY;
/** Longer than a create may take (15 s) and be committed: whoever is later than this is believed to be dead. */
const DIALING_MS = 20 * SECOND;
/** When the carrier's list is searched, after the POST: lists lag, so the steps double. */
const LOOKS_AFTER_MS = [2, 5, 10, 20, 40, 80, 160].map((seconds) => seconds * SECOND);
const LOOK_EVERY_MS = MINUTE;
/** What a carrier that ends a leg by itself may need beyond its own limits. */
const CARRIER_SLACK_MS = MINUTE;
/** Accepted and still not ringing: the callbacks may be lost, so ask. */
const PLACED_ASK_MS = 20 * SECOND;
/** Asked, and still waiting inside the carrier. */
const PLACED_GIVE_UP_MS = 10 * SECOND;
/** Twilio may ring about 5 s longer than its `Timeout`, and the callback must come. */
const RINGING_SLACK_MS = 15 * SECOND;
/** Twilio opens the stream well under a second after the answer. */
const NO_MEDIA_MS = 10 * SECOND;
/** The gateway ends a conversation that is too long by itself, politely; this is for a gateway that does not. */
const MAX_DURATION_SLACK_MS = 10 * SECOND;
/** For the last words that an operator gave. */
const WORDS_MS = 20 * SECOND;
/** From the redirect to the child's first callback or the closing of the stream. */
const TRANSFER_MS = 10 * SECOND;
/** Longer than a request to the carrier may take to be carried out after we stopped to wait for its answer. */
const REDIRECT_MAY_RUN_MS = 30 * SECOND;
/** What the carrier's time limit has over ours, so that it is the last layer and not the first. */
const TIME_LIMIT_SLACK_SEC = 30;
/** Twilio refuses a `TimeLimit` below this. */
const TIME_LIMIT_FLOOR_SEC = 60;
const ENDING_ROUNDS_MS = [SECOND, 2 * SECOND, 4 * SECOND];
/** So that a thousand calls ended at once do not ask the carrier in step. Fixed for a call, for the core knows no chance. */
const ENDING_SPREAD_MS = 250;
const SETTLING_FIRST_MS = 2 * SECOND;
const SETTLING_LONGEST_MS = MINUTE;
/**
 * What the carrier's bare `completed` in mid-conversation meant, only the gateway that held the stream can tell. A live one does so
 * at once, and after a Redis outage within the 5 s of its longest pause between two tries.
 */
const OWNER_WORD_MS = 8 * SECOND;
/** About six minutes of trying. */
const SETTLING_ROUNDS = 10;
/** Before an end is given up as unproven, so that an outage of ours never takes the place of a question to the carrier. */
const ENDING_ROUNDS_AT_LEAST = 3;
const LOOKS_AT_LEAST = 2;

/** `TimeLimit` of the create: the carrier's own end of a leg, seconds from the answer. */
export function timeLimitSec(policy: Policy): number {
  return Math.max(TIME_LIMIT_FLOOR_SEC, policy.maxDurationSec + TIME_LIMIT_SLACK_SEC);
}

/**
 * How long an attempt may count against the limits of admission, from its dial: until the carrier must have ended the leg, a
 * transfer begun at the last moment included (set `transferLimitSec` to 0 where there are no targets). Nobody renews it;
 * settling frees it early.
 */
export function leaseMs(policy: Policy): number {
  return policy.ringTimeoutSec * SECOND + longestLegMs(policy) + CARRIER_SLACK_MS;
}

/** From the answer on: what the carrier may bill at most. */
export function longestLegMs(policy: Policy): number {
  const untilTransferEnds =
    policy.transferLimitSec > 0
      ? policy.maxDurationSec * SECOND + MAX_DURATION_SLACK_MS + (policy.transferLimitSec + TIME_LIMIT_SLACK_SEC) * SECOND
      : 0;
  return Math.max(timeLimitSec(policy) * SECOND, untilTransferEnds);
}

/** The moment after which this call is not dialed any more. */
export function latestMoment(call: { readonly policy: Policy; readonly createdAt: number }): number {
  return call.policy.latestAt ?? call.createdAt + PATIENCE_MS;
}

/** For a new call that names no latest moment: a week after it could first have been dialed. */
export function defaultLatestAt(notBefore: number): number {
  return notBefore + PATIENCE_MS;
}

export function scheduledDeadline(notBefore: number, latest: number): number {
  return Math.min(notBefore, latest);
}

/** @param wakes how often the dialer was woken in vain */
export function queuedDeadline(at: number, wakes: number, latest: number): number {
  return Math.min(at + Math.min(QUEUED_FIRST_MS * 2 ** wakes, QUEUED_LONGEST_MS), latest);
}

export function dialingDeadline(dialedAt: number): number {
  return dialedAt + DIALING_MS;
}

/** The next look at the carrier's list after `at`. */
export function unconfirmedDeadline(attempt: Attempt, policy: Policy, at: number): number {
  const sincePost = at - attempt.dialedAt;
  const listed = LOOKS_AFTER_MS.find((look) => look > sincePost);
  const look = listed === undefined ? at + LOOK_EVERY_MS : attempt.dialedAt + listed;
  return notBeyond(submissionLostAt(attempt, policy), look, at);
}

/** Looked for long enough: the carrier itself has ended a leg of which nothing was ever heard. */
export function isSubmissionLost(call: CallIn<'unconfirmed'>, attempt: Attempt, at: number): boolean {
  return call.looks >= LOOKS_AT_LEAST && at >= submissionLostAt(attempt, call.policy);
}

function submissionLostAt(attempt: Attempt, policy: Policy): number {
  return attempt.dialedAt + policy.ringTimeoutSec * SECOND + timeLimitSec(policy) * SECOND + CARRIER_SLACK_MS;
}

export function placedDeadline(at: number): number {
  return at + PLACED_ASK_MS;
}

/** After the carrier was asked. Once it said `initiated` the leg is on its way: some routes take long to ring, some never say so. */
export function placedGiveUpAt(attempt: Attempt, policy: Policy, at: number): number {
  return attempt.carrierStatus === 'initiated' ? ringingDeadline(policy, at) : at + PLACED_GIVE_UP_MS;
}

export function ringingDeadline(policy: Policy, at: number): number {
  return at + policy.ringTimeoutSec * SECOND + RINGING_SLACK_MS;
}

export function answeredDeadline(at: number): number {
  return at + NO_MEDIA_MS;
}

export function bridgedDeadline(answeredAt: number, policy: Policy): number {
  return answeredAt + policy.maxDurationSec * SECOND + MAX_DURATION_SLACK_MS;
}

export function wordsDeadline(at: number, answeredAt: number, policy: Policy): number {
  return Math.min(at + WORDS_MS, bridgedDeadline(answeredAt, policy));
}

export function transferDeadline(at: number, answeredAt: number, policy: Policy): number {
  return Math.min(at + TRANSFER_MS, bridgedDeadline(answeredAt, policy));
}

/** A stream that closes now may have been taken away by a redirect whose answer was lost. */
export function redirectMayRun({ transferAskedAt }: Attempt, at: number): boolean {
  return transferAskedAt !== null && at - transferAskedAt < REDIRECT_MAY_RUN_MS;
}

export function transferredDeadline(policy: Policy, at: number): number {
  return at + policy.transferLimitSec * SECOND + MAX_DURATION_SLACK_MS;
}

/** @param rounds how many rounds have passed */
export function endingDeadline(call: CallWithLeg, attempt: Attempt, rounds: number, at: number): number {
  const step = ENDING_ROUNDS_MS[Math.min(rounds, ENDING_ROUNDS_MS.length - 1)] ?? SECOND;
  return notBeyond(endUnprovenAt(attempt, call.policy), at + step + spreadMs(call), at);
}

/** Asked for long enough: the carrier's own time limit has ended every leg. */
export function isEndUnproven(call: CallIn<'ending'>, attempt: Attempt, at: number): boolean {
  return call.rounds >= ENDING_ROUNDS_AT_LEAST && at >= endUnprovenAt(attempt, call.policy);
}

/** The time limit that a redirect may have raised included. */
function endUnprovenAt(attempt: Attempt, policy: Policy): number {
  const answeredAt = attempt.answeredAt ?? attempt.dialedAt + policy.ringTimeoutSec * SECOND;
  const limit = answeredAt + timeLimitSec(policy) * SECOND;
  const raised =
    attempt.transferAskedAt === null ? 0 : attempt.transferAskedAt + (policy.transferLimitSec + TIME_LIMIT_SLACK_SEC) * SECOND;
  return Math.max(limit, raised) + CARRIER_SLACK_MS;
}

export function settlingDeadline(rounds: number, at: number): number {
  return at + Math.min(SETTLING_FIRST_MS * 2 ** rounds, SETTLING_LONGEST_MS);
}

/** @returns until when the end that was only concluded waits for the owner's own word; null if none is owed */
export function ownerWordUntil({ attempts, owner }: CallIn<'settling'>): number | null {
  const over = attempts.at(-1)?.over;
  // `gateway-lost` was concluded from the owner's silence: there is nobody to wait for.
  const isOwed = owner !== null && over?.concluded?.cause === true && over.cause !== 'gateway-lost';
  return isOwed ? over.at + OWNER_WORD_MS : null;
}

/** The next round of settling; at the latest when the owner's word is waited for no longer. */
export function nextSettlingDeadline(call: CallIn<'settling'>, rounds: number, at: number): number {
  const until = ownerWordUntil(call);
  const step = settlingDeadline(rounds, at);
  return until === null ? step : notBeyond(until, step, at);
}

/** What settling has to free has run out by itself, and enough rounds were tried: nothing is left to wait for. */
export function isSettledByItself(call: CallIn<'settling'>, at: number): boolean {
  const attempt = call.attempts.at(-1);
  return call.rounds >= SETTLING_ROUNDS && (!attempt || at >= attempt.dialedAt + leaseMs(call.policy));
}

/** The carrier ended a leg of this duration (seconds) by its own time limit. A redirect may have raised that. */
export function reachedTimeLimit(call: CallWithLeg, durationSec: number | undefined): boolean {
  const raised = (call.attempts.at(-1)?.transferAskedAt ?? null) !== null;
  return !raised && durationSec !== undefined && durationSec >= timeLimitSec(call.policy);
}

/** After an outage the bound may have passed already: then only the step counts, for somebody must ask once more. */
function notBeyond(bound: number, step: number, at: number): number {
  return bound > at ? Math.min(step, bound) : step;
}

function spreadMs(call: Call): number {
  let sum = 0;
  for (const letter of call.callId) sum = (sum * 31 + letter.charCodeAt(0)) % ENDING_SPREAD_MS;
  return sum;
}
