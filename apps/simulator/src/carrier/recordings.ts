import type { Chance, Clock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import { apiVersion, rfc2822 } from './call-resource.js';
import type { Callbacks } from './callbacks.js';
import type { RecordingOrder, RecordingStatus } from './recording-order.js';
import { bytesPerMs, silentFrame } from './telephone-audio.js';
import type { LineTap } from './telephone-line.js';
import { channelsOf, createTrackRecorder } from './two-tracks.js';

/** How a recording came about. */
export type RecordingSource = 'OutboundAPI' | 'RecordVerb' | 'StartCallRecordingAPI';

export interface Recording {
  readonly sid: string;
  readonly callSid: string;
  readonly source: RecordingSource;
  readonly track: RecordingOrder['track'];
  readonly status: RecordingStatus;
  /** While it is in progress. */
  readonly isPaused?: boolean;
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  /** µ-law, of the same length; none until it is over. */
  readonly channels: readonly Uint8Array[];
  readonly channelCount: 1 | 2;
  /** Where its file can be fetched. */
  readonly url: string;
}

export interface LiveRecording {
  /** As it was when it began. */
  readonly begun: Recording;
  readonly isOver: boolean;
  hear: LineTap;
  /** `skip`: what is said meanwhile is left out; `silence`: it is silent. */
  pause(how: 'skip' | 'silence'): void;
  resume(): void;
  /** Ends it; what the call's last status callback says of it. */
  stop(): Record<string, string>;
}

/** The recordings of the account, in memory. */
export interface Recordings {
  start(call: RecordedCall, order: RecordingOrder, source: RecordingSource, ledger: LedgerWriter): LiveRecording;
  /** Keeps what somebody else has recorded: `<Record>`. */
  keep(call: RecordedCall, audio: Uint8Array, startedAtMs: number): Recording;
  /** Newest first. */
  all(callSid?: string): Recording[];
  find(sid: string): Recording | undefined;
  remove(sid: string): boolean;
}

export interface RecordedCall {
  sid: string;
  /** Where the customer reaches the REST API: the beginning of a `RecordingUrl`. */
  apiUrl?: string | undefined;
}

export function createRecordings({
  accountSid,
  clock,
  chance,
  callbacks,
}: {
  accountSid: string;
  clock: Clock;
  chance: Chance;
  callbacks: Callbacks;
}): Recordings {
  const recordings = new Map<string, Recording>();
  const put = (recording: Recording): Recording => {
    recordings.set(recording.sid, recording);
    return recording;
  };
  const urlOf = (sid: string, apiUrl = 'https://api.twilio.com'): string =>
    `${apiUrl}/${apiVersion}/Accounts/${accountSid}/Recordings/${sid}`;

  return {
    start(call, order, source, ledger) {
      const sid = newSid('RE', chance);
      const recorder = createTrackRecorder();
      const atMs = clock.now();
      const channelCount = order.track === 'both' ? order.channels : 1;
      const begun = put({
        sid,
        callSid: call.sid,
        source,
        track: order.track,
        status: 'in-progress',
        startedAtMs: atMs,
        updatedAtMs: atMs,
        channels: [],
        channelCount,
        url: urlOf(sid, call.apiUrl),
      });
      const tell = (recording: Recording): void => {
        const { status } = recording;
        ledger.write('recording', { recordingSid: sid, status, ...(status !== 'in-progress' && { ms: durationMs(recording) }) });
        if (!order.callback || !order.events.has(status)) return;
        callbacks.send(order.callback, { AccountSid: accountSid, CallSid: call.sid, ...recordingParams(recording) }, ledger);
      };
      tell(begun);
      let paused: 'skip' | 'silence' | undefined;
      let isOver = false;
      return {
        begun,
        get isOver() {
          return isOver;
        },
        hear(said, heard) {
          if (isOver || paused === 'skip') return;
          if (paused) recorder.hear(silentFrame, silentFrame);
          else recorder.hear(said, heard);
        },
        pause(how) {
          paused = how;
          if (recordings.has(sid)) put({ ...begun, isPaused: true });
        },
        resume() {
          paused = undefined;
          if (recordings.has(sid)) put(begun);
        },
        stop() {
          isOver = true;
          const channels = channelsOf(recorder.finish(), order);
          const status = (channels[0]?.length ?? 0) > 0 ? 'completed' : 'absent';
          const ended: Recording = { ...begun, status, channels, updatedAtMs: clock.now() };
          // A customer who deleted it meanwhile has deleted it.
          if (recordings.has(sid)) put(ended);
          tell(ended);
          return endOfCallParams(ended);
        },
      };
    },

    keep(call, audio, startedAtMs) {
      const sid = newSid('RE', chance);
      const status = audio.length > 0 ? 'completed' : 'absent';
      return put({
        sid,
        callSid: call.sid,
        source: 'RecordVerb',
        track: 'inbound',
        status,
        startedAtMs,
        updatedAtMs: clock.now(),
        channels: [audio],
        channelCount: 1,
        url: urlOf(sid, call.apiUrl),
      });
    },

    all: (callSid) =>
      [...recordings.values()].filter((recording) => callSid === undefined || recording.callSid === callSid).reverse(),
    find: (sid) => recordings.get(sid),
    remove: (sid) => recordings.delete(sid),
  };
}

export const durationMs = ({ channels }: Recording): number => (channels[0]?.length ?? 0) / bytesPerMs;

const durationSec = (recording: Recording): string => String(Math.round(durationMs(recording) / 1000));

/** The fields of a recording status callback (Twilio, Recordings: RecordingStatusCallback). */
export function recordingParams(recording: Recording): Record<string, string> {
  return {
    RecordingSid: recording.sid,
    RecordingStatus: recording.status,
    RecordingChannels: String(recording.channelCount),
    RecordingTrack: recording.track,
    RecordingSource: recording.source,
    RecordingStartTime: rfc2822(recording.startedAtMs),
    ...(recording.status !== 'in-progress' && { RecordingUrl: recording.url, RecordingDuration: durationSec(recording) }),
  };
}

function endOfCallParams(recording: Recording): Record<string, string> {
  return { RecordingSid: recording.sid, RecordingUrl: recording.url, RecordingDuration: durationSec(recording) };
}

export function recordingResource(recording: Recording, accountSid: string): Record<string, unknown> {
  const uri = `/${apiVersion}/Accounts/${accountSid}/Recordings/${recording.sid}`;
  return {
    sid: recording.sid,
    account_sid: accountSid,
    api_version: apiVersion,
    call_sid: recording.callSid,
    conference_sid: null,
    date_created: rfc2822(recording.startedAtMs),
    date_updated: rfc2822(recording.updatedAtMs),
    start_time: rfc2822(recording.startedAtMs),
    duration: recording.status === 'in-progress' ? '-1' : durationSec(recording),
    status: recording.isPaused ? 'paused' : recording.status,
    channels: recording.channelCount,
    source: recording.source,
    track: recording.track,
    error_code: null,
    price: null,
    price_unit: 'USD',
    encryption_details: null,
    media_url: recording.url,
    uri: `${uri}.json`,
    subresource_uris: { transcriptions: `${uri}/Transcriptions.json`, add_on_results: `${uri}/AddOnResults.json` },
  };
}
