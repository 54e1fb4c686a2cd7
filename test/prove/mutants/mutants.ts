/** A bug that is planted on purpose. It must be found by somebody who does not know of it. */
export interface Mutant {
  readonly name: string;
  /** The sentence that a user would say of a system with this bug. */
  readonly breaks: string;
  /** Beside this file, in `patches/`. */
  readonly patch: string;
  /** Behaviour tests one of which must go red. */
  readonly tests: readonly string[];
  /** The simulation finds it as well; `weather`: its ablation, what hides the bug is switched off. */
  readonly isSimulated: boolean;
}

const mutant = (name: string, breaks: string, tests: readonly string[], isSimulated = true): Mutant => ({
  name,
  breaks,
  patch: `${name}.patch`,
  tests,
  isSimulated,
});

/** Those of PROOF.md. */
export const mutants: readonly Mutant[] = [
  mutant('pause-for-hangup', 'a call stays up when its gateway dies', ['packages/carrier/src/adapters/twilio']),
  mutant('post-before-record', 'a phone rings, and nobody knows of it', ['apps/dialer/src']),
  mutant('create-again-on-5xx', 'a phone rings twice', ['packages/carrier/src/adapters/twilio', 'apps/dialer/src']),
  mutant('stale-grant-posts', 'a call is placed long after it was allowed', ['apps/dialer/src']),
  mutant('repeated-callback-is-news', 'an old word ends a new attempt', ['packages/call/src']),
  mutant('default-lock', 'a job is done twice', ['packages/queue/src'], false),
  mutant('fixed-job-id', 'a call waits for ever, because its job was done once', ['packages/queue/src'], false),
  mutant('feed-for-outbox', 'an event is never told', ['packages/store/src'], false),
  mutant('deadline-without-identity', 'an old deadline ends a healthy call', ['packages/call/src']),
  mutant('no-grace-after-outage', 'an outage of Redis ends live calls', ['apps/hangup/src']),
  mutant('age-based-reaper', 'a long call is cut', ['apps/hangup/src']),
  mutant('one-look-is-enough', 'somebody else’s call is hung up', ['apps/hangup/src']),
  mutant('callback-overwrites', 'a late callback makes an ended call ring again', ['packages/call/src']),
  mutant('fence-of-one-second', 'two calls ring at one phone', ['apps/dialer/src']),
  mutant('spent-token-opens', 'a stranger with an old token hears the agent', ['apps/gateway/src', 'packages/call/src']),
  mutant('media-close-ends-transfer', 'a transferred call is cut', ['packages/call/src', 'apps/gateway/src']),
];
