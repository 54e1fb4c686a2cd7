import type { OpenSession, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from '@onhook/voice-agent';

/** A voice agent that does what a test tells it, and keeps what it was told. */
export interface FakeSession {
  readonly request: OpenSession;
  readonly events: VoiceAgentEvents;
  readonly heard: Uint8Array[];
  readonly said: { words: string; exact: boolean }[];
  readonly interrupts: { itemId: string; heardMs: number }[];
  readonly toolResults: { toolCallId: string; respond: boolean; withTools?: boolean }[];
  readonly isClosed: () => boolean;
  /** A whole turn, generated in no time: audio in uneven pieces, then its ends. */
  speak(ms: number, item: { turnId: string; itemId: string }, options?: { done?: boolean }): Uint8Array;
  endCall(turnId: string, toolCallId?: string): void;
  die(code?: number): void;
}

export interface FakeAgent extends VoiceAgent {
  readonly sessions: FakeSession[];
  last(): FakeSession;
}

export function createFakeAgent({ ready = true, throws = false }: { ready?: boolean; throws?: boolean } = {}): FakeAgent {
  const sessions: FakeSession[] = [];
  return {
    sessions,
    last: () => sessions.at(-1)!,
    open(request, events) {
      if (throws) throw new Error('an adapter with a fault');
      const fake = createFakeSession(request, events);
      sessions.push(fake.told);
      if (ready) queueMicrotask(() => events.ready({ sessionId: `sess_${sessions.length}`, expiresAt: null }));
      return fake.session;
    },
  };
}

function createFakeSession(request: OpenSession, events: VoiceAgentEvents): { told: FakeSession; session: VoiceAgentSession } {
  let closed = false;
  let seed = 0;
  const told: FakeSession = {
    request,
    events,
    heard: [],
    said: [],
    interrupts: [],
    toolResults: [],
    isClosed: () => closed,
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
    endCall: (turnId, toolCallId = 'tool-1') =>
      events.toolCall({ toolCallId, turnId, name: 'end_call', args: { reason: 'done' } }),
    die(code = 1006) {
      closed = true;
      events.closed({ code, reason: '', opened: true, byUs: false });
    },
  };
  const session: VoiceAgentSession = {
    hear: (audio) => void told.heard.push(audio),
    say: (words, { exact }) => void told.said.push({ words, exact }),
    interrupt: (item) => void told.interrupts.push(item),
    toolResult: (toolCallId, _output, options) => void told.toolResults.push({ toolCallId, ...options }),
    bufferedBytes: () => 0,
    close() {
      if (closed) return;
      closed = true;
      queueMicrotask(() => events.closed({ code: 1000, reason: '', opened: true, byUs: true }));
    },
  };
  return { told, session };
}
