import type { Express } from 'express';
import type { ApiDeps } from '../api-deps.js';
import { refuse } from '../problems.js';
import { callIdOf, onlyMethods } from '../requests.js';
import type { Within } from '../within.js';

type RecordingDeps = Pick<ApiDeps, 'calls' | 'logger' | 'settings'> & { within: Within };

/** `GET /v1/calls/:id/recording`: stereo µ-law WAV of the last attempt, with Range. */
export function addRecordingRoutes(app: Express, { calls, settings, within, logger }: RecordingDeps): void {
  app.get('/v1/calls/:id/recording', async (request, response, next) => {
    const callId = callIdOf(request);
    const loaded = callId && (await within(calls.load(callId)));
    if (!loaded) return refuse(response, 'not-found');
    const { recording, attempts } = loaded.call;
    const last = attempts.at(-1);
    if (!recording || !last) return refuse(response, 'recording-not-ready');

    const options = {
      root: settings.recordingsDir,
      cacheControl: false,
      headers: { 'Content-Type': 'audio/wav', 'Cache-Control': 'private, no-store' },
    };
    // Both parts of the name are of our own making, so the path cannot leave the folder.
    response.sendFile(`${callId}-${last.n}.wav`, options, (error?: Error & { status?: number }) => {
      if (!error) return;
      // The client went away in the middle: nobody is left to be told.
      if (response.headersSent) return void response.destroy();
      response.removeHeader('Content-Type');
      response.removeHeader('Cache-Control');
      if (error.status !== 404) return next(error);
      logger.error({ callId, attempt: last.n }, 'recording is missing');
      refuse(response, 'recording-not-ready');
    });
  });
  onlyMethods(app, '/v1/calls/:id/recording', ['GET', 'HEAD']);
}
