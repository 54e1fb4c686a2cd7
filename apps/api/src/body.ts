import { z } from 'zod';
import { notOffered } from './not-offered.js';
import type { FieldError, FieldErrorCode } from './problems.js';
import { didYouMean } from './suggestions.js';

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** More would only drown the reader, and cost us. */
const MOST_ERRORS = 20;

/** Checks a body or a query against its schema; every mistake gets a JSON pointer, unknown fields a suggestion. */
export function check<S extends z.ZodType>(schema: S, given: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(given);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, errors: result.error.issues.flatMap((issue) => fieldErrors(issue, schema, given)).slice(0, MOST_ERRORS) };
}

function fieldErrors(issue: z.core.$ZodIssue, schema: z.ZodType, given: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.slice(0, MOST_ERRORS).map((key) => {
      const instead = notOffered(pointer([...issue.path, key]));
      if (instead) return { pointer: pointer([...issue.path, key]), code: 'not-offered' as const, message: instead };
      const suggestion = didYouMean(key, known);
      return {
        pointer: pointer([...issue.path, key]),
        code: 'unrecognized-key' as const,
        message: suggestion ? `Unknown field; did you mean "${suggestion}"?` : 'Unknown field',
        ...(suggestion && { suggestion }),
      };
    });
  }
  const missing = issue.path.length > 0 && valueAt(given, issue.path) === undefined;
  return [
    missing && (issue.code === 'invalid_type' || issue.code === 'invalid_union')
      ? { pointer: pointer(issue.path), code: 'required', message: 'The field is required' }
      : { pointer: pointer(issue.path), code: CODES[issue.code] ?? 'invalid-value', message: sentence(issue) },
  ];
}

const CODES: Partial<Record<z.core.$ZodIssue['code'], FieldErrorCode>> = {
  invalid_type: 'invalid-type',
  invalid_union: 'invalid-type',
  invalid_format: 'invalid-format',
  invalid_key: 'invalid-format',
  too_small: 'too-small',
  too_big: 'too-big',
  not_multiple_of: 'invalid-value',
};

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') return 'Expected a string, a number or a boolean';
  return issue.message.replace(/^Invalid input: e/, 'E').slice(0, 200);
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.core.$ZodType = unwrap(schema);
  for (const step of path) {
    if (!(at instanceof z.ZodObject)) return [];
    const next = (at.shape as Record<PropertyKey, z.core.$ZodType>)[step];
    if (!next) return [];
    at = unwrap(next);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}
