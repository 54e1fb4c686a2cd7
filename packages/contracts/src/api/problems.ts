import { z } from 'zod';

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
  'invalid-api-key': {
    status: 401,
    title: 'The API key is not valid',
    doc: 'There is no such key, or it was revoked, rotated, or has expired.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The API key may not do this',
    doc: 'The key is valid, and its scopes do not cover this route: detail names the scope that does.',
  },
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
  'no-recording': {
    status: 404,
    title: 'There is no recording',
    doc: 'The call has ended, and it was never answered, or not recorded, or the disk failed.',
  },
  'recording-not-ready': {
    status: 409,
    title: 'There is no recording yet',
    doc: 'The call has not ended, or its recording is being completed: try again after Retry-After, or wait for the event call.recording_ready.',
  },
  'call-not-ended': {
    status: 409,
    title: 'The call has not ended',
    doc: 'A call that lives needs its number and what it is about: end or cancel it first, then erase it.',
  },
  'call-erased': {
    status: 410,
    title: 'The call was erased',
    doc: 'Somebody asked for its personal data to be erased: what was said, its recording, the number, variables and metadata are gone for good.',
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
  'call-not-cancelable': {
    status: 409,
    title: 'The call is being dialed, or has been',
    doc: 'Only a call that waits is canceled; POST …/end ends it whatever it does.',
  },
  'call-not-changeable': {
    status: 409,
    title: 'The call does not wait any more',
    doc: 'Only a call that is scheduled or queued is changed.',
  },
  'call-not-over': {
    status: 409,
    title: 'The call has not ended',
    doc: 'Only a call that has ended is taken up again: no phone rings twice at a time.',
  },
  'call-not-live': { status: 409, title: 'The call has ended already', doc: 'There is nothing left to end.' },
  'campaign-state-conflict': {
    status: 409,
    title: 'The campaign is in no state for that',
    doc: 'detail says in which state it is. A draft is started, a running campaign paused, a paused one resumed; what was canceled stays canceled.',
  },
  'idempotency-in-progress': {
    status: 409,
    title: 'The first request with this Idempotency-Key still runs',
    doc: 'Try again after Retry-After: then its answer is replayed.',
  },
  'answer-not-kept': {
    status: 409,
    title: 'The request was done before, and its answer cannot be shown again',
    doc: 'The answer held a secret, which is shown once and kept nowhere. Nothing was done again; make another one with a fresh Idempotency-Key.',
  },
  'too-many-endpoints': {
    status: 409,
    title: 'There are too many webhook endpoints',
    doc: 'There are at most 50, with wh_call: each event is sent to each of them. Remove one, or have one receiver pass events on.',
  },
  'not-for-single-calls': {
    status: 409,
    title: 'wh_call has no address of its own',
    doc: 'It stands for the webhookUrl of single calls. Its secret can be rotated, nothing else.',
  },
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
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    doc: 'This API key has used up its requests of the running minute: try again after Retry-After. The RateLimit header tells how many are left.',
  },
  'too-many-streams': {
    status: 429,
    title: 'Too many watch already',
    doc: 'One process serves a limited number of event streams. Close those that nobody looks at, or try again after Retry-After.',
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
  'number-type-not-allowed': 'This kind of number may not be dialed: ALLOWED_NUMBER_TYPES, or `PUT /v1/limits`.',
  'country-not-allowed':
    'This country may not be dialed. Unless ALLOWED_COUNTRIES or `PUT /v1/limits` says otherwise, those of FROM_NUMBERS may.',
  'unknown-caller-id': 'from is none of the configured FROM_NUMBERS.',
  'forbidden-url':
    'Nothing is ever sent there: not https, a private or local address, or an unusual port. WEBHOOK_ALLOWED_NETWORKS names networks that may be reached all the same.',
  'calls-itself': 'to and from are the same number.',
  'unknown-agent': 'There is no agent with this id.',
  'missing-variable': 'The agent uses this variable, and neither the call nor the agent gives it.',
  'agent-required': 'There are several agents: agentId must choose one.',
  'invalid-contact': 'A contact that cannot be called; the message says why.',
  'schedule-impossible': 'latestAt has passed, or is not after earliestAt.',
  'not-offered': 'Other products have such a field; message says what to do here instead.',
  'no-voicemail-message': 'The agent’s file has no message to leave.',
  'invalid-cursor': 'The cursor is not one that a page before has given.',
} as const;
export type FieldErrorCode = keyof typeof FIELD_ERRORS;

/** RFC 9457. `code` is stable and is what programs switch on. */
export const problemSchema = z
  .object({
    /** Relative to the server that answered. */
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    requestId: z.string().optional(),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), message: z.string(), suggestion: z.string().optional() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Switch on `code`, which is stable.' });
export type Problem = z.output<typeof problemSchema>;
