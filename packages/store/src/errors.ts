/** The outcome is unknown: Redis did not answer, or cannot serve now. Whoever asked may ask again. */
export class StoreUnavailable extends Error {
  readonly code = 'redis-unavailable';
  readonly retryable = true;
  constructor(why: string) {
    super(`Redis is not available: ${why}`);
    this.name = 'StoreUnavailable';
  }
}

/** So many writers wanted this one call that its turn did not come. Nothing was written. */
export class StoreContended extends Error {
  readonly code = 'call-contended';
  readonly retryable = true;
  constructor(tries: number) {
    super(`the call changed under each of ${tries} tries`);
    this.name = 'StoreContended';
  }
}

/** Redis said no, and will again: a fault of ours or of its configuration. */
export class StoreRefused extends Error {
  readonly code = 'redis-refused';
  readonly retryable = false;
  constructor(why: string) {
    super(`Redis refused a command: ${why}`);
    this.name = 'StoreRefused';
  }
}

/** A later release wrote this record. It was not changed: whoever runs that release can. */
export class NewerSchema extends Error {
  readonly code = 'newer-schema';
  /** By another process: this one never will. */
  readonly retryable = true;
  readonly schema: unknown;
  constructor(schema: unknown) {
    super('the record was written by a newer release');
    this.name = 'NewerSchema';
    this.schema = schema;
  }
}

/** @param error of any call into a store */
export function isNewerSchema(error: unknown): boolean {
  return error instanceof NewerSchema;
}

/** A cursor that no page gave out. */
export class BadCursor extends Error {
  readonly code = 'bad-cursor';
  readonly retryable = false;
  constructor() {
    super('the cursor is not one of ours');
    this.name = 'BadCursor';
  }
}
