import { audioBytes } from '@onhook/audio';
import type { OpenSession, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from '@onhook/voice-agent';

/** A voice agent that does what a test tells it, and keeps what it was told. */
export interface FakeSession {
  readonly request: OpenSession;
  readonly events: VoiceAgentEvents;
  readonly heard: Uint8Array[];
  readonly said: { words: string; exact: boolean }[];
  /** One for each time that it was let to speak in its own words. */
  readonly responds: null[];
  /** What it was told in words. */
  readonly told: string[];
  readonly interrupts: { itemId: string; heardMs: number }[];
  readonly toolResults: { toolCallId: string; respond: boolean; withTools?: boolean }[];
  /** What the tools answered, in words. */
  readonly toolOutputs: string[];
  readonly isClosed: () => boolean;
  /** As if so many bytes waited for it in our process. */
  setBuffered(bytes: number): void;
  /** A whole turn, generated in no time: audio in uneven pieces, then its ends. */
  speak(ms: number, item: { turnId: string; itemId: string }, options?: { done?: boolean }): Uint8Array;
  endCall(turnId: string, toolCallId?: string): void;
  callTool(name: string, args: Readonly<Record<string, unknown>> | null, turnId: string, toolCallId?: string): void;
  die(code?: number, options?: { retryable?: boolean }): void;
}

export interface FakeAgent extends VoiceAgent {
  readonly sessions: FakeSession[];
  last(): FakeSession;
}

interface FakeAgentOptions {
  readonly throws?: boolean;
  /** Whether the n-th session, from 1, is ready of itself. */
  readonly ready?: boolean | ((session: number) => boolean);
  readonly expiresInMs?: number;
}

export function createFakeAgent({ ready = true, throws = false, expiresInMs }: FakeAgentOptions = {}): FakeAgent {
  const sessions: FakeSession[] = [];
  return {
    sessions,
    last: () => sessions.at(-1)!,
    open(request, events) {
      if (throws) throw new Error('an adapter with a fault');
      const fake = createFakeSession(request, events);
      sessions.push(fake.told);
      const count = sessions.length;
      const isReady = typeof ready === 'boolean' ? ready : ready(count);
      if (isReady) queueMicrotask(() => events.ready({ sessionId: `sess_${count}`, expiresInMs: expiresInMs ?? null }));
      return fake.session;
    },
  };
}

function createFakeSession(request: OpenSession, events: VoiceAgentEvents): { told: FakeSession; session: VoiceAgentSession } {
  let closed = false;
  let seed = 0;
  let buffered = 0;
  const told: FakeSession = {
    request,
    events,
    heard: [],
    said: [],
    responds: [],
    told: [],
    interrupts: [],
    toolResults: [],
    toolOutputs: [],
    isClosed: () => closed,
    setBuffered: (bytes) => void (buffered = bytes),
    speak(ms, item, { done = true } = {}) {
      const audio = Uint8Array.from({ length: ms * 8 }, () => (seed = (seed * 17 + 29) % 251));
      for (let at = 0, piece = 401; at < audio.length; at += piece, piece = 401 + ((at * 7) % 613)) {
        events.audio(audio.subarray(at, Math.min(at + piece, audio.length)), item);
      }
      if (done) {
        events.audioDone(item);
        events.turnDone({ turnId: item.turnId, status: 'completed' });
      }
      return audio;
    },
    callTool: (name, args, turnId, toolCallId = 'tool-1') => events.toolCall({ toolCallId, turnId, name, args }),
    endCall: (turnId, toolCallId = 'tool-1') =>
      events.toolCall({ toolCallId, turnId, name: 'end_call', args: { reason: 'done' } }),
    die(code = 1006, { retryable = true } = {}) {
      closed = true;
      events.closed({ code, reason: '', opened: true, byUs: false, retryable });
    },
  };
  const session: VoiceAgentSession = {
    hear: (audio) => void told.heard.push(audioBytes(audio)),
    say: (words, { exact }) => void told.said.push({ words, exact }),
    tell: (words) => void told.told.push(words),
    respond: () => void told.responds.push(null),
    interrupt: (item) => void told.interrupts.push(item),
    toolResult(toolCallId, output, options) {
      told.toolResults.push({ toolCallId, ...options });
      told.toolOutputs.push(output);
    },
    bufferedBytes: () => buffered,
    close() {
      if (closed) return;
      closed = true;
      queueMicrotask(() => events.closed({ code: 1000, reason: '', opened: true, byUs: true, retryable: false }));
    },
  };
  return { told, session };
}
