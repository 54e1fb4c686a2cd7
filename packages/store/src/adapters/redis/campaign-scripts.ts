import { createHash } from 'node:crypto';
import { joinScripts } from './scripts.js';

export const campaignScripts = {
  change: joinScripts('campaign-change'),
  add: joinScripts('campaign-add'),
  take: joinScripts('campaign-take'),
  step: joinScripts('campaign-step'),
  close: joinScripts('campaign-close'),
  again: joinScripts('campaign-again'),
} as const;

/** The name of the list in which contacts of these zones wait: there are numbers with forty zones. */
export function waitingName(zones: string): `waiting:${string}` {
  return `waiting:${createHash('sha1').update(zones).digest('base64url').slice(0, 8)}`;
}
