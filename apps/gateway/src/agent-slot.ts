import type { Logger } from '@onhook/service';
import type { VoiceAgentEvents, VoiceAgentSession } from '@onhook/voice-agent';
import { AGENT_BACKPRESSURE, createBackpressure, type Backpressure } from './backpressure.js';
import type { Floor } from './floor.js';
import { createSessionRenewal, type SessionRenewal } from './session-renewal.js';
import type { TurnEvents } from './turns.js';

/** One session of the agent's. What it says counts as long as it is the one that speaks. */
export interface Slot {
  role: 'speaks' | 'stands-by' | 'gone';
  /** Null until the adapter has returned it. */
  session: VoiceAgentSession | null;
  isReady: boolean;
  readyAtMs: number;
  renewal: SessionRenewal;
  /** How much had been said when it was opened. */
  readonly saidLines: number;
  /** The tools that it called. */
  readonly tools: Set<string>;
  readonly pressure: Backpressure;
}

export function createSlot(role: Slot['role'], saidLines: number): Slot {
  return {
    role,
    session: null,
    isReady: false,
    readyAtMs: 0,
    renewal: createSessionRenewal(0, null),
    saidLines,
    tools: new Set(),
    pressure: createBackpressure(AGENT_BACKPRESSURE),
  };
}

export interface SlotEventsDeps {
  readonly turns: TurnEvents;
  readonly floor: Floor;
  /** Neither closing nor asked to end. */
  readonly isOpen: () => boolean;
  readonly guarded: (run: () => void) => void;
  readonly elapsedMs: () => number;
  readonly logger: Logger;
  readonly onReady: (slot: Slot) => void;
  readonly onTurnDone: (slot: Slot, status: 'completed' | 'cancelled' | 'failed' | 'incomplete') => void;
  /** Its socket is closed; `role` is what it was until then. Called also when nothing else counts any more. */
  readonly onClosed: (slot: Slot, role: Slot['role'], facts: { code: number; reason: string; retryable: boolean }) => void;
}

/** Nothing that an agent does can throw out of its call; after the end only its `closed` matters. */
export function slotEvents(slot: Slot, deps: SlotEventsDeps): VoiceAgentEvents {
  const { turns, floor, isOpen, guarded, elapsedMs, logger } = deps;
  const openedAtMs = elapsedMs();
  const unless =
    (isNothing: () => boolean) =>
    <Args extends unknown[]>(handle: (...args: Args) => void) =>
    (...args: Args): void => {
      if (!isNothing() && isOpen()) guarded(() => handle(...args));
    };
  const whileItSpeaks = unless(() => slot.role !== 'speaks');

  return {
    ready: unless(() => slot.role === 'gone')(({ sessionId, expiresInMs }) => {
      slot.isReady = true;
      slot.readyAtMs = elapsedMs();
      slot.renewal = createSessionRenewal(slot.readyAtMs, expiresInMs);
      logger.info({ sessionId, ms: Math.round(slot.readyAtMs - openedAtMs), expiresInMs }, 'agent ready');
      if (slot.session) deps.onReady(slot);
    }),
    audio: whileItSpeaks((audio, item) => {
      floor.turnStarted(item.turnId);
      turns.audio(audio, item);
    }),
    audioDone: whileItSpeaks(turns.audioDone),
    turnDone: whileItSpeaks((turn) => {
      floor.turnDone(turn.turnId, turn.status);
      turns.turnDone(turn);
      deps.onTurnDone(slot, turn.status);
    }),
    calleeStartedSpeaking: whileItSpeaks((speech) => {
      floor.calleeStarted();
      turns.calleeStartedSpeaking(speech);
    }),
    calleeStoppedSpeaking: whileItSpeaks(() => {
      floor.calleeStopped();
      turns.calleeStoppedSpeaking();
    }),
    transcript: whileItSpeaks(turns.transcript),
    toolCall: whileItSpeaks((call) => {
      slot.tools.add(call.toolCallId);
      floor.turnStarted(call.turnId);
      floor.toolCalled(call.toolCallId);
      turns.toolCall(call);
    }),
    error: whileItSpeaks(({ code, fatal }) => logger.warn({ code, fatal }, 'agent reported an error')),
    closed(facts) {
      const { role } = slot;
      slot.role = 'gone';
      deps.onClosed(slot, role, facts);
    },
  };
}
