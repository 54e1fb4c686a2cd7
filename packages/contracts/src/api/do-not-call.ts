import { z } from 'zod';
import type { E164 } from '../ids.js';
import { pageOf, pageQuery } from './pieces.js';
import { defineRoute } from './route.js';

const e164 = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'Must be E.164: + and 7 to 15 digits, like +14155552671')
  .transform((text) => text as E164);
const note = z.string().min(1).max(200);
const time = z.string().meta({ format: 'date-time' });

const entry = z
  .object({ number: z.string(), since: time, note: z.string().nullable() })
  .meta({ id: 'DoNotCallEntry', description: 'A number that is never dialed.' });

/** A path without `+`, as people type it, means the same number. */
const params = z.strictObject({
  number: z
    .string()
    .transform((text) => (text.startsWith('+') ? text : `+${text.trim()}`))
    .pipe(e164)
    .meta({ description: 'E.164; the + may be left out.' }),
});
const tag = 'Do not call';

export const doNotCallRoutes = {
  list: defineRoute({
    id: 'listDoNotCall',
    method: 'GET',
    path: '/v1/do-not-call',
    tag,
    summary: 'The do-not-call list, a page of about `limit` at a time, in no order.',
    scope: 'settings:read',
    query: z.strictObject(pageQuery),
    answer: { status: 200, description: 'A page.', json: pageOf(entry) },
    example: { query: { limit: '100' } },
  }),
  add: defineRoute({
    id: 'addDoNotCall',
    method: 'POST',
    path: '/v1/do-not-call',
    tag,
    summary: 'Put numbers on the list. Calls to them that wait end with the cause `do-not-call`; live ones go on.',
    scope: 'settings:write',
    body: z.strictObject({ numbers: z.array(e164).min(1).max(1_000), note: note.optional() }),
    answer: {
      status: 200,
      description: 'All of them are on the list.',
      json: z.object({ added: z.int(), alreadyListed: z.int() }),
    },
    example: { body: { numbers: ['+14155552671'], note: 'asked for it on the phone' } },
  }),
  exportCsv: defineRoute({
    id: 'exportDoNotCall',
    method: 'GET',
    path: '/v1/do-not-call/export',
    tag,
    summary: 'The whole list as CSV: number, since, note.',
    scope: 'settings:read',
    answer: { status: 200, description: 'The list.', media: { 'text/csv': 'A header line, then one number a line, streamed.' } },
  }),
  importCsv: defineRoute({
    id: 'importDoNotCall',
    method: 'POST',
    path: '/v1/do-not-call/import',
    tag,
    summary: 'Put a whole CSV file on the list. Safe to repeat: what is on the list already stays as it is.',
    description:
      'The first line names the columns: `number` (or `phone`, `to`), and if you like `note`. A file of one column may go without. At most 32 MB; lines that cannot be read are told, the others count.',
    scope: 'settings:write',
    rawBody: { 'text/csv': 'UTF-8, one number a line.' },
    answer: {
      status: 200,
      description: 'What became of it.',
      json: z.object({
        added: z.int(),
        alreadyListed: z.int(),
        failed: z.int(),
        failures: z
          .array(z.object({ line: z.int(), code: z.string(), message: z.string() }))
          .meta({ description: 'The first hundred.' }),
      }),
    },
  }),
  check: defineRoute({
    id: 'checkDoNotCall',
    method: 'GET',
    path: '/v1/do-not-call/{number}',
    tag,
    summary: 'Whether a number is on the list.',
    scope: 'settings:read',
    params,
    answer: {
      status: 200,
      description: 'Whether it is.',
      json: z.object({ number: z.string(), listed: z.boolean(), since: time.nullable(), note: z.string().nullable() }),
    },
    example: { params: { number: '+14155552671' } },
  }),
  remove: defineRoute({
    id: 'removeDoNotCall',
    method: 'DELETE',
    path: '/v1/do-not-call/{number}',
    tag,
    summary: 'Take a number off the list.',
    scope: 'settings:write',
    params,
    answer: { status: 204, description: 'It is off the list.' },
    example: { params: { number: '+14155552671' } },
  }),
};
