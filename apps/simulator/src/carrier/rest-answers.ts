import type { Request, Response } from 'express';
import { errorBody, type TwilioError } from './errors.js';
import type { Form } from './form.js';
import type { Query } from './page.js';

export function refuse(response: Response, error: TwilioError): void {
  const retryAfterSec: unknown = response.app.locals['retryAfterSec'];
  if (error.status === 429 && typeof retryAfterSec === 'number') response.setHeader('Retry-After', retryAfterSec);
  response.status(error.status).json(errorBody(error));
}

export function formOf(request: Request): Form {
  const body: unknown = request.body;
  return isRecord(body) ? body : {};
}

/** The query as it was written: express would lose that a key was repeated. */
export function queryOf(request: Request): Query {
  return new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The SID in `CA….json`; `undefined` if it is none of that kind. */
export function sidOf(file: string, prefix: 'CA' | 'MZ' | 'NO' | 'PN' | 'RE'): string | undefined {
  const sid = /^([A-Z]{2}[0-9a-fA-F]{32})\.json$/.exec(file)?.[1];
  return sid?.startsWith(prefix) ? sid : undefined;
}

/** A parameter of the path; empty if this route has none of that name. */
export function paramOf(request: Request, name: string): string {
  const value: unknown = request.params[name];
  return typeof value === 'string' ? value : '';
}
