import type { Fraction } from '../dice.js';
import { createDecoder, isSpoken, type SpokenFormat } from './audio-format.js';
import { readClientEvent, type ClientEvent, type ClientEvents } from './client-events.js';
import { createConversation, type Item } from './conversation.js';
import type { Faults } from './faults.js';
import { createFvadActivity } from './fvad-activity.js';
import { createHearing } from './hearing.js';
import { createAudioInput, type AudioInput } from './input.js';
import type { ModelChoice } from './model-choice.js';
import { itemOf, noSuchItem } from './new-item.js';
import { errorFacts, type Problem } from './problem.js';
import type { ResponseDeps } from './response.js';
import { createScriptPlayer } from './script-player.js';
import type { Script, ScriptTable } from './scripts.js';
import { defaultConfig, updated } from './session-config.js';
import { createSessionResponses } from './session-responses.js';
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
  /** What scripts leave to chance: the same in every run of a seed. */
  draws: { turns: Fraction; failures: Fraction };
  /** The instructions name another script: its faults begin now. */
  onScript: (script: Script) => void;
}

/** One connection = one conversation: turns what the client sends into what a model would do. */
export function openSession(id: string, deps: SessionDeps): Session {
  const { send, newId, timers, clock, ledger, speech } = deps;
  const conversation = createConversation(newId('conv'));
  const player = createScriptPlayer(deps.script, deps.draws.turns);
  const expiresAtSec = Math.floor((clock.now() + deps.maxSessionMs) / 1000);
  let config = defaultConfig({ id, model: deps.choice.model, expiresAtSec });
  let ended = false;
  let decoder: { format: SpokenFormat; decode: (bytes: Uint8Array) => Uint8Array } | undefined;
  const activity = (deps.script.vad ?? deps.vad) === 'fvad' ? createFvadActivity() : createEnergyActivity();

  const responses = createSessionResponses(deps, {
    failsBy: deps.draws.failures,
    conversation,
    player,
    config: () => config,
    faults: (): Faults => ({ ...player.script().faults, ...deps.choice.faults }),
    heardMs: () => input.totalMs(),
    onIdle: () => input.idle(),
  });

  const input: AudioInput = createAudioInput({
    send: (type, facts) => void (ended || send(type, facts)),
    newId,
    timers,
    conversation,
    hearing: createHearing({ speech, ledger }),
    config: () => config,
    activity,
    longestTurnMs: () => player.script().longestTurnMs,
    transcripts: () => player.script().transcripts,
    afterResponse: responses.afterwards,
    onSpeechStarted() {
      responses.listen();
      const { active } = responses;
      if (!active || !config.audio.input.turn_detection?.interrupt_response) return;
      ledger.write('agent-interrupted', { responseId: active.id });
      responses.cancel(active, 'turn_detected');
    },
    onTurn({ text }, { auto }) {
      player.hear(text);
      if (auto && config.audio.input.turn_detection?.create_response) responses.answer();
    },
  });

  function refuse(problem: Problem): void {
    send('error', errorFacts(problem));
  }

  const handle: { [T in ClientEvent['type']]: (event: ClientEvents[T]) => Problem | undefined } = {
    'session.update'({ session }) {
      const voice = session.audio?.output?.voice;
      if (responses.voiceUsed && voice !== undefined && JSON.stringify(voice) !== JSON.stringify(config.audio.output.voice)) {
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
      if (response.conversation !== 'none' && responses.active) {
        const message = `Conversation already has an active response in progress: ${responses.active.id}. Wait until the response is finished before creating a new one.`;
        return { code: 'conversation_already_has_active_response', message };
      }
      responses.begin(response);
      return undefined;
    },
    'response.cancel'({ response_id }) {
      const run = response_id === undefined ? responses.active : responses.find(response_id);
      if (!run) return { code: 'response_cancel_not_active', message: 'Cancellation failed: no active response found' };
      responses.cancel(run, 'client_cancelled');
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
      responses.drop();
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
