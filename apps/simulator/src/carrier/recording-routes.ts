import { Router, type Request, type Response } from 'express';
import type { LedgerWriter } from '../ledger.js';
import { apiVersion } from './call-resource.js';
import { isBadDate, readDateFilter } from './date-filter.js';
import { refusals, type TwilioError } from './errors.js';
import { isRefused, readWord } from './form.js';
import { pageItems, type Query } from './page.js';
import { readRecordingFields } from './recording-order.js';
import { recordingResource, type Recording, type Recordings } from './recordings.js';
import { formOf, paramOf, queryOf, refuse } from './rest-answers.js';
import type { Switchboard } from './switchboard.js';
import { wavOf } from './two-tracks.js';

/** Recordings, of the account and of one call: list, fetch, delete, the sound itself; begin and end one of a call. */
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
    const created = readDateFilter(query, 'DateCreated');
    if (isBadDate(created)) return refuse(response, refusals.badParameter(created.badDate));
    const found = all.filter(({ startedAtMs }) => created(startedAtMs));
    const { items, envelope } = pageItems(found, query, `/${apiVersion}/Accounts/${accountSid}/${path}`, ({ sid }) => sid);
    response.json({ ...envelope, recordings: items.map((recording) => recordingResource(recording, accountSid)) });
  }

  router.get(`${account}/Recordings.json`, (request, response) => {
    const query = queryOf(request);
    list(response, recordings.all(query.get('CallSid') || undefined), query, 'Recordings.json');
  });

  router.get(`${ofCall}.json`, (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) return refuse(response, refusals.notFound(request.originalUrl));
    list(response, recordings.all(callSid), queryOf(request), `Calls/${callSid}/Recordings.json`);
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

  // Begins, ends or interrupts one of a call that is up.
  function deny(response: Response, callSid: string, error: TwilioError): void {
    ledger.write('recording-request', { callSid, outcome: 'refused', httpStatus: error.status, errorCode: error.code });
    refuse(response, error);
  }
  function accept(response: Response, httpStatus: number, recording: Recording, status: string): void {
    const { sid: recordingSid, callSid } = recording;
    ledger.write('recording-request', { callSid, recordingSid, outcome: 'accepted', httpStatus, status });
    response.status(httpStatus).json({ ...recordingResource(recording, accountSid), status });
  }

  router.post(`${ofCall}.json`, (request, response) => {
    const { callSid } = request.params;
    const live = switchboard.find(callSid);
    if (!live) return deny(response, callSid, refusals.notFound(request.originalUrl));
    const order = readRecordingFields(formOf(request));
    if (isRefused(order)) return deny(response, callSid, order.refused);
    const recording = live.recordings()?.start(order, 'StartCallRecordingAPI');
    if (!recording) return deny(response, callSid, refusals.cannotRecord());
    accept(response, 201, recording, recording.status);
  });

  router.post(`${ofCall}/:file`, (request, response) => {
    const { callSid, file } = request.params;
    const name = /^(.+)\.json$/.exec(file)?.[1] ?? '';
    const live = switchboard.find(callSid)?.recordings()?.find(name);
    if (!live) return deny(response, callSid, refusals.notFound(request.originalUrl));
    const status = readWord(formOf(request), 'Status', ['', 'stopped', 'paused', 'in-progress']);
    if (typeof status !== 'string' || status === '') return deny(response, callSid, refusals.badParameter('Status'));
    const how = readWord(formOf(request), 'PauseBehavior', ['silence', 'skip']);
    if (typeof how !== 'string') return deny(response, callSid, how.refused);
    if (status === 'stopped') live.stop();
    else if (status === 'paused') live.pause(how);
    else live.resume();
    accept(response, 200, recordings.find(live.begun.sid) ?? live.begun, status);
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
