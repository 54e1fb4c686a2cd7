import { currentAttempt } from '@onhook/call';
import { withDefaults, type Cause, type Party } from '@onhook/contracts';
import { createAgentLine } from './agent-line.js';
import { createAnsweredBy, type AnsweredByPolicy } from './answered-by.js';
import { createCallActs, type CallActs, type HeldActs } from './call-acts.js';
import { createCallMemory } from './call-memory.js';
import { createCallTools, type CallTools } from './call-tools.js';
import { wordsOfCall } from './call-words.js';
import type { Conversation, ConversationDeps } from './conversation-deps.js';
import { createCushion } from './cushion.js';
import { createDigits } from './digits.js';
import { createFarewell } from './farewell.js';
import { createGoodbyeWatch } from './goodbye-watch.js';
import type { TimerAct } from './in-call-clock.js';
import { startInCallTimers } from './in-call-timers.js';
import { createLastWords } from './last-words.js';
import type { PlaybackItem } from './playback.js';
import type { AcceptedStream } from './stream-intake.js';
import { createTurns, type Opening } from './turns.js';

const APOLOGY: PlaybackItem = { turnId: 'prepared-apology', itemId: 'prepared-apology' };

export function createConversation(deps: ConversationDeps): Conversation {
  const { stream, agent, playback, timers, limits, logger, elapsedMs, isOpen, guarded, end } = deps;
  const { callId, attempt, call } = stream;
  const memory = createCallMemory({ stream, playback, elapsedMs });
  const speaker = createCushion({ speaker: deps.speaker, playback, timers, guarded });
  const lastWords = createLastWords();
  const words = wordsOfCall(agent, call.variables);
  const opening: Opening | null = agent
    ? { words: words.opening, audio: deps.greetingAudio ?? null, isProtected: deps.protectGreeting }
    : null;

  const farewell = createFarewell({
    timers,
    elapsedMs,
    unheardMs: speaker.unheardMs,
    isQuestionOpen: lastWords.isQuestionOpen,
    limits: limits.endOfCall,
    mark: speaker.mark,
    end: deps.saidGoodbye,
    guarded,
    answerTool: (toolCallId, answer) => line.answerTool(toolCallId, answer),
  });
  const inCall = startInCallTimers({
    timers,
    elapsedMs,
    facts: () => ({
      unheardMs: speaker.unheardMs(),
      agentOwes: line.floor.agentOwes(),
      saysFarewell: farewell.isInProgress(),
    }),
    limits: limits.inCall,
    words: words.timed,
    maxDurationMs: maxDurationMs(stream),
    act: (act) => guarded(() => carryOut(act)),
    onAgentSilent: () => guarded(() => line.abandon('it owes an answer and says nothing')),
    onLook: () => guarded(look),
  });
  const watch = createGoodbyeWatch({
    timers,
    elapsedMs,
    unheardMs: speaker.unheardMs,
    quietMs: limits.endOfCall.saidGoodbyeMs,
    guarded,
    leftUnsaid() {
      if (!isOpen() || tools.isTransferring()) return;
      logger.info('agent said goodbye and did not end the call');
      farewell.handle({ type: 'left-unsaid' });
    },
  });
  const turns = createTurns({
    line: () => line,
    tools: () => tools.box,
    isFloorTaken: () => tools.isFloorTaken(),
    speaker,
    playback,
    farewell,
    inCall,
    transcript: memory.transcript,
    lastWords,
    times: memory.times,
    watch,
    opening,
    elapsedMs,
    logger,
  });
  const line = createAgentLine({
    turns: {
      ...turns.events,
      turnDone(turn) {
        turns.events.turnDone(turn);
        tools.turnDone(turn.turnId);
      },
      calleeStartedSpeaking(speech) {
        tools.calleeSpoke();
        turns.events.calleeStartedSpeaking(speech);
      },
    },
    onReady,
    onResumed: takeFloor,
    onLost,
    said: memory.said,
    hasSpoken: () => playback.totals(elapsedMs()).sentMs > 0,
    isHeardOut: () => speaker.unheardMs() === 0,
    // A session that is lost while the call is on its way to somebody else is not missed.
    isEnding: () => farewell.isInProgress() || tools.isTransferring(),
    isOpen,
    timers,
    elapsedMs,
    guarded,
    logger,
    readyWithinMs: limits.inCall.agentReadyWithinMs,
  });
  const note = (text: string): void => memory.transcript.calleeDid(text, elapsedMs());
  const acts: CallActs & HeldActs = createCallActs({
    line,
    turns,
    calleeSpoke: () => tools.calleeSpoke(),
    note,
    farewell,
    holds: (wish) => tools.holds(wish),
    end,
    isOpen,
  });
  const tools: CallTools = createCallTools({
    ...deps,
    surroundings: deps.tools,
    acts,
    farewell,
    speaker,
    answer: line.answerTool,
  });
  const digits = createDigits({
    acts,
    isLeaving: () => tools.isTransferring() || farewell.isInProgress(),
    timers,
    guarded,
    logger,
  });
  const verdict: AnsweredByPolicy = createAnsweredBy({
    policy: call.policy,
    known: call.answeredBy,
    message: words.voicemail,
    acts,
    isAgentReady: line.isReady,
    logger,
  });

  function onReady(): void {
    if (farewell.isInProgress()) return;
    inCall.agentReady();
    takeFloor();
  }

  /** What was wanted of the agent while it was not there comes before anything of its own. */
  function takeFloor(): void {
    if (acts.sayHeld()) return;
    if (!verdict.agentReady()) turns.agentReady();
    acts.tellHeld();
  }

  function onLost({ opened }: { opened: boolean }): void {
    // A farewell that was generated is still played to its end.
    if (farewell.isInProgress()) farewell.handle({ type: 'agent-gone' });
    else {
      const wanted = acts.dropHeld() ?? { cause: opened ? 'agent-lost' : 'agent-connect-failed', by: 'platform' };
      // Somebody else is about to speak with the callee: an apology only if nobody does.
      if (!tools.agentLost(() => apologise(wanted))) apologise(wanted);
    }
  }

  /** Nobody can speak for us any more, but nobody is left in silence either. */
  function apologise(wanted: { cause: Cause; by: Party }): void {
    if (!isOpen() || farewell.isInProgress() || tools.holds(() => apologise(wanted))) return;
    if (!deps.apology) return end(wanted.cause, wanted.by);
    farewell.handle({ type: 'last-words', notTurn: null, wanted });
    if (!turns.play(deps.apology, APOLOGY)) return end(wanted.cause, wanted.by);
    farewell.handle({ type: 'audio', turnId: APOLOGY.turnId });
    farewell.handle({ type: 'turn-done', turnId: APOLOGY.turnId, completed: true });
  }

  function look(): void {
    deps.onLook();
    line.look();
  }

  function carryOut(act: TimerAct): void {
    switch (act.do) {
      case 'say':
        return void acts.say(act.words, { exact: true });
      case 'say-and-end':
        return acts.sayAndEnd(act.words, { cause: act.cause, by: act.by });
      case 'apologise':
        return apologise({ cause: act.cause, by: act.by });
      case 'end':
        return end(act.cause, act.by);
    }
  }

  return {
    line,
    turns,
    farewell,
    inCall,
    acts,
    digits,
    answeredBy: verdict.told,
    holds: tools.holds,
    isShielded: () => turns.isShielded() || !farewell.calleeMayInterrupt(),
    memory,
    begin() {
      if (!agent) {
        logger.error({ agentId: call.agentId }, 'agent is not known to this gateway');
        return end('internal-error', 'platform');
      }
      turns.begin();
      const request = { callId, attempt, agent, variables: withDefaults(agent, call.variables), tools: tools.box.definitions };
      // A greeting that is played already is told to the agent as what it has said.
      const said = opening?.audio ? [{ role: 'agent' as const, text: opening.words }] : [];
      line.open(deps.voiceAgent, { ...request, ...(said.length > 0 && { resume: { lines: said, respond: false } }) });
    },
    shutDown: () => acts.sayAndEnd(words.shutdown, { cause: 'worker-shutdown', by: 'platform' }),
    marked(name) {
      if (playback.echoed(name, elapsedMs()) !== 'heard') return;
      farewell.handle({ type: 'heard', mark: name });
      tools.heard(name);
    },
    stop() {
      inCall.stop();
      watch.stop();
      digits.stop();
      tools.stop();
    },
  };
}

/** What is left of the policy's limit, on this stream's time. */
function maxDurationMs({ call, acceptedAt }: AcceptedStream): number {
  const answeredAt = currentAttempt(call)?.answeredAt ?? acceptedAt;
  return call.policy.maxDurationSec * 1_000 - Math.max(0, acceptedAt - answeredAt);
}
