import type { CallEvent } from '@onhook/call';
import { maskNumbers } from '@onhook/service';
import type { TimelineEntry } from '../ports/calls.js';

type Detail = TimelineEntry['detail'];

/**
 * What may stand on a timeline, which is shown, streamed and archived. A list of what is allowed, not of what is forbidden,
 * so that a field added to an event tomorrow is private until somebody decides otherwise.
 */
const SHOWN = new Set<string>([
  'n',
  'dial',
  'deadline',
  'until',
  'reason',
  'from',
  'retryAt',
  'code',
  'retryable',
  'sid',
  'status',
  'via',
  'sipCode',
  'durationSec',
  'priceMicroUsd',
  'endedBy',
  'streamSid',
  'gatewayId',
  'why',
  'cause',
  'by',
  'fuse',
  'direct',
  'who',
  'goodbye',
  'targetId',
  'certain',
  'reached',
  'recordingMs',
  'notBefore',
  'latestAt',
  'ifWaiting',
] satisfies EventField[]);

type EventField = CallEvent extends infer E ? (E extends unknown ? keyof E : never) : never;

/** The event's other fields, numbers masked and words left out; `withWords` says that there were some. */
export function timelineDetail(event: CallEvent): Detail {
  const detail: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(event) as [string, unknown][]) {
    if (name === 'words') detail['withWords'] = true;
    if (!SHOWN.has(name)) continue;
    if (typeof value === 'string') detail[name] = maskNumbers(value);
    if (typeof value === 'number' || typeof value === 'boolean') detail[name] = value;
  }
  return detail;
}
