import { z } from 'zod';
import { API_KEY_ID } from '../ids.js';
import { moment } from './pieces.js';
import { defineRoute } from './route.js';
import { SCOPE_NAMES } from './scopes.js';

const time = z.string().meta({ format: 'date-time' });
const DAY_SECONDS = 86_400;

const apiKeyView = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPE_NAMES)),
    createdAt: time,
    expiresAt: time.nullable().meta({ description: 'Null: it opens until it is revoked.' }),
    lastUsedAt: time.nullable().meta({ description: 'Written about once a minute.' }),
    previousValidUntil: time.nullable().meta({ description: 'After a rotation: until when the secret before still opens.' }),
  })
  .meta({ id: 'ApiKey', description: 'What a program may do. The secret itself is shown once and kept nowhere.' });
export type ApiKeyView = z.output<typeof apiKeyView>;

const shownOnce = apiKeyView
  .extend({
    key: z.string().meta({ description: 'The secret, for `Authorization: Bearer`. Shown once.', examples: ['sk_01kaq3…_Jt5…'] }),
  })
  .meta({ id: 'NewApiKey' });

const params = z.strictObject({ id: z.string().regex(API_KEY_ID).meta({ description: 'A key’s id.' }) });
const tag = 'API keys';
const id = 'key_01kaq3v4e8f0zr2m5t7w9y1b3d';

export const apiKeyRoutes = {
  list: defineRoute({
    id: 'listApiKeys',
    method: 'GET',
    path: '/v1/api-keys',
    tag,
    summary: 'The API keys, oldest first. Those of API_KEYS, which open everything, are not among them.',
    scope: 'admin',
    answer: { status: 200, description: 'The keys.', json: z.object({ data: z.array(apiKeyView) }) },
  }),
  create: defineRoute({
    id: 'createApiKey',
    method: 'POST',
    path: '/v1/api-keys',
    tag,
    summary: 'Make an API key that may do no more than it must.',
    scope: 'admin',
    body: z.strictObject({
      name: z.string().min(1).max(100).meta({ description: 'What for: people read it.' }),
      scopes: z.array(z.enum(SCOPE_NAMES)).min(1).max(SCOPE_NAMES.length),
      expiresAt: moment.optional(),
    }),
    answer: { status: 201, description: 'The key.', json: shownOnce },
    idempotency: 'once',
    example: { body: { name: 'nightly reminders', scopes: ['calls:read', 'calls:write'] } },
  }),
  rotate: defineRoute({
    id: 'rotateApiKey',
    method: 'POST',
    path: '/v1/api-keys/{id}/rotate',
    tag,
    summary: 'Give a key a new secret; the old one still opens for a while.',
    scope: 'admin',
    params,
    body: z.strictObject({
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * DAY_SECONDS)
        .default(DAY_SECONDS)
        .meta({ description: 'For so long the secret before opens beside the new one. Only the last two ever do.' }),
    }),
    answer: { status: 200, description: 'The key with its new secret.', json: shownOnce },
    idempotency: 'once',
    example: { params: { id }, body: { overlapSeconds: 3_600 } },
  }),
  revoke: defineRoute({
    id: 'revokeApiKey',
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    tag,
    summary: 'Revoke a key. Every process refuses it within two seconds.',
    scope: 'admin',
    params,
    answer: { status: 204, description: 'It is gone.' },
    example: { params: { id } },
  }),
};
