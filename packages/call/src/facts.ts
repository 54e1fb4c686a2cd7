import { withGoodbye } from './end-asked.js';
import type { Call } from './call.js';
import type { EventOf } from './event.js';
import { noNews, noted as kept, type Transition } from './outcome.js';

/** Facts that move nothing and may come at any time, after the end too. The first of each stays. */
export function noted(call: Call, { n, goodbye, recordingMs, measured }: EventOf<'noted'>): Transition {
  // A recording that is finished after the call was erased has never been one.
  if (n !== call.attempts.length || call.erasedAt !== undefined) return noNews(call);
  const said = withGoodbye(call, goodbye);
  const recorded: Call =
    recordingMs === undefined || call.recording !== null ? said : { ...said, recording: { durationMs: recordingMs } };
  const timed: Call = measured === undefined || recorded.measured ? recorded : { ...recorded, measured };
  return timed === call ? noNews(call) : kept(timed);
}
