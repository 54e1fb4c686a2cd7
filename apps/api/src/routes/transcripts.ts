import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import { refuse } from '../problems.js';
import { callIdOf, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';

type TranscriptDeps = Pick<ApiDeps, 'calls' | 'transcripts'> & { within: Within };

/** `GET /v1/calls/:id/transcript`: what was said, and heard, in the last attempt that was answered. */
export function addTranscriptRoutes(app: Express, { calls, transcripts, within }: TranscriptDeps): void {
  app.get('/v1/calls/:id/transcript', async (request, response) => {
    const callId = callIdOf(request);
    const found = callId && (await within(Promise.all([calls.load(callId), transcripts.load(callId)])));
    if (!found?.[0]) return refuse(response, 'not-found');
    const [, transcript] = found;
    if (!transcript) return refuse(response, 'transcript-not-ready');
    const { attempt, lines, truncated } = transcript;
    response.json({ attempt, truncated, data: lines });
  });
  onlyMethods(app, '/v1/calls/:id/transcript', ['GET', 'HEAD']);
}
