import type { MuLawAudio } from '@onhook/audio';
import type { Logger, Timer, Timers } from '@onhook/service';
import type { OpenSession, Resume, VoiceAgent } from '@onhook/voice-agent';
import { createSlot, slotEvents, type Slot } from './agent-slot.js';
import { createFloor, type Floor } from './floor.js';
import type { ToolAnswer } from './toolbox.js';
import type { TurnEvents } from './turns.js';

/**
 * The agent over the life of a call, which may take more than one session: one that is lost is opened anew with what was said so
 * far, once; one that its provider will end is replaced before that. What is said in them is the business of `turns.ts`.
 */
export interface AgentLine {
  open(voiceAgent: VoiceAgent, request: OpenSession): void;
  hear(audio: MuLawAudio): void;
  say(words: string, options: { exact: boolean; last?: boolean }): void;
  /** What the callee did and did not speak, in words. */
  tell(words: string): void;
  interrupt(item: { itemId: string; heardMs: number }): void;
  answerTool(toolCallId: string, answer: ToolAnswer & { readonly withTools?: boolean }): void;
  isReady(): boolean;
  /** A session is being opened, the first one or another: it may be ready in a moment. */
  isConnecting(): boolean;
  /** The same, but in place of one that had been ready. */
  isReopening(): boolean;
  readonly floor: Pick<Floor, 'agentOwes'>;
  /** So much waits for the agent that it would hear the past. */
  isDeaf(): boolean;
  /** That wait for it in our process. */
  bufferedBytes(): number;
  /** Every half second: a socket that is stuck, a session that will expire. */
  look(): void;
  /** This session is worth nothing any more; another is opened, as if it had been lost. */
  abandon(why: string): void;
  close(why: string): void;
  /** Every socket is closed, or there never was one. */
  readonly closed: Promise<void>;
}

interface AgentLineDeps {
  readonly turns: TurnEvents;
  /** The first session is ready. */
  readonly onReady: () => void;
  /** The agent has the floor again, in another session or after a failure; its first words may still be unsaid. */
  readonly onResumed: () => void;
  /** The callee has been spoken to. */
  readonly hasSpoken: () => boolean;
  /** There is no agent any more, and there will be none. `opened`: there had been one. */
  readonly onLost: (facts: { opened: boolean }) => void;
  /** What was said so far, for a session that knows nothing. */
  readonly said: () => Resume['lines'];
  /** The end is under way, or nothing is left to say: a lost session is not replaced. */
  readonly isEnding: () => boolean;
  /** Nothing is on its way to the callee's ear. */
  readonly isHeardOut: () => boolean;
  /** Neither closing nor asked to end: what the agent does still counts. */
  readonly isOpen: () => boolean;
  readonly timers: Pick<Timers, 'after'>;
  readonly elapsedMs: () => number;
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
  readonly readyWithinMs: number;
}

/** A session that lasted so long has earned another reconnect. */
const FORGIVEN_AFTER_MS = 60_000;
/** A turn that failed is asked for again so much later; after the last of these nobody asks any more. */
const ASKED_AGAIN_AFTER_MS = [250, 1_000, 2_500];

export function createAgentLine(deps: AgentLineDeps): AgentLine {
  const { turns, isOpen, timers, elapsedMs, guarded, logger } = deps;
  const floor = createFloor();
  let voiceAgent: VoiceAgent | null = null;
  let request: OpenSession | null = null;
  let speaking: Slot | null = null;
  let standingBy: Slot | null = null;
  let wasEverReady = false;
  let mayReconnect = true;
  let deadline: Timer | null = null;
  let deafFrames = 0;
  let failedTurns = 0;
  let sockets = 0;
  let isShut = false;
  let resolveClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (resolveClosed = resolve));

  function begin(role: Slot['role'], resume?: Resume): Slot {
    const slot = createSlot(role, resume?.lines.length ?? 0);
    if (role === 'speaks') speaking = slot;
    else standingBy = slot;
    sockets++;
    const events = slotEvents(slot, {
      ...deps,
      floor,
      onReady: becameReady,
      onTurnDone: turnIsDone,
      onClosed: closedOne,
    });
    slot.session = voiceAgent!.open({ ...request!, ...(resume && { resume }) }, events);
    // An adapter may have been ready before it returned.
    if (slot.isReady) becameReady(slot);
    return slot;
  }

  function closedOne(
    slot: Slot,
    role: Slot['role'],
    { code, reason, retryable }: { code: number; reason: string; retryable: boolean },
  ): void {
    sockets--;
    if (slot === standingBy) standingBy = null;
    if (role === 'speaks' && isOpen()) {
      logger.warn({ code, reason, opened: slot.isReady, retryable }, 'agent was lost');
      guarded(() => recover(slot, retryable));
    }
    settleClosed();
  }

  function turnIsDone(slot: Slot, status: 'completed' | 'cancelled' | 'failed' | 'incomplete'): void {
    if (status === 'completed') failedTurns = 0;
    if (status === 'failed' && !deps.isEnding()) askAgain(slot);
  }

  /** A provider says no more than that: it had a fault, or too much to do. */
  function askAgain(slot: Slot): void {
    const pauseMs = ASKED_AGAIN_AFTER_MS[failedTurns++];
    if (pauseMs === undefined) {
      logger.warn({ failedTurns }, 'agent failed too often');
      drop(slot, 'its turns fail');
      speaking = null;
      return deps.onLost({ opened: true });
    }
    timers.after(pauseMs, () => {
      if (slot.role !== 'speaks' || !isOpen() || deps.isEnding() || !floor.agentOwes()) return;
      guarded(() => (deps.hasSpoken() ? slot.session?.respond() : deps.onResumed()));
    });
  }

  function becameReady(slot: Slot): void {
    if (slot.role === 'stands-by') return changeOver(slot);
    deadline?.cancel();
    if (wasEverReady) return deps.onResumed();
    wasEverReady = true;
    deps.onReady();
  }

  /** The session that stood by takes over, unless somebody has begun to speak since it was opened: it would not know. */
  function changeOver(next: Slot): void {
    standingBy = null;
    const old = speaking;
    if (!old || !isQuiet() || deps.said().length !== next.saidLines) return drop(next, 'the moment has passed');
    next.role = 'speaks';
    speaking = next;
    drop(old, 'renewed');
    deps.onResumed();
    logger.info('agent session was renewed');
  }

  function drop(slot: Slot, why: string): void {
    slot.role = 'gone';
    slot.session?.close(why);
  }

  /** The session that spoke is gone. */
  function recover(lost: Slot, retryable: boolean): void {
    if (speaking === lost) speaking = null;
    deadline?.cancel();
    if (deps.isEnding()) return deps.onLost({ opened: wasEverReady });
    const wasSpeaking = floor.calleeIsSpeaking();
    const { openTurns, respond } = floor.lost();
    // What was sent of them is still played.
    for (const turnId of openTurns) turns.turnDone({ turnId, status: 'incomplete' });
    if (wasSpeaking) turns.calleeStoppedSpeaking();
    if (lost.isReady && elapsedMs() - lost.readyAtMs >= FORGIVEN_AFTER_MS) mayReconnect = true;
    if (!retryable || !mayReconnect) return deps.onLost({ opened: wasEverReady });
    mayReconnect = false;
    reopen(respond);
  }

  function reopen(respond: boolean): void {
    if (standingBy) drop(standingBy, 'not needed');
    standingBy = null;
    const slot = begin(
      'speaks',
      wasEverReady ? { lines: deps.said(), respond: respond && deps.hasSpoken(), afterBreak: true } : undefined,
    );
    if (slot.isReady || slot.role === 'gone') return;
    deadline = timers.after(deps.readyWithinMs, () => {
      if (slot.role === 'speaks' && isOpen()) guarded(() => abandonSlot(slot, 'not ready in time'));
    });
  }

  function abandonSlot(slot: Slot, why: string): void {
    logger.warn({ why }, 'agent session was abandoned');
    drop(slot, why);
    recover(slot, true);
  }

  function isConnecting(): boolean {
    return speaking !== null && !speaking.isReady;
  }

  function isQuiet(): boolean {
    return floor.isIdle() && deps.isHeardOut() && !deps.isEnding();
  }

  function settleClosed(): void {
    if (isShut && sockets === 0) resolveClosed();
  }

  return {
    closed,
    floor,
    open(agent, session) {
      voiceAgent = agent;
      request = session;
      begin('speaks');
    },
    hear(audio) {
      speaking?.session?.hear(audio);
      // If it takes over in the middle of a word, it shall know how the word began.
      standingBy?.session?.hear(audio);
    },
    say(words, options) {
      if (!speaking?.session) return;
      floor.asked();
      speaking.session.say(words, options);
    },
    tell(words) {
      if (!speaking?.session) return;
      floor.asked();
      speaking.session.tell(words);
    },
    interrupt: (item) => speaking?.session?.interrupt(item),
    answerTool(toolCallId, { output, ...options }) {
      if (!speaking?.session) return;
      floor.toolAnswered(toolCallId, options.respond);
      if (speaking.tools.has(toolCallId)) return speaking.session.toolResult(toolCallId, output, options);
      // Called in a session that is gone: this one does not know the call, but what came of it.
      if (options.respond) speaking.session.tell(`[A tool that was called before the interruption has answered: ${output}]`);
    },
    isReady: () => speaking?.isReady === true && speaking.session !== null,
    isConnecting,
    isReopening: () => wasEverReady && isConnecting(),
    isDeaf() {
      const isFull = speaking?.pressure.isFull(speaking.session?.bufferedBytes() ?? 0) ?? false;
      if (isFull && deafFrames++ === 0) logger.warn('agent does not keep up, it misses what the callee says');
      return isFull;
    },
    bufferedBytes: () => speaking?.session?.bufferedBytes() ?? 0,
    look() {
      const slot = speaking;
      if (!slot?.isReady || !slot.session || !isOpen()) return;
      const atMs = elapsedMs();
      if (slot.pressure.isStuck(slot.session.bufferedBytes(), atMs)) return abandonSlot(slot, 'it reads nothing any more');
      const isOpening = standingBy !== null;
      switch (slot.renewal.look({ atMs, isQuiet: isQuiet(), isOpening })) {
        case 'beside':
          return void begin('stands-by', { lines: deps.said(), respond: false });
        case 'at-once':
          if (deps.isEnding()) return;
          mayReconnect = true;
          return abandonSlot(slot, 'it expires');
        case null:
      }
    },
    abandon(why) {
      if (speaking?.isReady && isOpen()) abandonSlot(speaking, why);
    },
    close(why) {
      isShut = true;
      deadline?.cancel();
      standingBy?.session?.close(why);
      speaking?.session?.close(why);
      settleClosed();
    },
  };
}
