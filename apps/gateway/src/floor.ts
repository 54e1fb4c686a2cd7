/** Who has the floor: what runs, what is owed. Pure: it is told what happens in a session, and answers questions about it. */
export interface Floor {
  turnStarted(turnId: string): void;
  turnDone(turnId: string, status: 'completed' | 'cancelled' | 'failed' | 'incomplete'): void;
  calleeStarted(): void;
  calleeStopped(): void;
  toolCalled(toolCallId: string): void;
  /** @param respond the agent shall speak about it */
  toolAnswered(toolCallId: string, respond: boolean): void;
  /** The agent was asked to say something. */
  asked(): void;
  /** The agent has something to say and no tool holds it up: if it is silent now, it is its fault. */
  agentOwes(): boolean;
  /** Nobody speaks, nothing runs and nobody waits for an answer. What was said may still be on its way to the ear. */
  isIdle(): boolean;
  calleeIsSpeaking(): boolean;
  /** The session is gone: what it had begun ends here. */
  lost(): { readonly openTurns: readonly string[]; /** A new session has to speak first. */ readonly respond: boolean };
}

export function createFloor(): Floor {
  const openTurns = new Set<string>();
  const openTools = new Set<string>();
  let isAwaited = false;
  let calleeSpeaks = false;

  return {
    turnStarted(turnId) {
      openTurns.add(turnId);
      isAwaited = false;
    },
    turnDone(turnId, status) {
      openTurns.delete(turnId);
      // Broken off by the callee, whose own words have to be answered; failed, and nothing was answered.
      if (status === 'failed') isAwaited = true;
      else if (status !== 'cancelled') isAwaited = false;
    },
    calleeStarted: () => void (calleeSpeaks = true),
    calleeStopped() {
      calleeSpeaks = false;
      isAwaited = true;
    },
    toolCalled: (toolCallId) => void openTools.add(toolCallId),
    toolAnswered(toolCallId, respond) {
      openTools.delete(toolCallId);
      if (respond) isAwaited = true;
    },
    asked: () => void (isAwaited = true),
    agentOwes: () => openTools.size === 0 && !calleeSpeaks && (isAwaited || openTurns.size > 0),
    isIdle: () => !isAwaited && !calleeSpeaks && openTurns.size === 0 && openTools.size === 0,
    calleeIsSpeaking: () => calleeSpeaks,
    lost() {
      const facts = {
        openTurns: [...openTurns],
        // Who speaks just now is answered by the new session's own ear.
        respond: !calleeSpeaks && (isAwaited || openTurns.size > 0 || openTools.size > 0),
      };
      openTurns.clear();
      openTools.clear();
      isAwaited = facts.respond;
      calleeSpeaks = false;
      return facts;
    },
  };
}
