import { callMediaRoutes } from '@onhook/contracts';
import type { ApiDeps } from '../api-deps.js';
import { ANSWERED, refusal, type Serve } from '../serve.js';
import { transcriptText, transcriptVtt } from '../transcript-text.js';
import { transcriptView } from '../transcript-view.js';
import type { Within } from '../within.js';

type TranscriptDeps = Pick<ApiDeps, 'calls' | 'transcripts'> & { within: Within };

/** The first is what is meant by no Accept, by anything goes, and by one that none of them fits. */
const FORMS = ['application/json', 'text/plain', 'text/vtt'];

/** What was said, and heard, in the last attempt that was answered. */
export function addTranscriptRoutes(serve: Serve, { calls, transcripts, within }: TranscriptDeps): void {
  serve(callMediaRoutes.transcript, async ({ params: { id }, request, response }) => {
    const [loaded, transcript] = await within(Promise.all([calls.load(id), transcripts.load(id)]));
    if (!loaded) return refusal('not-found');
    if (loaded.call.erasedAt !== undefined) return refusal('call-erased');
    if (!transcript) return refusal('transcript-not-ready');
    response.vary('Accept');
    const form = request.accepts(FORMS);
    if (form === 'text/plain' || form === 'text/vtt') {
      const text = form === 'text/vtt' ? transcriptVtt(transcript) : transcriptText(transcript);
      response.type(`${form}; charset=utf-8`).send(text);
      return ANSWERED;
    }
    return { body: transcriptView(transcript) };
  });
}
