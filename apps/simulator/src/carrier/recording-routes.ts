import { Router, type Request, type Response } from 'express';
import type { LedgerWriter } from '../ledger.js';
import { apiVersion, rfc2822 } from './call-resource.js';
import { refusals } from './errors.js';
import { pageItems, type Query } from './page.js';
import { recordingResource, type Recording, type Recordings } from './recordings.js';
import { paramOf, queryOf, refuse } from './rest-answers.js';
import type { Switchboard } from './switchboard.js';
import { wavOf } from './two-tracks.js';

/** Recordings, of the account and of one call: list, fetch, delete, and the sound itself. */
export function createRecordingRoutes({
  accountSid,
  recordings,
  switchboard,
  ledger,
}: {
  accountSid: string;
  recordings: Recordings;
  switchboard: Switchboard;
  ledger: LedgerWriter;
}): Router {
  const router = Router();
  const account = `/${apiVersion}/Accounts/:accountSid`;
  const ofCall = `${account}/Calls/:callSid/Recordings`;

  function list(response: Response, all: readonly Recording[], query: Query, path: string): void {
    const { items, envelope } = pageItems(all, query, `/${apiVersion}/Accounts/${accountSid}/${path}`, ({ sid }) => sid);
    response.json({ ...envelope, recordings: items.map((recording) => recordingResource(recording, accountSid)) });
  }

  router.get(`${account}/Recordings.json`, (request, response) => {
    const query = queryOf(request);
    const found = createdWithin(recordings.all(query.get('CallSid') ?? undefined), query);
    if (!found) return refuse(response, refusals.badParameter('DateCreated'));
    list(response, found, query, 'Recordings.json');
  });

  router.get(`${ofCall}.json`, (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) return refuse(response, refusals.notFound(request.originalUrl));
    const found = createdWithin(recordings.all(callSid), queryOf(request));
    if (!found) return refuse(response, refusals.badParameter('DateCreated'));
    list(response, found, queryOf(request), `Calls/${callSid}/Recordings.json`);
  });

  router.get([`${account}/Recordings/:file`, `${ofCall}/:file`], (request, response) => {
    const recording = find(request);
    if (!recording) return refuse(response, refusals.notFound(request.originalUrl));
    if (paramOf(request, 'file').endsWith('.json')) return void response.json(recordingResource(recording, accountSid));
    // Without an extension, or with .wav: the file. Nothing to fetch until it is over.
    if (recording.status !== 'completed') return refuse(response, refusals.notFound(request.originalUrl));
    const { channels } = recording;
    const asked = queryOf(request).get('RequestedChannels');
    const single = asked === '1' && channels.length > 1 ? channels.slice(0, 1) : channels;
    response.type('audio/x-wav').send(wavOf(single));
  });

  router.delete([`${account}/Recordings/:file`, `${ofCall}/:file`], (request, response) => {
    const recording = find(request);
    if (!recording) return refuse(response, refusals.notFound(request.originalUrl));
    recordings.remove(recording.sid);
    ledger.write('recording-deleted', { callSid: recording.callSid, recordingSid: recording.sid });
    response.status(204).end();
  });

  function find(request: Request): Recording | undefined {
    const sid = /^(RE[0-9a-fA-F]{32})(?:\.json|\.wav)?$/.exec(paramOf(request, 'file'))?.[1];
    const callSid = paramOf(request, 'callSid');
    const recording = sid === undefined ? undefined : recordings.find(sid);
    return recording && (callSid === '' || recording.callSid === callSid) ? recording : undefined;
  }
  return router;
}

/** `undefined`: a date that is none. Days, in UTC. */
function createdWithin(all: readonly Recording[], query: Query): Recording[] | undefined {
  let found = [...all];
  for (const [key, value] of query) {
    const comparison = /^DateCreated([<>]?)$/.exec(key)?.[1];
    if (comparison === undefined || value === '') continue;
    const dayMs = Date.parse(value);
    if (Number.isNaN(dayMs)) return undefined;
    const day = rfc2822(dayMs).slice(0, 16);
    found = found.filter(({ startedAtMs }) => {
      if (comparison === '<') return startedAtMs <= dayMs;
      if (comparison === '>') return startedAtMs >= dayMs;
      return rfc2822(startedAtMs).slice(0, 16) === day;
    });
  }
  return found;
}
