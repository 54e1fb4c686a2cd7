import type { Timer } from '@onhook/service';
import type { Fraction } from '../dice.js';
import type { SpokenFormat } from './audio-format.js';
import type { Conversation } from './conversation.js';
import { failures, type Faults } from './faults.js';
import { TRANSCRIBED_AFTER_MS } from './input.js';
import { runResponse, type ResponseDeps, type ResponseRun } from './response.js';
import type { ScriptPlayer } from './script-player.js';
import type { ResponseParams, SessionConfig } from './session-config.js';

/** The responses of a session: one at a time in the conversation, any number beside it. */
export interface SessionResponses {
  readonly active: ResponseRun | undefined;
  /** A voice has been heard: it is locked. */
  readonly voiceUsed: boolean;
  begin(params: ResponseParams): void;
  /** The caller's turn is over. What is being said goes on; the answer comes behind it. */
  answer(): void;
  /** The caller speaks: no idle time any more. */
  listen(): void;
  find(id: string): ResponseRun | undefined;
  cancel(run: ResponseRun, reason: 'turn_detected' | 'client_cancelled'): void;
  /** Runs it when the response that is going on is done; soon, if there is none. */
  afterwards(act: () => void): void;
  drop(): void;
}

export function createSessionResponses(
  deps: ResponseDeps,
  {
    conversation,
    player,
    config,
    faults,
    heardMs,
    onIdle,
    failsBy,
  }: {
    conversation: Conversation;
    player: ScriptPlayer;
    config: () => SessionConfig;
    faults: () => Faults;
    /** All audio so far. */
    heardMs: () => number;
    /** Nobody has said anything for `idle_timeout_ms`. */
    onIdle: () => void;
    /** Draws for `failChance`. */
    failsBy: Fraction;
  },
): SessionResponses {
  const { timers } = deps;
  let active: ResponseRun | undefined;
  const aside = new Set<ResponseRun>();
  /** Responses that are over, whose audio may still be coming. */
  const cancelled = new Set<ResponseRun>();
  let count = 0;
  let voiceUsed = false;
  let answerWaits = false;
  let billedMs = 0;
  let idle: Timer | undefined;
  let waiting: (() => void)[] = [];

  function failureOf(number: number): { code: string; message: string } | undefined {
    const { failResponse, failChance = 0, failCode = 'server_error' } = faults();
    // Not asked if it cannot strike: scripts without this fault draw no chance.
    const fails = number === failResponse || (failChance > 0 && failsBy() < failChance);
    return fails ? { code: failCode, message: failures[failCode] } : undefined;
  }

  function begin(params: ResponseParams): void {
    idle?.cancel();
    const number = ++count;
    const inside = params.conversation !== 'none';
    const tools = params.tools ?? config().tools;
    const { output } = config().audio;
    const { thinkMs, pace } = player.script();
    const heard = heardMs() - billedMs;
    billedMs = heardMs();
    const parts = player.next({
      instructions: params.instructions,
      toolChoice: params.tool_choice ?? config().tool_choice,
      tools: tools.flatMap((tool) => (typeof tool['name'] === 'string' ? [tool['name']] : [])),
    });
    voiceUsed ||= parts.some(({ type }) => type === 'say');
    const run: ResponseRun = runResponse(
      {
        parts,
        conversation: inside ? conversation : undefined,
        voice: params.audio?.output?.voice ?? output.voice,
        format: (params.audio?.output?.format ?? output.format).type as SpokenFormat,
        metadata: params.metadata ?? null,
        maxOutputTokens: params.max_output_tokens ?? config().max_output_tokens,
        thinkMs,
        pace,
        heardMs: heard,
        fail: failureOf(number),
        lateAudioMs: faults().lateAudioMs ?? 0,
        onDone({ status, spokenMs }) {
          aside.delete(run);
          if (active !== run) return;
          active = undefined;
          for (const act of waiting) timers.after(TRANSCRIBED_AFTER_MS, act);
          waiting = [];
          if (status !== 'cancelled') afterResponse(spokenMs);
        },
      },
      deps,
    );
    if (inside) active = run;
    else aside.add(run);
  }

  function afterResponse(spokenMs: number): void {
    if (answerWaits) {
      answerWaits = false;
      return begin({});
    }
    const detection = config().audio.input.turn_detection;
    if (detection?.type !== 'server_vad' || detection.idle_timeout_ms === null) return;
    // Counted from when the audio has been played, which the provider can only suppose.
    idle = timers.after(spokenMs + detection.idle_timeout_ms, onIdle);
  }

  return {
    get active() {
      return active;
    },
    get voiceUsed() {
      return voiceUsed;
    },
    begin,
    answer() {
      if (active) answerWaits = true;
      else begin({});
    },
    listen: () => idle?.cancel(),
    find: (id) => [active, ...aside].find((one) => one?.id === id),
    cancel(run, reason) {
      if (faults().lateAudioMs !== undefined) cancelled.add(run);
      run.cancel(reason);
    },
    afterwards: (act) => void (active ? waiting.push(act) : timers.after(TRANSCRIBED_AFTER_MS, act)),
    drop() {
      idle?.cancel();
      active?.drop();
      for (const run of [...aside, ...cancelled]) run.drop();
    },
  };
}
