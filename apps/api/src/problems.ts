import type { Problem } from '@onhook/contracts';
import type { Response } from 'express';

interface ProblemFacts {
  readonly status: number;
  readonly title: string;
  /** For `/docs`: what happened, and what to do. */
  readonly doc: string;
}

/** Every answer that is not a success. `code` is stable: programs switch on it, and `/docs#problem-<code>` explains it. */
export const PROBLEMS = {
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    doc: 'The path, a header or the encoding of the request is broken.',
  },
  'malformed-json': { status: 400, title: 'The request body is not JSON', doc: 'Send one JSON object as the body.' },
  'invalid-idempotency-key': {
    status: 400,
    title: 'The Idempotency-Key cannot be used',
    doc: 'A key has 1 to 255 printable ASCII characters.',
  },
  'malformed-callback': {
    status: 400,
    title: 'Not a status callback of ours',
    doc: 'Signed by the carrier, but without a Call SID or a known status, or of another account.',
  },
  'missing-api-key': {
    status: 401,
    title: 'An API key is required',
    doc: 'Send Authorization: Bearer <key>; at /queues HTTP Basic with the key as password.',
  },
  'invalid-api-key': { status: 401, title: 'The API key is not valid', doc: 'The key is none of those in API_KEYS.' },
  'forged-callback': {
    status: 403,
    title: 'The carrier did not sign this',
    doc: 'X-Twilio-Signature is missing or does not fit PUBLIC_URL, path, form and auth token. Nothing was changed.',
  },
  'read-only': {
    status: 403,
    title: 'The queues are for looking at',
    doc: 'Jobs are hints that the records repeat by themselves: nothing may be retried, added or removed by hand.',
  },
  'not-found': { status: 404, title: 'There is nothing here', doc: 'No such route, or no call with this id.' },
  'recording-not-ready': {
    status: 404,
    title: 'There is no recording yet',
    doc: 'The call was never answered, or its recording is not complete.',
  },
  'transcript-not-ready': {
    status: 404,
    title: 'There is no transcript yet',
    doc: 'The call was never answered, nothing was said, or its conversation is not over.',
  },
  'method-not-allowed': { status: 405, title: 'This path does not know that method', doc: 'The Allow header names the methods.' },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    doc: 'Headers must arrive within 10 s, the whole request within 15 s.',
  },
  'call-not-live': { status: 409, title: 'The call has ended already', doc: 'There is nothing left to end.' },
  'payload-too-large': { status: 413, title: 'The request body is too large', doc: 'A body has at most 64 KB.' },
  'unsupported-media-type': {
    status: 415,
    title: 'The request body has the wrong type',
    doc: 'Send Content-Type: application/json in UTF-8 (the carrier: a form).',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'The recording has no such range',
    doc: 'The Range header asks for bytes beyond the end of the file.',
  },
  'validation-failed': {
    status: 422,
    title: 'The request is not valid',
    doc: 'errors names every field that is wrong: a JSON pointer, a code of the table below, and where possible what was meant.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    doc: 'The same key within 24 h came with another body. Nothing was created; use a fresh key.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The request headers are too large',
    doc: 'All headers together have at most 16 KB.',
  },
  'internal-error': { status: 500, title: 'A fault of ours', doc: 'The log has it under the requestId.' },
  'newer-release': {
    status: 503,
    title: 'The call belongs to a newer release',
    doc: 'A newer release of Onhook wrote its record, and this process leaves it alone. Try again: another process answers, or upgrade this one.',
  },
  'redis-unavailable': {
    status: 503,
    title: 'The datastore does not answer',
    doc: 'Try again after Retry-After. It is not known whether the request took effect: a POST is safely repeated with the same Idempotency-Key.',
  },
} as const satisfies Record<string, ProblemFacts>;
export type ProblemCode = keyof typeof PROBLEMS;

/** `errors[].code` of `validation-failed`. */
export const FIELD_ERRORS = {
  required: 'The field is missing.',
  'invalid-type': 'The value has the wrong JSON type.',
  'invalid-value': 'The value is not one of those allowed.',
  'invalid-format': 'The text has the wrong form.',
  'too-small': 'The value is too small or too short.',
  'too-big': 'The value is too large or too long.',
  'unrecognized-key': 'There is no such field; suggestion may name the one that was meant.',
  'not-e164': 'Not a number in E.164: a plus sign, the country code, the number, digits only, at most 15 of them.',
  'emergency-number': 'Emergency services are never dialed.',
  'short-number': 'Too few digits for its country: short codes and service numbers are never dialed.',
  'not-dialable': 'No telephone can have this number.',
  'number-type-refused': 'Premium-rate, shared-cost, satellite and similar numbers are never dialed.',
  'unknown-caller-id': 'from is none of the configured FROM_NUMBERS.',
  'calls-itself': 'to and from are the same number.',
  'unknown-agent': 'There is no agent with this id.',
  'missing-variable': 'The agent uses this variable, and neither the call nor the agent gives it.',
  'agent-required': 'There are several agents: agentId must choose one.',
  'schedule-impossible': 'latestAt has passed, or is not after earliestAt.',
  'invalid-cursor': 'The cursor is not one that a page before has given.',
} as const;
export type FieldErrorCode = keyof typeof FIELD_ERRORS;

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
