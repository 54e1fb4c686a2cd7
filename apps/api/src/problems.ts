import { PROBLEMS, type FieldErrorCode, type Problem, type ProblemCode } from '@onhook/contracts';
import type { Response } from 'express';

export type { FieldErrorCode, ProblemCode };

export interface FieldError {
  /** RFC 6901; a query parameter stands like a field of the top level. */
  readonly pointer: string;
  readonly code: FieldErrorCode;
  readonly message: string;
  readonly suggestion?: string;
}

export interface ProblemExtras {
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with `application/problem+json` (RFC 9457). Never tells more than the catalogue and `extras` say. */
export function refuse(response: Response, code: ProblemCode, extras: ProblemExtras = {}): void {
  for (const [name, value] of Object.entries(extras.headers ?? {})) response.setHeader(name, value);
  const requestId = response.getHeader('X-Request-Id');
  response
    .status(PROBLEMS[code].status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(code, extras, typeof requestId === 'string' ? requestId : undefined)));
}

export function problem(code: ProblemCode, { detail, errors }: ProblemExtras, requestId?: string): Problem {
  const { status, title } = PROBLEMS[code];
  return {
    type: `/docs#problem-${code}`,
    title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(requestId !== undefined && { requestId }),
    ...(errors && { errors: [...errors] }),
  };
}

export function refuseFields(response: Response, errors: readonly FieldError[]): void {
  refuse(response, 'validation-failed', {
    detail: errors.length === 1 ? '1 field is wrong' : `${errors.length} fields are wrong`,
    errors,
  });
}
