import type { Agent, CallId, Cause, Party } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { OpenSession, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from '@onhook/voice-agent';
import type { Farewell } from './farewell.js';
import { createGreeting } from './greeting.js';
import type { InCallTimers } from './in-call-timers.js';
import type { Playback } from './playback.js';
import type { Speaker } from './speaker.js';
import { AGENT_TOOLS, END_CALL } from './tools.js';

/** The voice agent's half of a live call. */
export interface AgentLine {
  open(voiceAgent: VoiceAgent, opening: Opening): void;
  hear(audio: Uint8Array): void;
  /** The greeting is being spoken and the callee shall not break into it. */
  isShielded(): boolean;
  isReady(): boolean;
  /** Takes the floor and says these words as the last ones. */
  sayLast(words: string, wanted: { cause: Cause; by: Party }): void;
  answerTool(toolCallId: string, output: string, options: { respond: boolean; withTools?: boolean }): void;
  bufferedBytes(): number;
  close(why: string): void;
  /** Its socket is closed, or there never was one. */
  readonly closed: Promise<void>;
}

interface Opening {
  readonly callId: CallId;
  readonly attempt: number;
  readonly agent: Agent;
  readonly variables: OpenSession['variables'];
  /** Spoken first, to the letter. */
  readonly words: string;
  readonly protectGreeting: boolean;
}

interface AgentLineDeps {
  readonly speaker: Speaker;
  readonly playback: Playback;
  readonly farewell: Farewell;
  readonly inCall: InCallTimers;
  readonly elapsedMs: () => number;
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
  readonly end: (cause: Cause, by: Party) => void;
  /** Neither closing nor asked to end: what the agent does still counts. */
  readonly isOpen: () => boolean;
}

export function createAgentLine({
  speaker,
  playback,
  farewell,
  inCall,
  elapsedMs,
  guarded,
  logger,
  end,
  isOpen,
}: AgentLineDeps): AgentLine {
  const greeting = createGreeting();
  let session: VoiceAgentSession | null = null;
  let protectGreeting = false;
  let isReady = false;
  let openingWords: string | null = null;
  /** The last turn that did anything, and whether it was heard to speak. */
  let lastTurn: string | null = null;
  const turnsWithAudio = new Set<string>();
  let resolveClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (resolveClosed = resolve));

  function events(openedAtMs: number): VoiceAgentEvents {
    return {
      ready({ sessionId }) {
        isReady = true;
        inCall.agentReady();
        logger.info({ sessionId, ms: Math.round(elapsedMs() - openedAtMs) }, 'agent ready');
        greet();
      },
      audio(audio, item) {
        lastTurn = item.turnId;
        if (!farewell.acceptsTurn(item.turnId)) playback.cancelTurn(item.turnId);
        if (!speaker.speak(audio, item)) return;
        turnsWithAudio.add(item.turnId);
        inCall.agentSpoke();
        greeting.audio(item, audio.length, elapsedMs());
        farewell.handle({ type: 'audio', turnId: item.turnId });
      },
      audioDone() {
        if (speaker.unheardMs() > 0) speaker.mark();
      },
      turnDone({ turnId, status }) {
        lastTurn = turnId;
        if (status !== 'completed') playback.cancelTurn(turnId);
        if (status === 'failed') logger.warn({ turnId }, 'agent turn failed');
        greeting.turnDone(turnId);
        farewell.handle({ type: 'turn-done', turnId, completed: status === 'completed' });
        turnsWithAudio.delete(turnId);
      },
      calleeStartedSpeaking() {
        inCall.calleeSpeaks(true);
        if (!farewell.calleeMayInterrupt()) return;
        bargeIn();
        farewell.handle({ type: 'callee-spoke' });
      },
      calleeStoppedSpeaking: () => inCall.calleeSpeaks(false),
      // Words belong to the transcript (a later part), never to a log.
      transcript() {},
      toolCall({ toolCallId, turnId, name }) {
        lastTurn = turnId;
        if (name !== END_CALL) return answerTool(toolCallId, `There is no tool named ${name}.`, { respond: true });
        logger.info({ toolCallId, greeting: !greetingIsOver() }, 'agent called end_call');
        farewell.handle({
          type: 'end-call',
          toolCallId,
          turnId,
          turnHasAudio: turnsWithAudio.has(turnId),
          greeting: !greetingIsOver(),
        });
      },
      error({ code, fatal }) {
        logger.warn({ code, fatal }, 'agent reported an error');
      },
      closed() {},
    };
  }

  /** Nothing that an agent does can throw out of its call; after the end only its `closed` matters. */
  function guardedEvents(): VoiceAgentEvents {
    const open = events(elapsedMs());
    const whileOpen =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args): void => {
        if (isOpen()) guarded(() => handle(...args));
      };
    return {
      ready: whileOpen(open.ready),
      audio: whileOpen(open.audio),
      audioDone: whileOpen(open.audioDone),
      turnDone: whileOpen(open.turnDone),
      calleeStartedSpeaking: whileOpen(open.calleeStartedSpeaking),
      calleeStoppedSpeaking: whileOpen(open.calleeStoppedSpeaking),
      transcript: whileOpen(open.transcript),
      toolCall: whileOpen(open.toolCall),
      error: whileOpen(open.error),
      closed(facts) {
        session = null;
        if (isOpen()) guarded(() => lost(facts));
        resolveClosed();
      },
    };
  }

  function greet(): void {
    if (!session || openingWords === null) return;
    session.say(openingWords, { exact: true });
    openingWords = null;
  }

  function lost({ code, opened }: { code: number; opened: boolean }): void {
    logger.warn({ code, opened }, 'agent was lost');
    isReady = false;
    // A farewell that was generated is still played to its end.
    if (farewell.isInProgress()) farewell.handle({ type: 'agent-gone' });
    else end(opened ? 'agent-lost' : 'agent-connect-failed', 'platform');
  }

  function bargeIn(): void {
    const interruption = speaker.silence();
    if (!interruption) return;
    greeting.interrupted();
    for (const item of interruption.items) session?.interrupt(item);
    logger.debug({ clearedMs: Math.round(interruption.clearedMs), items: interruption.items.length }, 'callee took the floor');
  }

  function answerTool(toolCallId: string, output: string, options: { respond: boolean; withTools?: boolean }): void {
    session?.toolResult(toolCallId, output, options);
  }

  function greetingIsOver(): boolean {
    const at = elapsedMs();
    return greeting.isOver(at, (itemId) => playback.heardMs(itemId, at));
  }

  return {
    closed,
    answerTool,
    open(voiceAgent, { callId, attempt, agent, variables, words, protectGreeting: shield }) {
      protectGreeting = shield;
      openingWords = words;
      session = voiceAgent.open({ callId, attempt, agent, variables, tools: AGENT_TOOLS }, guardedEvents());
      // An adapter may have been ready before it returned.
      if (isReady) greet();
    },
    hear: (audio) => session?.hear(audio),
    isShielded: () => protectGreeting && !greetingIsOver(),
    isReady: () => isReady && session !== null,
    sayLast(words, wanted) {
      bargeIn();
      farewell.handle({ type: 'last-words', notTurn: lastTurn, wanted });
      session?.say(words, { exact: true });
    },
    bufferedBytes: () => session?.bufferedBytes() ?? 0,
    close(why) {
      if (session) session.close(why);
      else resolveClosed();
    },
  };
}
