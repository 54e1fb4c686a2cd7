import { z } from 'zod';
import { CALL_ID, type CallId } from '../ids.js';

/** What several routes are made of. */

export const callId = z
  .string()
  .regex(CALL_ID)
  .transform((text) => text as CallId)
  .meta({ description: 'A call’s id.', examples: ['call_c_01kaq3v4e8f0zr2m5t7w9y1b3d'] });

/** `{id}` of a path is a call. */
export const callParams = z.strictObject({ id: callId });

/** A POST that needs to be told nothing: an empty body, or `{}`. */
export const noBody = z.strictObject({});

/** Queries are text: a whole number in it. */
export function queryNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, `Must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

export const queryFlag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** An address that is told of events. */
export const webhookUrl = z
  .url({ protocol: /^https?$/, error: 'Must be an http(s) URL' })
  .max(2_000)
  .meta({
    description: '`https`, and a public address unless the server allows others.',
    examples: ['https://example.com/onhook'],
  });

export const moment = z.iso.datetime({ offset: true });

/** Of every list: newest first, a page at a time. */
export const pageQuery = {
  limit: queryNumber(1, 200).default(50).meta({ description: 'How many at most, 1 to 200.' }),
  cursor: z.string().max(1_000).optional().meta({ description: '`nextCursor` of the page before.' }),
};

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    /** Null: this was the last page. */
    nextCursor: z.string().nullable(),
  });
}
