import { z } from 'zod';
import { campaignParams, campaignView, contactView, importReport, ledgerView } from './campaign-pieces.js';
import { pageOf, queryFlag, queryNumber } from './pieces.js';
import { defineRoute } from './route.js';

const tag = 'Campaigns';
const time = z.string().meta({ format: 'date-time' });

export const campaignContactRoutes = {
  add: defineRoute({
    id: 'addContacts',
    method: 'POST',
    path: '/v1/campaigns/{id}/contacts',
    tag,
    summary: 'Add contacts: a file of any size, or JSON. Safe to repeat: who is there already is left out.',
    description:
      'CSV needs a header line; the number is in the column `to`, `number` or `phone` (or the one that `columns` says), `name`, `external_id` and `timezone` are known, every other column is a variable. ' +
      'Rows that cannot be used are told by line, column and code; the others count. A file is read as it comes and may have gigabytes.',
    scope: 'campaigns:write',
    params: campaignParams,
    query: z.strictObject({
      dryRun: queryFlag.optional().meta({ description: '`true`: judge every row, add nothing.' }),
      columns: z
        .string()
        .max(2_000)
        .optional()
        .meta({ description: 'What columns are, where their names do not say: `Rufnummer:to,Kunde:name,Termin:slot`.' }),
      defaultCountry: z
        .string()
        .regex(/^[A-Z]{2}$/, 'Must be two letters like US')
        .optional()
        .meta({ description: 'Numbers without a plus are read as people there write them. Without it they are refused.' }),
    }),
    rawBody: {
      'text/csv': 'UTF-8, with a header line; commas, semicolons or tabs.',
      'application/x-ndjson': 'One NewContact a line.',
      'application/json': 'An array of NewContact, at most 1 MB.',
    },
    answer: { status: 200, description: 'What became of it.', json: importReport },
    problems: ['campaign-state-conflict'],
  }),
  list: defineRoute({
    id: 'listContacts',
    method: 'GET',
    path: '/v1/campaigns/{id}/contacts',
    tag,
    summary: 'The contacts and what became of them, a page at a time, or all as CSV or NDJSON.',
    scope: 'campaigns:read',
    params: campaignParams,
    query: z.strictObject({
      limit: queryNumber(1, 1_000).default(50).meta({ description: 'How many at most, 1 to 1000.' }),
      cursor: z
        .string()
        .regex(/^\d+:\d+$/, 'No page has given this cursor')
        .optional()
        .meta({ description: '`nextCursor` of the page before.' }),
    }),
    headers: { Accept: '`text/csv` or `application/x-ndjson`: all of them, streamed.' },
    answer: {
      status: 200,
      description: 'A page, or all.',
      json: pageOf(contactView),
      media: {
        'text/csv': 'A header line, then one contact a line. Text that a spreadsheet would run gets an apostrophe in front.',
        'application/x-ndjson': 'One Contact a line.',
      },
    },
  }),
  failures: defineRoute({
    id: 'getImportFailures',
    method: 'GET',
    path: '/v1/campaigns/{id}/imports/{importId}/failures',
    tag,
    summary: 'The rows of an import that could not be used, as CSV: line, column, value, code, message. Kept for a week.',
    scope: 'campaigns:read',
    params: campaignParams.extend({ importId: z.string().regex(/^imp_[0-9a-f]{32}$/) }),
    answer: { status: 200, description: 'The first ten thousand.', media: { 'text/csv': 'One row a line.' } },
  }),
  template: defineRoute({
    id: 'getContactTemplate',
    method: 'GET',
    path: '/v1/campaigns/{id}/template',
    tag,
    summary: 'A CSV file to fill in: the columns that this campaign’s agent needs.',
    scope: 'campaigns:read',
    params: campaignParams,
    answer: { status: 200, description: 'A header line and an example.', media: { 'text/csv': 'UTF-8.' } },
  }),
  stats: defineRoute({
    id: 'getCampaignStats',
    method: 'GET',
    path: '/v1/campaigns/{id}/stats',
    tag,
    summary: 'Counts, ends by cause, what happened in each of the last 1 440 minutes, and when it may be through.',
    scope: 'campaigns:read',
    params: campaignParams,
    answer: {
      status: 200,
      description: 'The numbers.',
      json: z.object({
        status: campaignView.shape.status,
        ledger: ledgerView,
        causes: z.record(z.string(), z.int()),
        attempts: z.int(),
        answered: z.int(),
        answerRate: z.number().nullable().meta({ description: 'Answered of done.' }),
        talkSeconds: z.int(),
        inFlight: z.int().meta({ description: 'Calls in flight now.' }),
        waiting: z
          .array(z.object({ timeZones: z.array(z.string()), contacts: z.int(), opensAt: time.nullable(), open: z.boolean() }))
          .meta({ description: 'Who waits where, and when the window opens there next.' }),
        minutes: z.array(z.object({ at: time, ended: z.int(), answered: z.int(), errors: z.int() })),
        etaAt: time.nullable().meta({ description: 'By the pace of the last five minutes; null where there was none.' }),
      }),
    },
  }),
  ledger: defineRoute({
    id: 'getLedger',
    method: 'GET',
    path: '/v1/campaigns/{id}/ledger',
    tag,
    summary: 'Each contact in exactly one state, and the sum.',
    scope: 'campaigns:read',
    params: campaignParams,
    answer: { status: 200, description: 'The ledger.', json: ledgerView },
  }),
};
