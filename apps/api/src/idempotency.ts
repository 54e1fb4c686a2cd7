import { createHash } from 'node:crypto';

export interface Idempotent {
  readonly key: string;
  readonly fingerprint: string;
}

/** 1 to 255 printable ASCII characters; null: there is no such header; undefined: it cannot be used. */
export function readIdempotencyKey(header: string | undefined): string | null | undefined {
  if (header === undefined) return null;
  return /^[\x20-\x7e]{1,255}$/.test(header) ? header : undefined;
}

/** The same JSON gives the same fingerprint, however its fields are ordered or spaced. */
export function fingerprint(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
}
