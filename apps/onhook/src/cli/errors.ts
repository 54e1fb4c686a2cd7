/** What the user did wrong with the command itself: exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** What was asked for did not succeed, and this is why: exit code 1. */
export class CommandFailed extends Error {
  readonly code = 'failed';
}

/** The api did not answer, or said that it cannot now: it may in a moment. */
export class Unreachable extends CommandFailed {}

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
