import { z } from 'zod';
import { CAUSE_GROUPS, CAUSE_NAMES } from '../causes.js';
import { ANSWERED_BY, DISPOSITIONS, LAYERS, PARTIES, STATUSES } from '../words.js';
import { moment, pageQuery, queryNumber } from './pieces.js';

/** `a,b`: one of them. */
function anyOf<const Words extends readonly [string, ...string[]]>(words: Words, description: string) {
  return z
    .string()
    .max(1_000)
    .transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words)).max(50))
    .optional()
    .meta({ description: `${description} Several, with commas: one of them. ${words.map((word) => `\`${word}\``).join(' ')}` });
}

const text = (description: string) => z.string().min(1).max(200).optional().meta({ description });
const durationMs = queryNumber(0, 100_000_000).optional();

/** Of `GET /v1/calls`: all that are given must fit. */
export const callFilters = {
  status: anyOf(STATUSES, 'The status now.'),
  cause: anyOf(CAUSE_NAMES, 'Why it ended.'),
  causeGroup: anyOf(CAUSE_GROUPS, 'The group of its cause.'),
  disposition: anyOf(DISPOSITIONS, 'How it turned out.'),
  endedBy: anyOf(LAYERS, 'Which layer ended it.'),
  endedParty: anyOf(PARTIES, 'Who wanted the end.'),
  answeredBy: anyOf(ANSWERED_BY, 'Who answered.'),
  agentId: text('The agent.'),
  campaignId: text('The campaign.'),
  to: text('The number that was called, in E.164.'),
  from: text('The number that it was called from.'),
  createdAfter: moment
    .optional()
    .meta({ description: 'Created at this moment or later. In a URL the plus of an offset is %2B.' }),
  createdBefore: moment.optional().meta({ description: 'Created before this moment.' }),
  minDurationMs: durationMs.meta({ description: 'From answer to end, at least.' }),
  maxDurationMs: durationMs.meta({ description: 'From answer to end, at most.' }),
  metadata: z
    .record(z.string().max(64), z.string().max(1_000))
    .optional()
    .meta({ description: '`metadata[orderId]=8841`: the call’s own metadata has this value.' }),
};

export const callListQuery = z.strictObject({ ...pageQuery, ...callFilters });
export type CallListQuery = z.output<typeof callListQuery>;
