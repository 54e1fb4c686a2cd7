import type { Timers } from '@onhook/service';
import type { OpenSession, VoiceAgent, VoiceAgentEvents } from '../../port.js';
import { createScriptedSession, type ScriptedSession } from './scripted-session.js';

export type { ScriptedSession } from './scripted-session.js';

/** One turn of the agent, of its own accord. */
export interface ScriptedTurn {
  /** What it says; the audio is as long as the words are. */
  readonly says?: string;
  /** µ-law to be said instead. */
  readonly audio?: Uint8Array;
  readonly tool?: { readonly name: string; readonly args: Readonly<Record<string, unknown>> | null };
  /** The tool is called before the audio comes. */
  readonly toolFirst?: boolean;
}

export interface ScriptedAgentDeps {
  readonly timers: Pick<Timers, 'after'>;
  /** `null`: never. */
  readonly readyAfterMs?: number | null;
  /** As the provider would say it. */
  readonly expiresInMs?: number | null;
  /** Played one by one, each when the callee has stopped speaking. */
  readonly turns?: readonly ScriptedTurn[];
  /** What it is asked to say it says by itself. False: the test does all of it by hand. */
  readonly speaksWhenAsked?: boolean;
}

/** A voice agent without a socket. */
export interface ScriptedAgent extends VoiceAgent {
  readonly sessions: readonly ScriptedSession[];
  /** The newest. */
  session(): ScriptedSession;
  open(request: OpenSession, events: VoiceAgentEvents): ScriptedSession;
}

export function createScriptedAgent({
  timers,
  readyAfterMs = 0,
  expiresInMs = null,
  turns = [],
  speaksWhenAsked = true,
}: ScriptedAgentDeps): ScriptedAgent {
  const sessions: ScriptedSession[] = [];
  return {
    sessions,
    session() {
      const newest = sessions.at(-1);
      if (!newest) throw new Error('no session was opened');
      return newest;
    },
    open(request, events) {
      const session = createScriptedSession({ request, events, timers, readyAfterMs, expiresInMs, turns, speaksWhenAsked });
      sessions.push(session);
      return session;
    },
  };
}
