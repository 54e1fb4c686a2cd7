import type { components } from './schema.js';

type Problem = components['schemas']['Problem'];

/** What the API refused, and why. Switch on `code`. */
export class OnhookProblem extends Error {
  readonly status: number;
  /** Stable; `/docs#problem-<code>` explains it. */
  readonly code: string;
  readonly errors: NonNullable<Problem['errors']>;
  /** Give it to whoever runs the server. */
  readonly requestId: string | undefined;
  /** After so many seconds it may work. */
  readonly retryAfterSec: number | undefined;

  constructor(response: Response, problem: Partial<Problem>) {
    const fields = (problem.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`);
    super([`${response.status} ${problem.title ?? response.statusText}`, problem.detail, ...fields].filter(Boolean).join('; '));
    this.name = 'OnhookProblem';
    this.status = response.status;
    this.code = problem.code ?? 'unknown';
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId ?? response.headers.get('x-request-id') ?? undefined;
    const after = Number(response.headers.get('retry-after') ?? 'none');
    this.retryAfterSec = Number.isFinite(after) ? after : undefined;
  }
}
