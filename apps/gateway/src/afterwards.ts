import type { NewCallEvent } from '@onhook/call';
import type { CallId, StreamSid } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { AgentLine } from './agent-line.js';
import type { CallMemory } from './call-memory.js';
import type { Ending } from './ending.js';
import type { Farewell } from './farewell.js';
import type { Playback } from './playback.js';
import type { Recorder } from './recorder.js';
import type { KeepTranscript, Report } from './reports.js';

/** Why the sockets of a call were closed, by whoever was first. */
export type CloseReason = 'stop' | 'lost' | 'order' | 'lease' | 'fuse' | 'direct' | 'broken';

interface AfterwardsDeps {
  readonly callId: CallId;
  readonly attempt: number;
  readonly streamSid: StreamSid;
  readonly report: Report;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
  readonly elapsedMs: () => number;
  readonly closeWithinMs: number;
  readonly carrierIsClosed: Promise<void>;
  readonly line: Pick<AgentLine, 'closed'>;
  readonly ending: Pick<Ending, 'asked' | 'goodbyeIsKnown'>;
  readonly farewell: Pick<Farewell, 'goodbye'>;
  readonly memory: Pick<CallMemory, 'written' | 'measured'>;
  readonly keepTranscript: KeepTranscript;
  readonly playback: Pick<Playback, 'totals'>;
  readonly recorder: Pick<Recorder, 'finish'>;
}

/** What is left to do when a call has closed its sockets: see them closed, finish the recording, tell the record. */
export function createAfterwards(deps: AfterwardsDeps): { finish(why: CloseReason, closedAtMs: number): Promise<void> } {
  const { callId, attempt, streamSid, report, timers, logger, elapsedMs, ending, farewell } = deps;

  async function socketsClosed(why: CloseReason, closedAtMs: number): Promise<void> {
    const patience = new AbortController();
    const closed = { carrier: false, agent: false };
    await Promise.race([
      Promise.all([deps.carrierIsClosed.then(() => (closed.carrier = true)), deps.line.closed.then(() => (closed.agent = true))]),
      timers.sleep(deps.closeWithinMs, patience.signal),
    ]);
    patience.abort();
    const { sentMs, heardMs, clearedMs, droppedMs } = deps.playback.totals(closedAtMs);
    const played = { sentMs: Math.round(sentMs), heardMs: Math.round(heardMs), clearedMs: Math.round(clearedMs) };
    const facts = {
      why,
      ...closed,
      ms: Math.round(elapsedMs() - closedAtMs),
      callMs: Math.round(closedAtMs),
      ...played,
      droppedMs,
    };
    if (closed.carrier && closed.agent) logger.info(facts, 'sockets closed');
    else logger.error(facts, 'sockets did not close in time');
  }

  function mediaClosed(why: CloseReason): NewCallEvent {
    const base = { type: 'media-closed', source: 'gateway', streamSid } as const;
    if (why === 'stop' || why === 'lost') return { ...base, why };
    const bySelf = { ...(why === 'fuse' && { fuse: true }), ...(why === 'direct' && { direct: true }) };
    return { ...base, why: 'we', ...ending.asked(), ...bySelf };
  }

  return {
    async finish(why, closedAtMs) {
      const recorded = deps.recorder.finish(closedAtMs);
      const told = report(callId, mediaClosed(why));
      const transcript = deps.memory.written(closedAtMs);
      const kept = transcript.lines.length > 0 ? deps.keepTranscript(callId, transcript) : null;
      await socketsClosed(why, closedAtMs);
      await told;
      await kept;
      const recording = await recorded;
      if (recording && recording.lostMs > 0) logger.warn({ lostMs: recording.lostMs }, 'recording has holes');
      const goodbye = ending.goodbyeIsKnown() ? null : farewell.goodbye();
      const measured = deps.memory.measured();
      const facts = {
        ...(goodbye && { goodbye }),
        ...(recording && { recordingMs: Math.round(recording.durationMs) }),
        ...(measured.answerToFirstAudioMs !== null && { measured }),
      };
      if (Object.keys(facts).length === 0) return;
      await report(callId, { type: 'noted', source: 'gateway', n: attempt, ...facts });
    },
  };
}
