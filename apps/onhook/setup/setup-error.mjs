/** Something that the user can put right. Its message says how; no stack trace is shown. */
export class SetupError extends Error {
  code = 'setup-failed';
}

/** A signal came while something was being set up. */
export class StoppedError extends Error {
  code = 'stopped';
}
