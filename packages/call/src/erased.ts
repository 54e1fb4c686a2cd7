import type { E164 } from '@onhook/contracts';
import type { Call } from './call.js';
import type { EventOf } from './event.js';
import { noNews, noted, type Transition } from './outcome.js';

/** What is left tells that there was a call, when, how it ended and what it cost: not who was called, what about, or what was said. */
export function erased(call: Call, { to, at }: EventOf<'erased'>): Transition {
  // A call that lives needs its number, and what it is about.
  if (call.state !== 'ended' || call.erasedAt !== undefined) return noNews(call);
  const { webhookUrl: _, ...rest } = call;
  return noted({ ...rest, to: to as E164, variables: {}, metadata: {}, recording: null, erasedAt: at });
}
