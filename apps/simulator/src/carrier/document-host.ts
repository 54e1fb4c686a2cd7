import type { LedgerWriter } from '../ledger.js';
import { SpeechError } from '../speech/index.js';
import { ulawOfAudio } from './audio-file.js';
import type { CarrierCall } from './call.js';
import { createCallStreams } from './call-streams.js';
import { voiceParams } from './callbacks.js';
import type { CarrierDeps } from './carrier-deps.js';
import type { CreateOrder } from './create-request.js';
import type { DocumentHost } from './document.js';
import { recordingParams } from './recordings.js';
import { bytesPerMs, silence } from './telephone-audio.js';
import type { TelephoneLine } from './telephone-line.js';

export type { CarrierDeps } from './carrier-deps.js';

/** A call's host for its documents, one after another; `close` when the call is over. */
export interface OpenDocumentHost extends DocumentHost {
  close(): void;
}

/** About as long as it takes to say it: a document in a language that nobody here speaks keeps its pace. */
const silentMsPerCharacter = 60;

/** Connects a running document to its call: speech, fetches, media streams, legs, recordings. */
export function createDocumentHost({
  deps,
  line,
  ledger,
  call,
  apiUrl,
  machineDetection,
  addLabels,
}: {
  deps: CarrierDeps;
  line: TelephoneLine;
  ledger: LedgerWriter;
  call: () => CarrierCall;
  /** Where the customer reaches the REST API: the beginning of a `RecordingUrl`. */
  apiUrl?: string | undefined;
  machineDetection?: CreateOrder['machineDetection'];
  addLabels: (labels: Record<string, string>) => void;
}): OpenDocumentHost {
  const { accountSid, client, callbacks, speech } = deps;
  const isDetecting = (): boolean => machineDetection?.isAsync === true && call().answeredBy === undefined;
  const streams = createCallStreams({ deps, line, ledger, call, isDetecting });
  const warn = (code: number, message: string): void => ledger.write('warning', { code, message });

  return {
    line,
    timers: deps.timers,
    habits: deps.callHabits,
    numbers: deps.numbers ?? {},
    call,
    now: () => deps.clock.now(),
    warn,
    note: (kind, facts) => ledger.write(kind, facts),

    async speak(text) {
      try {
        return (await speech.line(text)).audio;
      } catch (error) {
        if (!(error instanceof SpeechError) || error.code === 'closed') throw error;
        warn(13520, `<Say>: ${error.message}; silence instead`);
        return silence(silentMsPerCharacter * text.length);
      }
    },

    async fetchDocument(url, method, params) {
      const outcome = await client.send({ url, method, params: { ...voiceParams(call(), accountSid), ...params } });
      if (outcome.ok) {
        ledger.write('document-fetched', { url, tookMs: outcome.tookMs });
        const { body, contentType } = outcome.answer;
        return { body, contentType: bareType(contentType) };
      }
      warn(outcome.errorCode, `${url}: ${outcome.detail}`);
      return { errorCode: outcome.errorCode };
    },

    async fetchAudio(url) {
      const outcome = await client.send({ url, method: 'GET', params: {} });
      if (!outcome.ok) {
        warn(outcome.errorCode, `${url}: ${outcome.detail}`);
        return undefined;
      }
      const { body, contentType } = outcome.answer;
      const audio = ulawOfAudio(body, bareType(contentType));
      if (!audio) warn(12300, `${url}: ${bareType(contentType)} is no sound that this simulator plays`);
      return audio;
    },

    openStream(noun, url) {
      addLabels(labelsOf(noun.parameters));
      return streams.open(noun, url);
    },
    startStream: (noun, url) => streams.start(noun, url),
    stopStream: (name) => streams.stop(name),
    startLeg: (order, hooks) => deps.startLeg(order, hooks),

    keepRecording({ audio, startedAtMs }, callback) {
      const { sid } = call();
      const recording = deps.recordings.keep({ sid, apiUrl }, audio, startedAtMs);
      const told = recordingParams(recording);
      const params = {
        RecordingSid: recording.sid,
        RecordingUrl: recording.url,
        RecordingDuration: told['RecordingDuration'] ?? '0',
      };
      ledger.write('recording', { recordingSid: recording.sid, status: recording.status, ms: audio.length / bytesPerMs });
      if (callback) callbacks.send(callback, { AccountSid: accountSid, CallSid: sid, ...told }, ledger);
      return params;
    },

    close: () => streams.close(),
  };
}

const bareType = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase();

/** The names under which callers label a call of theirs in `<Parameter>`, so that the ledger can be searched by them. */
export function labelsOf(parameters: Record<string, string>): Record<string, string> {
  const callId = parameters['callId'] ?? parameters['call_id'];
  const { attempt } = parameters;
  return { ...(callId !== undefined && { callId }), ...(attempt !== undefined && { attempt }) };
}
