import type { LedgerWriter } from '../ledger.js';
import { newSid } from '../sid.js';
import type { CarrierCall } from './call.js';
import type { CarrierDeps } from './carrier-deps.js';
import { openMediaStream, type MediaStream } from './media-stream.js';
import { createStreamFaults } from './stream-faults.js';
import type { Track } from './stream-messages.js';
import type { TelephoneLine } from './telephone-line.js';
import type { StreamNoun } from './verb.js';

/** The media streams of one call. */
export interface CallStreams {
  /** The bidirectional stream of a `<Connect>`. */
  open(noun: StreamNoun, url: string): MediaStream;
  /** A stream of `<Start>` or of REST: it listens until it is stopped, or the call is over. Its SID, if it may. */
  start(noun: StreamNoun, url: string): string | undefined;
  /** By its name or SID; the SID. `undefined`: there is none of that name. */
  stop(name: string): string | undefined;
  close(): void;
}

/** A call carries four tracks that only listen at most (Twilio, Media Streams). */
const mostTracks = 4;

const tracksOf: Readonly<Record<string, readonly Track[]>> = {
  inbound_track: ['inbound'],
  outbound_track: ['outbound'],
  both_tracks: ['inbound', 'outbound'],
};

export function createCallStreams({
  deps,
  line,
  ledger,
  call,
  isDetecting,
}: {
  deps: CarrierDeps;
  line: TelephoneLine;
  ledger: LedgerWriter;
  call: () => CarrierCall;
  /** Asynchronous machine detection listens too. */
  isDetecting: () => boolean;
}): CallStreams {
  const { accountSid, clock, callbacks, chance, faults, timers } = deps;
  const warn = (code: number, message: string): undefined => {
    ledger.write('warning', { code, message });
    return undefined;
  };
  const listening = new Map<string, { stream: MediaStream; tracks: readonly Track[]; name: string | undefined }>();

  function openOne(noun: StreamNoun, url: string, tracks?: readonly Track[]): MediaStream {
    const streamSid = newSid('MZ', chance);
    // A query string is not supported: parameters travel as <Parameter>.
    if (url.includes('?')) warn(31920, 'the query string of a <Stream> URL was dropped');
    const report = (event: string, more: Record<string, string> = {}): void => {
      if (noun.statusCallback === undefined) return;
      const params = { AccountSid: accountSid, CallSid: call().sid, StreamSid: streamSid, StreamName: noun.name ?? streamSid };
      const timestamp = new Date(clock.now()).toISOString().replace('Z', '000000Z');
      const webhook = { url: noun.statusCallback, method: noun.statusCallbackMethod };
      callbacks.send(webhook, { ...params, StreamEvent: event, Timestamp: timestamp, ...more }, ledger);
    };
    const occasion = { to: call().to, callSid: call().sid };
    const wrong = createStreamFaults(faults, occasion);
    const tried = faults.strikes('stream-refused', occasion) ? 'ws://127.0.0.1:1/' : (url.split('?', 1)[0] ?? url);
    const failed = wrong.failed({ streamSid, url: tried, ledger, timers });
    const stream =
      failed ??
      openMediaStream({
        url: tried,
        parameters: noun.parameters,
        streamSid,
        callSid: call().sid,
        accountSid,
        authToken: deps.authToken,
        firstTimestampMs: 100 + Math.floor(chance.fraction() * 100),
        habits: deps.streamHabits,
        clock,
        timers,
        chance,
        ledger,
        losesMark: wrong.losesMark,
        frameFault: wrong.frameFault,
        ...(tracks && { tracks, direction: 'listens' }),
      });
    void stream.opened.then((opening) => {
      if (!opening.ok) return report('stream-error', { StreamError: String(opening.errorCode) });
      report('stream-started');
      wrong.await(stream, { ledger, timers });
    });
    void stream.closed.then(({ by }) => by !== 'never-opened' && report('stream-stopped'));
    return stream;
  }

  return {
    open(noun, url) {
      if (noun.track !== 'inbound_track') warn(31941, `track ${noun.track} is not for <Connect>`);
      return openOne(noun, url);
    },

    start(noun, url) {
      const tracks = Object.hasOwn(tracksOf, noun.track) ? tracksOf[noun.track] : undefined;
      if (!tracks) return warn(31941, `${noun.track} is no track`);
      const detecting = deps.callHabits.detectionTakesTrack && isDetecting() ? 1 : 0;
      const used = [...listening.values()].reduce((sum, one) => sum + one.tracks.length, detecting);
      if (used + tracks.length > mostTracks) return warn(31941, `a call carries ${mostTracks} tracks at most`);
      if (noun.name !== undefined && [...listening.values()].some((one) => one.name === noun.name))
        return warn(31941, `a stream is called ${noun.name} already`);
      const stream = openOne(noun, url, tracks);
      listening.set(stream.streamSid, { stream, tracks, name: noun.name });
      const hangUp = line.tap((said, heard) => {
        for (const track of tracks) stream.tell(track, track === 'inbound' ? said : heard);
      });
      void stream.closed.then(() => {
        hangUp();
        listening.delete(stream.streamSid);
      });
      return stream.streamSid;
    },

    stop(name) {
      const found = [...listening.values()].find((one) => one.name === name || one.stream.streamSid === name);
      found?.stream.stop();
      return found?.stream.streamSid;
    },

    close() {
      for (const { stream } of listening.values()) stream.stop();
    },
  };
}
