import type { MuLawAudio } from '@onhook/audio';
import type { Agent, CallId } from '@onhook/contracts';

/** Who speaks for us. One session is one conversation; the gateway owns playback, an adapter never sees the carrier. */
export interface VoiceAgent {
  /** Opens a session at once; what happens is told to `events`, `ready` first. Never throws: failures are `closed`. */
  open(request: OpenSession, events: VoiceAgentEvents): VoiceAgentSession;
}

export interface OpenSession {
  readonly callId: CallId;
  readonly attempt: number;
  readonly agent: Agent;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly tools: readonly Tool[];
  /** This session goes on with a conversation that another one began. */
  readonly resume?: Resume;
}

/** No provider restores a session: what a new one has to know is told to it. */
export interface Resume {
  /** What was said so far, oldest first: of the agent's words those that were heard. */
  readonly lines: readonly { readonly role: 'agent' | 'callee'; readonly text: string }[];
  /** The agent speaks first: it was broken off, or owes an answer. Else it listens. */
  readonly respond: boolean;
  /** The callee may have noticed a pause: the session before was lost in mid-conversation. */
  readonly afterBreak?: boolean;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface VoiceAgentSession {
  /** µ-law, 8 kHz, mono. Before `ready` it is kept, with a bound, and sent in order. */
  hear(audio: MuLawAudio): void;
  /** Makes the agent speak. `exact`: these very words. `last`: instead of all else that it was about to say; what has not begun is dropped. */
  say(words: string, options: { exact: boolean; last?: boolean }): void;
  /** What the callee did and did not speak, in words: the agent hears of it and answers. */
  tell(words: string): void;
  /** Lets the agent speak, about whatever was last said: for a turn that failed. */
  respond(): void;
  /** The answer to a tool call. `respond`: let the agent speak about it; `withTools: false` forbids another call in that response. */
  toolResult(toolCallId: string, output: string, options: { respond: boolean; withTools?: boolean }): void;
  /** The callee spoke over the agent, who was heard until `heardMs` of that item (0: not at all). */
  interrupt(item: { itemId: string; heardMs: number }): void;
  /** Closes the socket. Idempotent; `closed` follows. */
  close(why: string): void;
  /** Bytes that wait in our socket. */
  bufferedBytes(): number;
}

/** Each is called at most in the order in which it happened. None may throw. */
export interface VoiceAgentEvents {
  /** `expiresInMs`: then the provider ends the session, whatever is being said. Null: it does not. */
  ready(facts: { sessionId: string; expiresInMs: number | null }): void;
  /** µ-law, 8 kHz, any length. Bytes may be kept; what is encoded is the adapter's again as soon as this returns. */
  audio(audio: MuLawAudio, item: { turnId: string; itemId: string }): void;
  /** No more audio will be generated for this turn. */
  audioDone(turn: { turnId: string; itemId: string }): void;
  turnDone(turn: { turnId: string; status: 'completed' | 'cancelled' | 'failed' | 'incomplete'; error?: string }): void;
  /** `itemId`: under which the words of this speech will be told, if the provider knows it already. */
  calleeStartedSpeaking(speech?: { itemId: string }): void;
  calleeStoppedSpeaking(): void;
  /** `final`: whole text of the item so far. */
  transcript(line: { role: 'agent' | 'callee'; text: string; final: boolean; itemId: string }): void;
  /** Once per id, complete and parsed; `args` null when the arguments are not JSON. */
  toolCall(call: { toolCallId: string; turnId: string; name: string; args: Readonly<Record<string, unknown>> | null }): void;
  error(error: { code: string; message: string; fatal: boolean }): void;
  /**
   * The last event of a session. `opened`: it had been ready. `retryable`: another session may fare better; false also if the
   * close was asked for.
   */
  closed(facts: { code: number; reason: string; opened: boolean; byUs: boolean; retryable: boolean }): void;
}
