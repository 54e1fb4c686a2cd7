import type { JobType } from '@onhook/contracts';

/** A payload that its own catalogue entry refuses. Names where, never what: a wrong payload may carry anything. */
export class JobPayloadError extends Error {
  readonly code = 'job-payload-invalid';
  constructor(queue: string, where: readonly string[]) {
    super(`A job for "${queue}" has an invalid payload (${where.join(', ')}).`);
    this.name = 'JobPayloadError';
  }
}

/** @throws JobPayloadError */
export function readPayload<P>(job: JobType<P>, given: unknown): P {
  const result = job.payload.safeParse(given);
  if (result.success) return result.data;
  const where = result.error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.code}`);
  throw new JobPayloadError(job.queue, where);
}
