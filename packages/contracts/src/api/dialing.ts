import { z } from 'zod';
import { defineRoute } from './route.js';

/** `POST /v1/end-all`. The word is typed out, so that no slip of the hand hangs up on everybody. */
export const endAllBody = z.strictObject({
  confirm: z.literal('end-all-calls'),
  stopDialing: z.boolean().default(true).meta({ description: 'Nothing is dialed afterwards until `PUT /v1/dialing` says so.' }),
});

/** `PUT /v1/dialing`. */
export const dialingBody = z.strictObject({ enabled: z.boolean() });

const tag = 'Kill switch';
const dialing = z.object({ enabled: z.boolean() }).meta({ id: 'Dialing', description: 'Whether anything is dialed.' });

export const dialingRoutes = {
  endAll: defineRoute({
    id: 'endAllCalls',
    method: 'POST',
    path: '/v1/end-all',
    tag,
    summary: 'End every call that is up, and dial nothing more until PUT /v1/dialing says so.',
    scope: 'calls:write',
    body: endAllBody,
    answer: {
      status: 202,
      description: 'The ends are asked for, durably.',
      json: z.object({ calls: z.int().meta({ description: 'How many were asked to end.' }), dialing }),
    },
    example: { body: { confirm: 'end-all-calls' } },
  }),
  get: defineRoute({
    id: 'getDialing',
    method: 'GET',
    path: '/v1/dialing',
    tag,
    summary: 'Whether anything is dialed.',
    scope: 'calls:read',
    answer: { status: 200, description: 'The switch.', json: dialing },
  }),
  set: defineRoute({
    id: 'setDialing',
    method: 'PUT',
    path: '/v1/dialing',
    tag,
    summary: 'Switch dialing on or off. Calls that wait are dialed again once it is on.',
    scope: 'calls:write',
    body: dialingBody,
    answer: { status: 200, description: 'The switch.', json: dialing },
    example: { body: { enabled: true } },
  }),
};
