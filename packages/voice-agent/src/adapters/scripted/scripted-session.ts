import { audioBytes } from '@onhook/audio';
import type { Timers } from '@onhook/service';
import type { OpenSession, VoiceAgentEvents, VoiceAgentSession } from '../../port.js';
import type { ScriptedTurn } from './scripted-agent.js';

/** What a session was asked for, and by hand what its provider does. */
export interface ScriptedSession extends VoiceAgentSession {
  readonly request: OpenSession;
  readonly heard: readonly Uint8Array[];
  readonly said: readonly { words: string; exact: boolean }[];
  readonly toolResults: readonly { toolCallId: string; output: string; respond: boolean; withTools: boolean }[];
  readonly interrupts: readonly { itemId: string; heardMs: number }[];
  /** What it was told in words. */
  readonly told: readonly string[];
  /** How often it was let to speak in its own words. */
  turnsAskedFor(): number;
  isClosed(): boolean;
  becomeReady(): void;
  /** Begins a turn unless one is running; says which. */
  startTurn(): { turnId: string; itemId: string };
  /** Audio of the running turn, in pieces of 100 ms. A number: so many ms of a sound that is no silence. */
  speak(audio: Uint8Array | number): void;
  /** Without a status: completed, or cancelled if it was interrupted. */
  endTurn(status?: 'completed' | 'cancelled' | 'failed' | 'incomplete'): void;
  callTool(name: string, args?: Readonly<Record<string, unknown>> | null, toolCallId?: string): void;
  calleeStarts(): void;
  calleeStops(): void;
  play(turn: ScriptedTurn): void;
  fail(code: string, fatal: boolean): void;
  /** The socket breaks. */
  drop(code?: number, reason?: string, retryable?: boolean): void;
}

export interface ScriptedSessionDeps {
  readonly request: OpenSession;
  readonly events: VoiceAgentEvents;
  readonly timers: Pick<Timers, 'after'>;
  readonly readyAfterMs: number | null;
  readonly expiresInMs: number | null;
  readonly turns: readonly ScriptedTurn[];
  readonly speaksWhenAsked: boolean;
}

const BYTES_PER_MS = 8;
const PIECE_BYTES = 100 * BYTES_PER_MS;
const MS_PER_CHARACTER = 60;
/** µ-law of a sound. */
const SOUND = 0x20;

export function createScriptedSession({
  request,
  events,
  timers,
  readyAfterMs,
  expiresInMs,
  turns,
  speaksWhenAsked,
}: ScriptedSessionDeps): ScriptedSession {
  let state: 'connecting' | 'ready' | 'closing' | 'closed' = 'connecting';
  let wasReady = false;
  let count = 0;
  let toolCount = 0;
  let turnsAskedFor = 0;
  let running: { turnId: string; itemId: string; spoke: boolean } | null = null;
  const early: Uint8Array[] = [];
  const heard: Uint8Array[] = [];
  const said: { words: string; exact: boolean }[] = [];
  const toolResults: { toolCallId: string; output: string; respond: boolean; withTools: boolean }[] = [];
  const interrupts: { itemId: string; heardMs: number }[] = [];
  const told: string[] = [];
  const waiting: ScriptedTurn[] = [];
  const script = [...turns];
  const cutOff = new Set<string>();
  const seenCalls = new Set<string>();
  /** Turns of which nothing is told. */
  const dropped = new Set<string>();
  const isOpen = (): boolean => state === 'ready';
  const first = readyAfterMs === null ? null : timers.after(readyAfterMs, becomeReady);

  function becomeReady(): void {
    if (state !== 'connecting') return;
    state = 'ready';
    wasReady = true;
    heard.push(...early.splice(0));
    if (request.resume?.respond) {
      turnsAskedFor++;
      waiting.push({});
    }
    events.ready({ sessionId: 'scripted', expiresInMs });
    next();
  }

  /** One turn at a time; what is asked for meanwhile waits. */
  function next(): void {
    if (!isOpen() || running) return;
    const turn = waiting.shift();
    if (!turn) return;
    startTurn();
    if (speaksWhenAsked) timers.after(0, () => perform(turn));
  }

  function play(turn: ScriptedTurn): void {
    waiting.push(turn);
    next();
  }

  function perform(turn: ScriptedTurn): void {
    if (!isOpen()) return;
    startTurn();
    if (turn.tool && turn.toolFirst) callTool(turn.tool.name, turn.tool.args);
    if (turn.audio) speak(turn.audio);
    else if (turn.says) speak(turn.says.length * MS_PER_CHARACTER);
    if (turn.says && running) events.transcript({ role: 'agent', text: turn.says, final: true, itemId: running.itemId });
    if (turn.tool && !turn.toolFirst) callTool(turn.tool.name, turn.tool.args);
    endTurn();
  }

  function startTurn(): { turnId: string; itemId: string } {
    running ??= { turnId: `turn_${++count}`, itemId: `item_${count}`, spoke: false };
    return running;
  }

  function speak(audio: Uint8Array | number): void {
    const bytes = typeof audio === 'number' ? new Uint8Array(audio * BYTES_PER_MS).fill(SOUND) : audio;
    const { turnId, itemId } = startTurn();
    for (let at = 0; at < bytes.length && isOpen() && !cutOff.has(turnId) && !dropped.has(turnId); at += PIECE_BYTES) {
      if (running) running.spoke = true;
      events.audio(bytes.subarray(at, at + PIECE_BYTES), { turnId, itemId });
    }
  }

  function endTurn(status?: 'completed' | 'cancelled' | 'failed' | 'incomplete'): void {
    if (!isOpen() || !running) return;
    const { turnId, itemId, spoke } = running;
    running = null;
    if (spoke) events.audioDone({ turnId, itemId });
    if (!dropped.has(turnId)) events.turnDone({ turnId, status: status ?? (cutOff.has(turnId) ? 'cancelled' : 'completed') });
    next();
  }

  function callTool(name: string, args: Readonly<Record<string, unknown>> | null = {}, toolCallId = `tool_${++toolCount}`): void {
    if (!isOpen() || seenCalls.has(toolCallId)) return;
    seenCalls.add(toolCallId);
    events.toolCall({ toolCallId, turnId: startTurn().turnId, name, args });
  }

  function finish(code: number, reason: string, byUs: boolean, retryable = true): void {
    if (state === 'closed') return;
    state = 'closed';
    first?.cancel();
    events.closed({ code, reason, opened: wasReady, byUs, retryable: !byUs && retryable });
  }

  return {
    request,
    heard,
    said,
    toolResults,
    interrupts,
    told,
    turnsAskedFor: () => turnsAskedFor,
    isClosed: () => state === 'closed',
    becomeReady,
    startTurn,
    speak,
    endTurn,
    callTool,
    calleeStarts: () => void (isOpen() && events.calleeStartedSpeaking()),
    calleeStops() {
      if (!isOpen()) return;
      events.calleeStoppedSpeaking();
      const turn = script.shift();
      if (turn) play(turn);
    },
    play,
    fail: (code, fatal) => void (isOpen() && events.error({ code, message: code, fatal })),
    drop: (code = 1006, reason = '', retryable = true) => finish(code, reason, false, retryable),

    hear(audio) {
      if (state === 'connecting') early.push(Uint8Array.from(audioBytes(audio)));
      else if (isOpen()) heard.push(Uint8Array.from(audioBytes(audio)));
    },
    say(words, { exact, last }) {
      said.push({ words, exact });
      if (last) {
        waiting.length = 0;
        if (running && !running.spoke) dropped.add(running.turnId);
      }
      play({ says: words });
    },
    tell(words) {
      if (!isOpen()) return;
      told.push(words);
      turnsAskedFor++;
      play(script.shift() ?? {});
    },
    respond() {
      turnsAskedFor++;
      play(script.shift() ?? {});
    },
    toolResult(toolCallId, output, { respond, withTools = true }) {
      if (!isOpen()) return;
      toolResults.push({ toolCallId, output, respond, withTools });
      const turn = respond ? script.shift() : undefined;
      if (turn) play(turn);
    },
    interrupt(item) {
      if (!isOpen()) return;
      interrupts.push(item);
      if (running?.itemId === item.itemId) cutOff.add(running.turnId);
    },
    close(why) {
      if (state === 'closing' || state === 'closed') return;
      state = 'closing';
      // As with a socket, the word that it is closed comes later.
      timers.after(0, () => finish(1000, why, true));
    },
    bufferedBytes: () => 0,
  };
}
