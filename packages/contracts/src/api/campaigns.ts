import { z } from 'zod';
import { campaignParams, campaignSettings, campaignView, createCampaignBody } from './campaign-pieces.js';
import { noBody, pageOf, pageQuery } from './pieces.js';
import { defineRoute } from './route.js';

const tag = 'Campaigns';

/** A change of a campaign's state that needs to be told nothing. */
function order<const Verb extends string>(verb: Verb, id: string, summary: string) {
  return defineRoute({
    id,
    method: 'POST',
    path: `/v1/campaigns/{id}/${verb}`,
    tag,
    summary,
    scope: 'campaigns:write',
    params: campaignParams,
    body: noBody,
    answer: { status: 200, description: 'The campaign as it is now.', json: campaignView },
    problems: ['campaign-state-conflict'],
  });
}

export const campaignRoutes = {
  create: defineRoute({
    id: 'createCampaign',
    method: 'POST',
    path: '/v1/campaigns',
    tag,
    summary: 'Make a campaign: one agent, many contacts, each called within the hours of their own time zone.',
    description: 'It is a draft until it is started (`start: true` does so at once). Contacts come here, up to 1 000, or later.',
    scope: 'campaigns:write',
    body: createCampaignBody,
    answer: {
      status: 201,
      description: 'Made. Location names it.',
      json: campaignView,
      headers: { Location: 'The campaign’s path.' },
    },
    example: {
      body: {
        name: 'March reminders',
        agentId: 'reminder',
        callsPerSecond: 1,
        schedule: { fallbackTimeZone: 'America/New_York' },
        contacts: [{ to: '+14155552671', name: 'Ada', externalId: 'customer-1', variables: { slot: '3 pm' } }],
      },
    },
  }),
  list: defineRoute({
    id: 'listCampaigns',
    method: 'GET',
    path: '/v1/campaigns',
    tag,
    summary: 'List campaigns, newest first.',
    scope: 'campaigns:read',
    query: z.strictObject(pageQuery),
    answer: { status: 200, description: 'A page of campaigns.', json: pageOf(campaignView) },
  }),
  get: defineRoute({
    id: 'getCampaign',
    method: 'GET',
    path: '/v1/campaigns/{id}',
    tag,
    summary: 'One campaign, with its counts.',
    scope: 'campaigns:read',
    params: campaignParams,
    answer: { status: 200, description: 'The campaign.', json: campaignView },
  }),
  change: defineRoute({
    id: 'changeCampaign',
    method: 'PATCH',
    path: '/v1/campaigns/{id}',
    tag,
    summary: 'Change a campaign, also while it runs: what is not given stays. From the next dial on the new rules hold.',
    description:
      'Calls that wait already keep their own limits and retry policy; hours, pace, numbers and budget hold for them too.',
    scope: 'campaigns:write',
    params: campaignParams,
    body: campaignSettings,
    answer: { status: 200, description: 'The campaign as it is now.', json: campaignView },
    problems: ['campaign-state-conflict'],
    example: { body: { callsPerSecond: 2 } },
  }),
  remove: defineRoute({
    id: 'deleteCampaign',
    method: 'DELETE',
    path: '/v1/campaigns/{id}',
    tag,
    summary: 'Delete a campaign with its contacts. Calls that were made stay.',
    description: 'Only one that has no calls under way.',
    scope: 'campaigns:write',
    params: campaignParams,
    answer: { status: 204, description: 'It is gone.' },
    problems: ['campaign-state-conflict'],
  }),
  start: order('start', 'startCampaign', 'Start it: a draft, or one that was completed and has got more contacts.'),
  pause: order('pause', 'pauseCampaign', 'Pause it. Nothing more is dialed once this is answered; live calls go on.'),
  resume: order('resume', 'resumeCampaign', 'Go on where it was paused.'),
  cancel: order('cancel', 'cancelCampaign', 'End it for ever: all contacts that wait are canceled; live calls go on.'),
  retryFailed: order(
    'retry-failed',
    'retryFailedContacts',
    'Take up again all contacts that were not reached, or were lost by a fault; those who were spoken with are left alone.',
  ),
  duplicate: defineRoute({
    id: 'duplicateCampaign',
    method: 'POST',
    path: '/v1/campaigns/{id}/duplicate',
    tag,
    summary: 'A new draft with the same settings, without contacts.',
    scope: 'campaigns:write',
    params: campaignParams,
    body: z.strictObject({ name: z.string().min(1).max(200).optional() }),
    answer: {
      status: 201,
      description: 'Made. Location names it.',
      json: campaignView,
      headers: { Location: 'The campaign’s path.' },
    },
  }),
};
