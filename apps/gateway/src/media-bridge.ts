import type { Carrier } from '@onhook/carrier';
import type { Agent, AnsweredBy, CallId, Cause, Goodbye, Party, StreamSid } from '@onhook/contracts';
import type { RecordingStore } from '@onhook/recordings';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls, Transcripts } from '@onhook/store';
import type { VoiceAgent } from '@onhook/voice-agent';
import { createAfterwards, type CloseReason } from './afterwards.js';
import { CARRIER_BACKPRESSURE, createBackpressure } from './backpressure.js';
import type { ToolSurroundings } from './call-tools.js';
import { createCarrierLine } from './carrier-line.js';
import { createCarrierMessages } from './carrier-messages.js';
import { createConversation } from './conversation.js';
import type { Perform } from './effects.js';
import { createEnding } from './ending.js';
import type { GatewayLimits } from './limits.js';
import { keepLiveTranscript } from './live-transcript.js';
import { createPlayback } from './playback.js';
import { createRecorder, NO_RECORDER } from './recorder.js';
import type { KeepTranscript, Report } from './reports.js';
import { createSpeaker } from './speaker.js';
import type { AcceptedStream } from './stream-intake.js';
import type { Traffic } from './traffic.js';

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
  /** This process stops: the agent says so, and the call ends when that was heard. */
  shutDown(): void;
  /** This process is lost: ends the call without the record's help. One that is being transferred only loses its sockets. */
  abandon(): Promise<void>;
  /** Both sockets are closed and the record knows. */
  readonly over: Promise<void>;
}

export interface MediaBridgeDeps {
  readonly calls: Pick<Calls, 'apply' | 'load'>;
  readonly perform: Perform;
  readonly report: Report;
  readonly keepTranscript: KeepTranscript;
  readonly transcripts: Pick<Transcripts, 'save'>;
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall' | 'redirect'>;
  readonly voiceAgent: VoiceAgent;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly tools?: ToolSurroundings;
  /** First words as audio (µ-law, 8 kHz), of the agents that have them. */
  readonly greetings?: ReadonlyMap<string, Uint8Array>;
  /** What is played when there is no agent any more (µ-law, 8 kHz). Null: such a call ends without a word. */
  readonly apology: Uint8Array | null;
  /** Null: calls are not recorded. */
  readonly recordings: RecordingStore | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
  readonly traffic: Traffic;
  /** The callee cannot speak into the greeting. */
  readonly protectGreeting: boolean;
}

export function bridgeMedia(stream: AcceptedStream, deps: MediaBridgeDeps): MediaBridge {
  const { callId, attempt, streamSid, socket, call } = stream;
  const { timers, limits, report, traffic } = deps;
  const logger = deps.logger.child({ callId, attempt });
  const elapsedMs = (): number => deps.clock.monotonicMs() - stream.startedAtMs;

  const pressure = createBackpressure(CARRIER_BACKPRESSURE);
  const playback = createPlayback(streamSid.slice(2, 10));
  const recorder = deps.recordings ? createRecorder(deps.recordings.open(callId, attempt)) : NO_RECORDER;
  const speaker = createSpeaker({ socket, messages: createCarrierMessages(streamSid), playback, recorder, traffic, elapsedMs });
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
  const conversation = createConversation({
    ...deps,
    stream,
    agent: deps.agents.get(call.agentId),
    tools: deps.tools ?? null,
    greetingAudio: deps.greetings?.get(call.agentId),
    speaker,
    playback,
    logger,
    elapsedMs,
    isOpen: () => !closing && !ending.asked(),
    guarded,
    end,
    saidGoodbye: askEnd,
    onLook() {
      const waiting = socket.bufferedBytes();
      traffic.carrierBufferedMaxBytes = Math.max(traffic.carrierBufferedMaxBytes, waiting);
      traffic.agentBufferedMaxBytes = Math.max(traffic.agentBufferedMaxBytes, line.bufferedBytes());
      if (pressure.isStuck(waiting, elapsedMs(), socket.takenBytes())) end('media-lost', 'carrier');
    },
  });
  const { line, farewell, inCall, acts } = conversation;
  const live = keepLiveTranscript({ ...deps, callId, memory: conversation.memory, elapsedMs, logger });
  const carrierLine = createCarrierLine({
    socket,
    recorder,
    traffic,
    agent: { hear: line.hear, isDeaf: line.isDeaf, isShielded: conversation.isShielded },
    elapsedMs,
    logger,
    isClosing: () => closing,
    isEnding: () => ending.asked() !== null,
    onMedia: inCall.media,
    onMark: conversation.marked,
    onDigit: conversation.digits.pressed,
    onStop: () => close('stop'),
    onStuck: () => end('media-lost', 'carrier'),
  });

  let closing = false;
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
    memory: conversation.memory,
    keepTranscript: deps.keepTranscript,
    playback,
    recorder,
  });

  socket.listen({
    onFrame(bytes, from, to) {
      try {
        return carrierLine.hearMedia(bytes, from, to);
      } catch (error) {
        failed(error);
        return true;
      }
    },
    onMessage: (bytes) => guarded(() => carrierLine.hear(bytes)),
    onClosed() {
      carrierClosed();
      close('lost');
    },
  });
  guarded(conversation.begin);
  for (const bytes of stream.held) guarded(() => carrierLine.hear(bytes));

  function end(cause: Cause, by: Party): void {
    if (closing || ending.asked() || conversation.holds(() => end(cause, by))) return;
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
    conversation.stop();
    live.stop();
    ending.disarm();
    farewell.handle({ type: 'call-gone', stop: why === 'stop' });
    line.close(why);
    socket.close(1000, 'call over');
    afterwards
      .finish(why, closedAtMs)
      .catch((error: unknown) => logger.error({ err: error }, 'call could not be finished'))
      .finally(settleOver);
  }

  /** An error inside one call ends only that call. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      failed(error);
    }
  }

  function failed(error: unknown): void {
    logger.error({ err: error }, 'call failed inside the gateway');
    try {
      end('internal-error', 'platform');
    } catch (worse) {
      logger.error({ err: worse }, 'call could not even be ended in order');
      close('broken');
    }
  }

  return {
    callId,
    streamSid,
    over,
    end: (cause, by) => guarded(() => end(cause, by)),
    close: (why) => guarded(() => close(why)),
    shutDown: () => guarded(conversation.shutDown),
    async abandon() {
      // The leg of a closed stream is over, or belongs to somebody else by now; one whose redirect is under way may.
      if (closing) return;
      if (conversation.holds(() => {})) return close('lost');
      await ending.abandon();
    },
    answeredBy: (who) => guarded(() => conversation.answeredBy(who)),
    async sayAndEnd() {
      const loaded = await deps.calls.load(callId);
      if (loaded?.call.state !== 'bridged' || loaded.call.pending.kind !== 'words' || loaded.call.owner.streamSid !== streamSid)
        return;
      const { words, cause, by } = loaded.call.pending;
      guarded(() => acts.sayAndEnd(words, { cause, by }));
    },
  };
}
