import { readVersion, type JobType } from '@onhook/contracts';

/** A payload that its own catalogue entry refuses. Names where, never what: a wrong payload may carry anything. */
export class JobPayloadError extends Error {
  readonly code = 'job-payload-invalid';
  constructor(queue: string, where: readonly string[]) {
    super(`A job for "${queue}" has an invalid payload (${where.join(', ')}).`);
    this.name = 'JobPayloadError';
  }
}

/** A later release has added this job: it is for a worker of that release. */
export class NewerPayload extends Error {
  readonly code = 'newer-schema';
  readonly schema: number;
  constructor(schema: number) {
    super('the job was added by a newer release');
    this.name = 'NewerPayload';
    this.schema = schema;
  }
}

/** The payload, or the record that it names, is of a newer release (`NewerSchema` of the store): another worker may know it. */
export function isForNewer(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'newer-schema';
}

/** A job for a newer release is offered again after this, */
export const OFFERED_AGAIN_MS = 1_000;
/** but not for ever: what it asked for is repeated by the record's deadline, and a stray leg is found by the reconciler. */
export const OFFERED_FOR_MS = 600_000;

/** @throws JobPayloadError, NewerPayload */
export function readPayload<P>(job: JobType<P>, given: unknown): P {
  const unversioned = readVersion(given);
  if (unversioned.isNewer) throw new NewerPayload(unversioned.schema);
  const result = job.payload.safeParse(unversioned.message);
  if (result.success) return result.data;
  const where = result.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.code}`);
  throw new JobPayloadError(job.queue, where);
}
