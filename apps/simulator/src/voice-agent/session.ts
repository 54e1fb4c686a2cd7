import type { Timer } from '@onhook/service';
import { createDecoder, isSpoken, type SpokenFormat } from './audio-format.js';
import { readClientEvent, type ClientEvent, type ClientEvents } from './client-events.js';
import { createConversation, type Item } from './conversation.js';
import { failures, type Faults } from './faults.js';
import { createFvadActivity } from './fvad-activity.js';
import { createHearing } from './hearing.js';
import { createAudioInput, TRANSCRIBED_AFTER_MS } from './input.js';
import type { ModelChoice } from './model-choice.js';
import { itemOf, noSuchItem } from './new-item.js';
import { errorFacts, type Problem } from './problem.js';
import { runResponse, type ResponseDeps, type ResponseRun } from './response.js';
import { createScriptPlayer } from './script-player.js';
import type { Script, ScriptTable } from './scripts.js';
import { defaultConfig, updated, type ResponseParams } from './session-config.js';
import { createEnergyActivity, type VoiceDetection } from './voice-activity.js';

export interface Session {
  readonly id: string;
  receive(frame: string): void;
  refuse(problem: Problem): void;
  /** The socket is gone: timers and audio stop. */
  end(): void;
}

export interface SessionDeps extends ResponseDeps {
  scripts: ScriptTable;
  script: Script;
  choice: ModelChoice;
  maxSessionMs: number;
  /** For scripts that do not say. */
  vad: VoiceDetection;
  /** The instructions name another script: its faults begin now. */
  onScript: (script: Script) => void;
}

/** One connection = one conversation: turns what the client sends into what a model would do. */
export function openSession(id: string, deps: SessionDeps): Session {
  const { send, newId, timers, clock, ledger, speech, chance } = deps;
  const conversation = createConversation(newId('conv'));
  const player = createScriptPlayer(deps.script);
  const expiresAtSec = Math.floor((clock.now() + deps.maxSessionMs) / 1000);
  let config = defaultConfig({ id, model: deps.choice.model, expiresAtSec });
  let active: ResponseRun | undefined;
  const aside = new Set<ResponseRun>();
  let responses = 0;
  let voiceUsed = false;
  let answerWaits = false;
  let billedMs = 0;
  let idle: Timer | undefined;
  let ended = false;
  /** Responses that are over, whose audio may still be coming. */
  const cancelled = new Set<ResponseRun>();
  let afterwards: (() => void)[] = [];
  let decoder: { format: SpokenFormat; decode: (bytes: Uint8Array) => Uint8Array } | undefined;
  const faults = (): Faults => ({ ...player.script().faults, ...deps.choice.faults });
  const activity = (deps.script.vad ?? deps.vad) === 'fvad' ? createFvadActivity() : createEnergyActivity();

  const input = createAudioInput({
    send: (type, facts) => void (ended || send(type, facts)),
    newId,
    timers,
    conversation,
    hearing: createHearing({ speech, ledger }),
    config: () => config,
    activity,
    longestTurnMs: () => player.script().longestTurnMs,
    transcripts: () => player.script().transcripts,
    afterResponse: (act) => void (active ? afterwards.push(act) : timers.after(TRANSCRIBED_AFTER_MS, act)),
    onSpeechStarted() {
      idle?.cancel();
      if (!active || !config.audio.input.turn_detection?.interrupt_response) return;
      ledger.write('agent-interrupted', { responseId: active.id });
      cancel(active, 'turn_detected');
    },
    onTurn({ text }, { auto }) {
      player.hear(text);
      if (!auto || !config.audio.input.turn_detection?.create_response) return;
      if (active) answerWaits = true;
      else respond({});
    },
  });

  function refuse(problem: Problem): void {
    send('error', errorFacts(problem));
  }

  function cancel(run: ResponseRun, reason: 'turn_detected' | 'client_cancelled'): void {
    if (faults().lateAudioMs !== undefined) cancelled.add(run);
    run.cancel(reason);
  }

  function failureOf(number: number): { code: string; message: string } | undefined {
    const { failResponse, failChance = 0, failCode = 'server_error' } = faults();
    // Not asked if it cannot strike: scripts without this fault draw no chance.
    const fails = number === failResponse || (failChance > 0 && chance.fraction() < failChance);
    return fails ? { code: failCode, message: failures[failCode] } : undefined;
  }

  function respond(params: ResponseParams): void {
    idle?.cancel();
    const number = ++responses;
    const inside = params.conversation !== 'none';
    const tools = params.tools ?? config.tools;
    const { thinkMs, pace } = player.script();
    const heardMs = input.totalMs() - billedMs;
    billedMs = input.totalMs();
    const parts = player.next({
      instructions: params.instructions,
      toolChoice: params.tool_choice ?? config.tool_choice,
      tools: tools.flatMap((tool) => (typeof tool['name'] === 'string' ? [tool['name']] : [])),
    });
    voiceUsed ||= parts.some(({ type }) => type === 'say');
    const run: ResponseRun = runResponse(
      {
        parts,
        conversation: inside ? conversation : undefined,
        voice: params.audio?.output?.voice ?? config.audio.output.voice,
        format: (params.audio?.output?.format ?? config.audio.output.format).type as SpokenFormat,
        metadata: params.metadata ?? null,
        maxOutputTokens: params.max_output_tokens ?? config.max_output_tokens,
        thinkMs,
        pace,
        heardMs,
        fail: failureOf(number),
        lateAudioMs: faults().lateAudioMs ?? 0,
        onDone({ status, spokenMs }) {
          aside.delete(run);
          if (active !== run) return;
          active = undefined;
          for (const act of afterwards) timers.after(TRANSCRIBED_AFTER_MS, act);
          afterwards = [];
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
      return respond({});
    }
    const detection = config.audio.input.turn_detection;
    if (detection?.type !== 'server_vad' || detection.idle_timeout_ms === null) return;
    // Counted from when the audio has been played, which the provider can only suppose.
    idle = timers.after(spokenMs + detection.idle_timeout_ms, () => input.idle());
  }

  const handle: { [T in ClientEvent['type']]: (event: ClientEvents[T]) => Problem | undefined } = {
    'session.update'({ session }) {
      const voice = session.audio?.output?.voice;
      if (voiceUsed && voice !== undefined && JSON.stringify(voice) !== JSON.stringify(config.audio.output.voice)) {
        const message = "Cannot update a conversation's voice if assistant audio is present.";
        return { code: 'cannot_update_voice', param: 'session.audio.output.voice', message };
      }
      config = updated(config, session);
      input.configure(config.audio.input.turn_detection);
      const named = /\[script:([a-z0-9-]+)\]/.exec(config.instructions)?.[1];
      const script = named === undefined ? undefined : deps.scripts.get(named);
      if (named !== undefined && !script) return unknownScript(named, deps.scripts);
      if (script && player.use(script)) deps.onScript(script);
      send('session.updated', { session: config });
      return undefined;
    },
    'input_audio_buffer.append'({ audio }) {
      const { type } = config.audio.input.format;
      if (!isSpoken(type)) return notSpoken('session.audio.input.format', type);
      if (decoder?.format !== type) decoder = { format: type, decode: createDecoder(type) };
      input.append(decoder.decode(Buffer.from(audio, 'base64')), type === 'audio/pcmu');
      return undefined;
    },
    'input_audio_buffer.commit': () => input.commit()?.problem,
    'input_audio_buffer.clear'() {
      input.clear();
      return undefined;
    },
    'response.create'({ response = {} }) {
      const { type } = response.audio?.output?.format ?? config.audio.output.format;
      if (!isSpoken(type)) return notSpoken('session.audio.output.format', type);
      if ((response.output_modalities ?? config.output_modalities)[0] !== 'audio') {
        return { code: 'invalid_value', param: 'response.output_modalities', message: 'This simulator answers in audio only.' };
      }
      if (response.conversation !== 'none' && active) {
        const message = `Conversation already has an active response in progress: ${active.id}. Wait until the response is finished before creating a new one.`;
        return { code: 'conversation_already_has_active_response', message };
      }
      respond(response);
      return undefined;
    },
    'response.cancel'({ response_id }) {
      const run = response_id === undefined ? active : [active, ...aside].find((one) => one?.id === response_id);
      if (!run) return { code: 'response_cancel_not_active', message: 'Cancellation failed: no active response found' };
      cancel(run, 'client_cancelled');
      return undefined;
    },
    'conversation.item.create'({ item: given, previous_item_id }) {
      const item = itemOf(given, newId('item'));
      const problem = 'code' in item ? item : given.type === 'function_call_output' ? answersACall(given.call_id) : undefined;
      if (problem) return problem;
      const added = conversation.add(item as Item, previous_item_id);
      if ('problem' in added) return added.problem;
      send('conversation.item.added', { previous_item_id: added.previousItemId, item });
      send('conversation.item.done', { previous_item_id: added.previousItemId, item });
      if (given.type === 'message' && given.role === 'user') player.hear(given.content.map(({ text = '' }) => text).join(' '));
      return undefined;
    },
    'conversation.item.truncate'({ item_id, content_index, audio_end_ms }) {
      const refused = conversation.truncate(item_id, content_index, audio_end_ms);
      if (refused) return refused.problem;
      ledger.write('agent-truncated', { itemId: item_id, audioEndMs: audio_end_ms });
      send('conversation.item.truncated', { item_id, content_index, audio_end_ms });
      return undefined;
    },
    'conversation.item.delete'({ item_id }) {
      if (!conversation.delete(item_id)) return noSuchItem('delete', item_id);
      send('conversation.item.deleted', { item_id });
      return undefined;
    },
    'conversation.item.retrieve'({ item_id }) {
      const item = conversation.get(item_id);
      if (!item) return noSuchItem('retrieve', item_id);
      send('conversation.item.retrieved', { item });
      return undefined;
    },
  };

  function answersACall(callId: string): Problem | undefined {
    if (conversation.items().some((item) => item.type === 'function_call' && item.call_id === callId)) return undefined;
    return {
      code: 'invalid_tool_call_id',
      param: 'item.call_id',
      message: `Tool call ID '${callId}' not found in conversation.`,
    };
  }

  send('session.created', { session: config });

  return {
    id,
    refuse,
    receive(frame) {
      const event = readClientEvent(frame);
      if ('problem' in event) return refuse(event.problem);
      const problem = (handle[event.type] as (event: ClientEvent) => Problem | undefined)(event);
      if (problem) refuse({ ...problem, eventId: event.event_id });
    },
    end() {
      ended = true;
      idle?.cancel();
      active?.drop();
      for (const run of [...aside, ...cancelled]) run.drop();
      activity.close();
    },
  };
}

function notSpoken(param: string, type: string): Problem {
  return { code: 'invalid_value', param, message: `This simulator speaks audio/pcmu and audio/pcm, and the format is ${type}.` };
}

export function unknownScript(name: string, scripts: ScriptTable): Problem {
  return { code: 'unknown_script', message: `The simulator has no script '${name}'. It has: ${scripts.names().join(', ')}.` };
}
