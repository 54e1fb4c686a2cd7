import type { Agent, AnsweredBy, Cause, Goodbye, Party } from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { VoiceAgent } from '@onhook/voice-agent';
import type { AgentLine } from './agent-line.js';
import type { CallActs } from './call-acts.js';
import type { CallMemory } from './call-memory.js';
import type { ToolSurroundings } from './call-tools.js';
import type { Digits } from './digits.js';
import type { Farewell } from './farewell.js';
import type { InCallTimers } from './in-call-timers.js';
import type { GatewayLimits } from './limits.js';
import type { Playback } from './playback.js';
import type { Speaker } from './speaker.js';
import type { AcceptedStream } from './stream-intake.js';
import type { TransferDeps } from './transfer.js';
import type { Turns } from './turns.js';

/** What goes on between the two sockets of one call: who speaks, who may end it, what may be done. It owns no socket to the carrier. */
export interface Conversation {
  /** Opens the agent's session. */
  begin(): void;
  readonly line: AgentLine;
  readonly turns: Turns;
  readonly farewell: Farewell;
  readonly inCall: InCallTimers;
  readonly acts: CallActs;
  readonly digits: Digits;
  answeredBy(who: AnsweredBy): void;
  /** True: the call cannot be ended now, as a transfer is under way. The wish is done if that fails. */
  holds(wish: () => void): boolean;
  /**
   * The agent shall hear silence: nobody may break in, and a provider that heard the callee speak would cancel by itself what is
   * still being generated.
   */
  isShielded(): boolean;
  /** Last words, because this process stops. */
  shutDown(): void;
  /** The carrier has echoed a mark. */
  marked(name: string): void;
  readonly memory: CallMemory;
  /** Its timers. */
  stop(): void;
}

export interface ConversationDeps extends Pick<TransferDeps, 'calls' | 'perform' | 'report' | 'carrier'> {
  readonly stream: AcceptedStream;
  readonly agent: Agent | undefined;
  readonly voiceAgent: VoiceAgent;
  readonly speaker: Speaker;
  readonly playback: Playback;
  /** Null: no tool reaches beyond the call. */
  readonly tools: ToolSurroundings | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: GatewayLimits;
  readonly protectGreeting: boolean;
  /** The agent's first words as audio, made beforehand. */
  readonly greetingAudio: Uint8Array | undefined;
  readonly logger: Logger;
  readonly elapsedMs: () => number;
  /** Neither closing nor asked to end. */
  readonly isOpen: () => boolean;
  /** An error inside one call ends only that call. */
  readonly guarded: (run: () => void) => void;
  /** Somebody wants the end now, without waiting for a goodbye. */
  readonly end: (cause: Cause, by: Party) => void;
  /** The goodbye is over, in whatever way. */
  readonly saidGoodbye: (cause: Cause, by: Party, goodbye: Goodbye) => void;
  /** Played when there is no agent any more. */
  readonly apology: Uint8Array | null;
  /** Every half second. */
  readonly onLook: () => void;
}
