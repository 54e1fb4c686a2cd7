import { callMediaRoutes, type E164 } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type EraseDeps = Pick<ApiDeps, 'calls' | 'transcripts' | 'recordings' | 'archive' | 'nameOfNumber' | 'logger'> & {
  within: Within;
};

/** What stands in place of a number for which there is no safe name. */
const NOBODY = '#erased';

export function addEraseRoutes(
  serve: Serve,
  { calls, transcripts, recordings, archive, nameOfNumber, logger, within }: EraseDeps,
): void {
  serve(callMediaRoutes.erase, async ({ params: { id } }) => {
    const loaded = await within(calls.load(id));
    if (!loaded) return (await archive?.erase(id, null)) ? { status: 204 } : refusal('not-found');
    const { call } = loaded;
    if (call.state !== 'ended') return refusal('call-not-ended');
    if (call.erasedAt === undefined) {
      // First the wish, durably: a hangup process sees to what this one does not get done, and to what comes late.
      await within(calls.apply(id, { type: 'erased', source: 'api', to: nameFor(call.to) }));
      logger.info({ callId: id }, 'call erased');
    }
    await within(transcripts.remove(id));
    await recordings.remove(id);
    await archive?.erase(id, call.createdAt);
    return { status: 204 };
  });

  function nameFor(number: E164): string {
    const name = nameOfNumber(number);
    return name === null ? NOBODY : `#${name}`;
  }
}
