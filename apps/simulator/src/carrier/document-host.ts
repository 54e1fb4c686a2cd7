import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import type { FaultTable } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import type { Speech } from '../speech/index.js';
import type { CarrierCall } from './call.js';
import { voiceParams, type Callbacks } from './callbacks.js';
import { openMediaStream, type MediaStream } from './media-stream.js';
import type { DocumentHost } from './run-document.js';
import { ulawOfFile } from './telephone-audio.js';
import type { TelephoneLine } from './telephone-line.js';
import type { Ticker } from './ticker.js';
import type { StreamNoun } from './twiml.js';
import type { WebhookClient } from './webhook-client.js';

/** What every call of the carrier shares. */
export interface CarrierDeps {
  accountSid: string;
  authToken: string;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  logger: Logger;
  ledger: LedgerWriter;
  faults: FaultTable;
  speech: Pick<Speech, 'line' | 'createListener'>;
  ticker: Ticker;
  client: WebhookClient;
  callbacks: Callbacks;
  /** Shorter `TimeLimit`s count as this (Twilio: 60). */
  timeLimitFloorSec: number;
  /** How the upgrade of a media stream is signed. */
  trailingSlash: 'as-written' | 'always';
}

/** Connects a running document to its call: speech, fetches, media streams. */
export function createDocumentHost({
  deps,
  line,
  ledger,
  call,
  addLabels,
}: {
  deps: CarrierDeps;
  line: TelephoneLine;
  ledger: LedgerWriter;
  call: () => CarrierCall;
  addLabels: (labels: Record<string, string>) => void;
}): DocumentHost {
  const { accountSid, clock, client, callbacks, chance, faults, speech, timers } = deps;
  const warn = (code: number, message: string): void => ledger.write('warning', { code, message });

  function openStream(noun: StreamNoun, url: string): MediaStream {
    addLabels(labelsOf(noun.parameters));
    const streamSid = newSid('MZ', chance);
    if (noun.track !== 'inbound_track') warn(31941, `track ${noun.track} is not for <Connect>`);
    // A query string is not supported: parameters travel as <Parameter>.
    if (url.includes('?')) warn(31920, 'the query string of a <Stream> URL was dropped');
    const report = (event: string, more: Record<string, string> = {}): void => {
      if (noun.statusCallback === undefined) return;
      const params = { AccountSid: accountSid, CallSid: call().sid, StreamSid: streamSid, StreamName: noun.name ?? streamSid };
      const timestamp = new Date(clock.now()).toISOString().replace('Z', '000000Z');
      const webhook = { url: noun.statusCallback, method: noun.statusCallbackMethod };
      callbacks.send(webhook, { ...params, StreamEvent: event, Timestamp: timestamp, ...more }, ledger);
    };
    const stream = openMediaStream({
      url: faults.strikes('stream-refused') ? 'ws://127.0.0.1:1/' : (url.split('?', 1)[0] ?? url),
      parameters: noun.parameters,
      streamSid,
      callSid: call().sid,
      accountSid,
      authToken: deps.authToken,
      firstTimestampMs: 100 + Math.floor(chance.fraction() * 100),
      trailingSlash: deps.trailingSlash,
      clock,
      timers,
      ledger,
      losesMark: () => faults.strikes('mark-lost') !== undefined,
    });
    void stream.opened.then((opening) => {
      if (!opening.ok) return report('stream-error', { StreamError: String(opening.errorCode) });
      report('stream-started');
      const cut = faults.strikes('stream-cut');
      if (cut) timers.after(cut.delayMs, () => stream.lose());
    });
    void stream.closed.then(({ by }) => by !== 'never-opened' && report('stream-stopped'));
    return stream;
  }

  return {
    line,
    timers,
    warn,
    openStream,
    speak: async (text) => (await speech.line(text)).audio,

    async fetchDocument(url, method, params) {
      const outcome = await client.send({ url, method, params: { ...voiceParams(call(), accountSid), ...params } });
      if (outcome.ok) {
        ledger.write('document-fetched', { url, tookMs: outcome.tookMs });
        return outcome.answer.body.toString('utf8');
      }
      warn(11200, `${url}: ${outcome.detail}`);
      return undefined;
    },

    async fetchAudio(url) {
      const outcome = await client.send({ url, method: 'GET', params: {} });
      const audio = outcome.ok ? ulawOfFile(outcome.answer.body) : undefined;
      if (!audio) warn(11200, `${url}: ${outcome.ok ? 'not µ-law at 8 kHz' : outcome.detail}`);
      return audio;
    },
  };
}

/** The names under which callers label a call of theirs in `<Parameter>`, so that the ledger can be searched by them. */
export function labelsOf(parameters: Record<string, string>): Record<string, string> {
  const callId = parameters['callId'] ?? parameters['call_id'];
  const { attempt } = parameters;
  return { ...(callId !== undefined && { callId }), ...(attempt !== undefined && { attempt }) };
}
