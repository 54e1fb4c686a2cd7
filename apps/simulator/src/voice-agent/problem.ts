import { z } from 'zod';

/** What the provider answers to a client event that it does not accept. The session stays open. */
export interface Problem {
  code: string;
  message: string;
  param?: string;
  /** The client event that it answers, if that had an id. */
  eventId?: string | undefined;
  type?: 'invalid_request_error' | 'server_error';
}

/** The body of an `error` frame. */
export function errorFacts({ code, message, param, eventId, type = 'invalid_request_error' }: Problem): Record<string, unknown> {
  return { error: { type, code, message, param: param ?? null, event_id: eventId ?? null } };
}

/** Says of the first mistake what the provider would: GA rejects the whole event on any unknown field. */
export function problemOf(error: z.ZodError, event: unknown): Problem {
  const issue = firstIssue(error.issues);
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const param = [at, issue.keys[0]].filter(Boolean).join('.');
    return { code: 'unknown_parameter', param, message: `Unknown parameter: '${param}'.` };
  }
  if (valueAt(event, issue.path) === undefined) {
    return { code: 'missing_required_parameter', param: at, message: `Missing required parameter: '${at}'.` };
  }
  return { code: 'invalid_value', param: at, message: `Invalid value for '${at}': ${issue.message}.` };
}

/** Of a union, the mistakes of the form that came closest: the one with the fewest. */
function firstIssue([issue]: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  if (issue?.code !== 'invalid_union') return issue!;
  const closest = issue.errors.filter((issues) => issues.length > 0).sort((a, b) => a.length - b.length)[0];
  if (!closest) return issue;
  const inner = firstIssue(closest);
  return { ...inner, path: [...issue.path, ...inner.path] };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}
