import type { Cause, Party } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { VoiceAgentEvents } from '@onhook/voice-agent';
import type { AgentLine } from './agent-line.js';
import type { AnswerTimes } from './answer-times.js';
import type { Farewell } from './farewell.js';
import type { GoodbyeWatch } from './goodbye-watch.js';
import { createGreeting } from './greeting.js';
import type { InCallTimers } from './in-call-timers.js';
import type { LastWords } from './last-words.js';
import type { Playback, PlaybackItem } from './playback.js';
import type { Speaker } from './speaker.js';
import type { ToolBox } from './toolbox.js';
import type { HeardTranscript } from './transcript.js';

export type TurnEvents = Omit<VoiceAgentEvents, 'ready' | 'error' | 'closed'>;

/** The first words of a call. */
export interface Opening {
  readonly words: string;
  /** These words as audio (µ-law, 8 kHz), made beforehand. Null: the agent says them, to the letter. */
  readonly audio: Uint8Array | null;
  /** The callee cannot speak into it. */
  readonly isProtected: boolean;
}

/** Who speaks: the agent's turns on their way to the callee, the callee who breaks into them, and the first and last words. */
export interface Turns {
  readonly events: TurnEvents;
  /** Plays a prepared greeting at once. */
  begin(): void;
  /** A session is ready: its agent says the first words, unless they were played or begun. */
  agentReady(): void;
  /** The greeting is being spoken and the callee shall not break into it. */
  isShielded(): boolean;
  /** Takes the floor and says these words as the last ones. */
  sayLast(words: string, wanted: { cause: Cause; by: Party }): void;
  /** The callee did something that counts as speech. False: nobody may break in any more, and nothing is to be said about it. */
  calleeActed(): boolean;
  /** Audio that no agent made, behind what is queued. `words`: for the transcript. False: not played. */
  play(audio: Uint8Array, item: PlaybackItem, words?: string): boolean;
}

interface TurnsDeps {
  readonly line: () => Pick<AgentLine, 'say' | 'interrupt' | 'answerTool'>;
  readonly tools: () => ToolBox;
  readonly speaker: Speaker;
  readonly playback: Playback;
  readonly farewell: Farewell;
  readonly inCall: InCallTimers;
  readonly transcript: HeardTranscript;
  readonly lastWords: LastWords;
  readonly times: AnswerTimes;
  readonly watch: GoodbyeWatch;
  readonly opening: Opening | null;
  /** Nobody may speak into what is being played: tones. */
  readonly isFloorTaken: () => boolean;
  readonly elapsedMs: () => number;
  readonly logger: Logger;
}

const GREETING: PlaybackItem = { turnId: 'prepared-greeting', itemId: 'prepared-greeting' };
/** Told to the model. */
const CUT_OFF = 'Not done: the callee spoke while you did. Listen, and call it again if it is still wanted.';
/** Half a second: marks stand between the pieces. */
const PIECE_BYTES = 4_000;

export function createTurns(deps: TurnsDeps): Turns {
  const { line, speaker, playback, farewell, inCall, transcript, lastWords, times, watch, opening, elapsedMs, logger } = deps;
  const greeting = createGreeting();
  /** The last turn that did anything. */
  let lastTurn: string | null = null;
  /** A turn that speaks and is not done, and what it speaks. */
  let speaking: PlaybackItem | null = null;
  const turnsWithAudio = new Set<string>();
  /** What no agent has said: it cannot be told where it was broken off. */
  const prepared = new Set<string>();

  function bargeIn(): void {
    const interruption = speaker.silence();
    if (interruption) {
      greeting.interrupted();
      for (const item of interruption.items) if (!prepared.has(item.itemId)) line().interrupt(item);
      logger.debug({ clearedMs: Math.round(interruption.clearedMs), items: interruption.items.length }, 'callee took the floor');
    } else if (speaking) {
      // All of it so far was heard, but more is coming: what comes now is of a turn that the callee has ended.
      line().interrupt({ itemId: speaking.itemId, heardMs: playback.heardMs(speaking.itemId, elapsedMs()) });
    }
    if (speaking) playback.cancelTurn(speaking.turnId);
    speaking = null;
  }

  function greetingIsOver(): boolean {
    const at = elapsedMs();
    return greeting.isOver(at, (itemId) => playback.heardMs(itemId, at));
  }

  function isShielded(): boolean {
    return opening?.isProtected === true && !greetingIsOver();
  }

  function accepted(item: PlaybackItem, bytes: number): void {
    const at = elapsedMs();
    const latencyMs = times.sent(item.turnId, at);
    if (latencyMs !== null) transcript.answered(item.itemId, latencyMs);
    inCall.agentSpoke();
    greeting.audio(item, bytes, at);
  }

  function play(audio: Uint8Array, item: PlaybackItem, words?: string): boolean {
    prepared.add(item.itemId);
    let isPlayed = false;
    for (let from = 0; from < audio.length; from += PIECE_BYTES) {
      const piece = audio.subarray(from, from + PIECE_BYTES);
      if (!speaker.speak(piece, item)) break;
      accepted(item, piece.length);
      isPlayed = true;
    }
    if (!isPlayed) return false;
    speaker.mark();
    if (words !== undefined) transcript.agentSaid(item.itemId, words);
    return true;
  }

  /** Also to a session that takes the place of one that was lost, if not a sound of them was sent. */
  function sayOpening(): void {
    if (!opening || playback.totals(elapsedMs()).sentMs > 0) return;
    line().say(opening.words, { exact: true });
  }

  return {
    events: {
      audio(audio, item) {
        lastTurn = item.turnId;
        if (!farewell.acceptsTurn(item.turnId)) playback.cancelTurn(item.turnId);
        if (!speaker.speak(audio, item)) return;
        speaking = item;
        turnsWithAudio.add(item.turnId);
        lastWords.spoke(item);
        watch.agentSpoke();
        accepted(item, audio.length);
        farewell.handle({ type: 'audio', turnId: item.turnId });
      },
      audioDone() {
        if (speaker.unheardMs() > 0) speaker.mark();
      },
      turnDone({ turnId, status }) {
        lastTurn = turnId;
        if (speaking?.turnId === turnId) speaking = null;
        if (status !== 'completed') playback.cancelTurn(turnId);
        if (status === 'failed') logger.warn({ turnId }, 'agent turn failed');
        // A failed one is tried again: if it was the first, the greeting is still to come.
        const next = status === 'failed' ? 'go-on' : greeting.turnDone(turnId);
        if (next === 'say-again' && !farewell.isInProgress()) sayOpening();
        farewell.handle({ type: 'turn-done', turnId, completed: status === 'completed' });
        if (turnsWithAudio.delete(turnId)) watch.turnDone(lastWords.isGoodbye());
      },
      calleeStartedSpeaking(speech) {
        transcript.calleeStarted(elapsedMs(), speech?.itemId);
        inCall.calleeSpeaks(true);
        times.calleeStarted();
        watch.calleeStarted();
        lastWords.calleeSpoke();
        if (!farewell.calleeMayInterrupt() || deps.isFloorTaken()) return;
        bargeIn();
        farewell.handle({ type: 'callee-spoke' });
      },
      calleeStoppedSpeaking() {
        const at = elapsedMs();
        transcript.calleeStopped(at);
        inCall.calleeSpeaks(false);
        times.calleeStopped(at);
        watch.calleeStopped();
      },
      transcript({ role, text, final, itemId }) {
        if (role === 'agent') {
          transcript.agentSaid(itemId, text);
          lastWords.said(itemId, text);
        } else if (final) {
          transcript.calleeSaid(itemId, text, elapsedMs());
          watch.calleeSaid(text);
        }
      },
      toolCall(call) {
        lastTurn = call.turnId;
        // What the callee has broken into is not wanted any more, whatever it was to do.
        if (!playback.acceptsTurn(call.turnId)) return line().answerTool(call.toolCallId, { output: CUT_OFF, respond: false });
        deps.tools().run(call, { hasAudio: turnsWithAudio.has(call.turnId), isGreeting: !greetingIsOver() });
      },
    },
    begin() {
      if (!opening?.audio) return;
      play(opening.audio, GREETING, opening.words);
      greeting.turnDone(GREETING.turnId);
    },
    agentReady: sayOpening,
    isShielded,
    sayLast(words, wanted) {
      bargeIn();
      farewell.handle({ type: 'last-words', notTurn: lastTurn, wanted });
      line().say(words, { exact: true, last: true });
    },
    calleeActed() {
      inCall.calleeSpeaks(true);
      inCall.calleeSpeaks(false);
      watch.calleeStarted();
      watch.calleeStopped();
      lastWords.calleeSpoke();
      if (!farewell.calleeMayInterrupt()) return false;
      // A greeting that is protected is heard to its end; the answer comes behind it.
      if (isShielded() || deps.isFloorTaken()) return true;
      bargeIn();
      farewell.handle({ type: 'callee-spoke' });
      return true;
    },
    play,
  };
}
