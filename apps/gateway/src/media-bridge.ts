import { silence } from '@onhook/audio';
import { currentAttempt } from '@onhook/call';
import type { Carrier } from '@onhook/carrier';
import {
  openingWords,
  type Agent,
  type AnsweredBy,
  type CallId,
  type Cause,
  type Goodbye,
  type Party,
  type StreamSid,
} from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls } from '@onhook/store';
import type { VoiceAgent } from '@onhook/voice-agent';
import { createAfterwards, type CloseReason } from './afterwards.js';
import { createAgentLine } from './agent-line.js';
import { createCarrierMessages, readCarrierMessage, type CarrierMessage } from './carrier-messages.js';
import type { Perform } from './effects.js';
import { createEnding } from './ending.js';
import { createFarewell } from './farewell.js';
import { startInCallTimers } from './in-call-timers.js';
import type { GatewayLimits } from './limits.js';
import { createPlayback } from './playback.js';
import { createRecorder } from './recorder.js';
import type { RecordingStore } from './recording-store.js';
import type { Report } from './reports.js';
import { createSpeaker } from './speaker.js';
import type { AcceptedStream } from './stream-intake.js';

/** One live call: the only owner of its two sockets, its recording and its timers, with one way to close them all. */
export interface MediaBridge {
  readonly callId: CallId;
  readonly streamSid: StreamSid;
  /** Asks that the call be ended. The first wish counts. */
  end(cause: Cause, by: Party): void;
  /** Closes everything now. `order`: we were told to. `lease`: the call is no longer ours. */
  close(why: 'order' | 'lease'): void;
  /** Reads the last words from the record, lets the agent say them, and ends. */
  sayAndEnd(): Promise<void>;
  answeredBy(who: AnsweredBy): void;
  /** Both sockets are closed and the record knows. */
  readonly over: Promise<void>;
}

export interface MediaBridgeDeps {
  readonly calls: Pick<Calls, 'apply' | 'load'>;
  readonly perform: Perform;
  readonly report: Report;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  readonly voiceAgent: VoiceAgent;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly recordings: RecordingStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
  /** The callee cannot speak into the greeting. */
  readonly protectGreeting: boolean;
}

/** A reader that does not read: more than half a minute of both sides is waiting. */
const MAX_BUFFERED_BYTES = 1_048_576;

export function bridgeMedia(stream: AcceptedStream, deps: MediaBridgeDeps): MediaBridge {
  const { callId, attempt, streamSid, socket, call } = stream;
  const { timers, limits, report } = deps;
  const logger = deps.logger.child({ callId, attempt });
  const elapsedMs = (): number => deps.clock.monotonicMs() - stream.startedAtMs;

  const playback = createPlayback(streamSid.slice(2, 10));
  const recorder = createRecorder(deps.recordings.open(callId, attempt));
  const speaker = createSpeaker({ socket, messages: createCarrierMessages(streamSid), playback, recorder, elapsedMs });
  const ending = createEnding({
    ...deps,
    callId,
    attempt,
    carrierCallId: stream.carrierCallId,
    logger,
    elapsedMs,
    fuseMs: limits.fuseMs,
    closeMedia: close,
  });
  const farewell = createFarewell({
    timers,
    elapsedMs,
    unheardMs: speaker.unheardMs,
    limits: limits.endOfCall,
    mark: speaker.mark,
    end: askEnd,
    guarded,
    answerTool: (toolCallId, output, options) => line.answerTool(toolCallId, output, options),
  });
  const inCall = startInCallTimers({
    timers,
    elapsedMs,
    unheardMs: speaker.unheardMs,
    limits,
    maxDurationMs: maxDurationMs(),
    end: (cause, by) => guarded(() => end(cause, by)),
  });
  const line = createAgentLine({
    speaker,
    playback,
    farewell,
    inCall,
    elapsedMs,
    guarded,
    logger,
    end,
    isOpen: () => !closing && !ending.asked(),
  });

  let closing = false;
  let badMessages = 0;
  let deafFrames = 0;
  let carrierClosed = (): void => {};
  const carrierIsClosed = new Promise<void>((resolve) => (carrierClosed = resolve));
  let settleOver = (): void => {};
  const over = new Promise<void>((resolve) => (settleOver = resolve));
  const afterwards = createAfterwards({
    callId,
    attempt,
    streamSid,
    report,
    timers,
    logger,
    elapsedMs,
    closeWithinMs: limits.socketsCloseWithinMs,
    carrierIsClosed,
    line,
    ending,
    farewell,
    playback,
    recorder,
  });

  socket.listen({
    onMessage: (bytes) => guarded(() => hear(readCarrierMessage(bytes))),
    onClosed() {
      carrierClosed();
      close('lost');
    },
  });
  const agent = deps.agents.get(call.agentId);
  guarded(() => {
    if (agent)
      line.open(deps.voiceAgent, {
        callId,
        attempt,
        agent,
        variables: call.variables,
        words: openingWords(agent, call.variables),
        protectGreeting: deps.protectGreeting,
      });
    else end('internal-error', 'platform');
  });
  if (!agent) logger.error({ agentId: call.agentId }, 'agent is not known to this gateway');
  for (const bytes of stream.held) guarded(() => hear(readCarrierMessage(bytes)));

  function hear(message: CarrierMessage | null): void {
    if (closing) return;
    switch (message?.event) {
      case 'media':
        inCall.media();
        recorder.callee(message.audio, message.timestampMs, elapsedMs());
        return feed(message.audio);
      case 'mark':
        if (playback.echoed(message.name, elapsedMs()) === 'heard') farewell.handle({ type: 'heard', mark: message.name });
        return;
      case 'stop':
        return close('stop');
      case 'dtmf':
      case 'other':
      case 'connected':
        return;
      // A second start on an accepted stream, or no message at all: it changes nothing.
      case 'start':
      case undefined:
        if (badMessages++ === 0) logger.warn('carrier message was not understood');
    }
  }

  function feed(audio: Uint8Array): void {
    if (socket.bufferedBytes() > MAX_BUFFERED_BYTES) return end('media-lost', 'carrier');
    if (ending.asked()) return;
    if (line.bufferedBytes() > MAX_BUFFERED_BYTES) {
      if (deafFrames++ === 0) logger.warn('agent does not keep up, it misses what the callee says');
      return;
    }
    line.hear(line.isShielded() ? silence(audio.length) : audio);
  }

  function end(cause: Cause, by: Party): void {
    if (closing || ending.asked()) return;
    farewell.handle({ type: 'call-gone', stop: false });
    askEnd(cause, by, farewell.goodbye());
  }

  function askEnd(cause: Cause, by: Party, goodbye: Goodbye | null): void {
    const { heardMs, clearedMs } = playback.totals(elapsedMs());
    logger.info(
      { cause, by, goodbye, heardMs: Math.round(heardMs), clearedMs: Math.round(clearedMs), ms: Math.round(elapsedMs()) },
      'end was decided',
    );
    ending.ask({ cause, by, goodbye });
  }

  function close(why: CloseReason): void {
    if (closing) return;
    closing = true;
    const closedAtMs = elapsedMs();
    inCall.stop();
    ending.disarm();
    farewell.handle({ type: 'call-gone', stop: why === 'stop' });
    line.close(why);
    socket.close(1000, 'call over');
    afterwards
      .finish(why, closedAtMs)
      .catch((error: unknown) => logger.error({ err: error }, 'call could not be finished'))
      .finally(settleOver);
  }

  /** What is left of the policy's limit, on this stream's time. */
  function maxDurationMs(): number {
    const answeredAt = currentAttempt(call)?.answeredAt ?? stream.acceptedAt;
    return call.policy.maxDurationSec * 1_000 - Math.max(0, stream.acceptedAt - answeredAt);
  }

  /** An error inside one call ends only that call. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      logger.error({ err: error }, 'call failed inside the gateway');
      try {
        end('internal-error', 'platform');
      } catch (worse) {
        logger.error({ err: worse }, 'call could not even be ended in order');
        close('broken');
      }
    }
  }

  return {
    callId,
    streamSid,
    over,
    end: (cause, by) => guarded(() => end(cause, by)),
    close: (why) => guarded(() => close(why)),
    answeredBy: (who) => logger.info({ who }, 'carrier told who answered'),
    async sayAndEnd() {
      const loaded = await deps.calls.load(callId);
      if (loaded?.call.state !== 'bridged' || loaded.call.pending.kind !== 'words' || loaded.call.owner.streamSid !== streamSid)
        return;
      const { words, cause, by } = loaded.call.pending;
      guarded(() => {
        if (closing || ending.asked() || farewell.isInProgress()) return;
        if (line.isReady()) line.sayLast(words, { cause, by });
        else end(cause, by);
      });
    },
  };
}
