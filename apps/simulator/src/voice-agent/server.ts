import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { createDice } from '../dice.js';
import type { LedgerWriter } from '../ledger.js';
import type { Speech } from '../speech/index.js';
import { arrangeFaults, faultNames, type FaultActs, type Faults } from './faults.js';
import { errorFacts, type Problem } from './problem.js';
import { readModel, type ModelChoice } from './model-choice.js';
import { createScriptTable, linesOf, type Script } from './scripts.js';
import { openSession, unknownScript } from './session.js';
import { readUpgrade, refuseUpgrade, type Refusal } from './upgrade.js';
import type { VoiceDetection } from './voice-activity.js';
import { voiceFor } from './voices.js';
import { createIds, type Send } from './wire.js';

export interface VoiceAgentServer {
  /** For `upgrade` events of an HTTP server whose path is `/v1/realtime`. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Open sessions. */
  sessions(): number;
  /** Closes every session with 1001, and forces what does not close. */
  close(): Promise<void>;
  /** What sessions play that name no script of their own. @throws RangeError if there is no such script */
  setDefaultScript(name: string): void;
  /** Adds or replaces a script from JSON. @throws ZodError */
  addScript(source: unknown): Script;
  scripts(): string[];
}

export interface VoiceAgentServerDeps extends VoiceAgentOptions {
  ledger: LedgerWriter;
  speech: Speech;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  logger: Logger;
  /** The provider's own limit is 60 minutes. */
  maxSessionMs?: number;
}

/** How a provider may be set up; everything has a default. */
export interface VoiceAgentOptions {
  /** Scripts beside the built-in ones, as `readAgentScriptsFile` gives them. */
  scripts?: readonly Script[] | undefined;
  /** What a session plays that names none; else `demo`. */
  defaultScript?: string | undefined;
  /** How voice is found, for scripts that do not say. Default `fvad`. */
  vad?: VoiceDetection | undefined;
  /** A whole number from 0 to 2³² − 1: what scripts leave to chance is the same in every run. Drawn if not given. */
  seed?: number | undefined;
}

const MOST_FRAME_BYTES = 16 * 1024 * 1024;
const FORCED_CLOSE_AFTER_MS = 500;

/**
 * A provider of voice agents that speaks OpenAI Realtime (GA): scripted, audible, and it hears what it is told.
 *
 * @throws RangeError if there is no script `defaultScript`
 */
export function createVoiceAgentServer(deps: VoiceAgentServerDeps): VoiceAgentServer {
  const { speech, timers, chance, logger, maxSessionMs = 60 * 60_000 } = deps;
  const scripts = createScriptTable(deps.scripts);
  if (deps.defaultScript !== undefined) scripts.setDefault(deps.defaultScript);
  const newId = createIds(chance);
  const dice = createDice(deps.seed ?? Math.floor(chance.fraction() * 2 ** 32));
  const played = new Map<string, number>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_FRAME_BYTES, perMessageDeflate: false });
  const open = new Set<WebSocket>();
  let closing = false;

  /** The first call need not wait for lines that are known already. */
  function renderAhead(script: Script): void {
    for (const text of linesOf(script)) {
      speech
        .line(text, voiceFor('marin'))
        .catch((error: unknown) => closing || logger.error({ err: error }, 'line could not be rendered ahead'));
    }
  }
  renderAhead(scripts.default());

  function sender(socket: WebSocket): { send: Send; silence: () => void } {
    let silent = false;
    return {
      send(type, facts) {
        if (!silent && socket.readyState === socket.OPEN)
          socket.send(JSON.stringify({ type, event_id: newId('event'), ...facts }));
      },
      silence: () => void (silent = true),
    };
  }

  function serve(socket: WebSocket, choice: ModelChoice, labels: { callId?: string; attempt?: string }): void {
    const id = newId('sess');
    const { send, silence } = sender(socket);
    const ledger: LedgerWriter = { write: (kind, facts) => deps.ledger.write(kind, { sessionId: id, ...labels, ...facts }) };
    const script = choice.script === undefined ? scripts.default() : scripts.get(choice.script);
    ledger.write('agent-session-opened', { model: choice.model, script: script?.name });
    open.add(socket);
    socket.on('error', (error) => logger.warn({ err: error, sessionId: id }, 'agent socket failed'));

    // The nth session of a script draws alike in every run of a seed, whatever other scripts do meanwhile.
    const name = (script ?? scripts.default()).name;
    const nth = (played.get(name) ?? 0) + 1;
    played.set(name, nth);

    const session = openSession(id, {
      ...deps,
      ledger,
      send,
      newId,
      scripts,
      choice,
      maxSessionMs,
      script: script ?? scripts.default(),
      draws: { turns: dice.of(`agent ${name} ${nth}`), failures: dice.of(`agent failure ${name} ${nth}`) },
      vad: deps.vad ?? 'fvad',
      onScript(named) {
        ledger.write('agent-script', { script: named.name });
        callOffScript();
        callOffScript = arrange(named.faults);
      },
    });
    if (!script) session.refuse(unknownScript(choice.script!, scripts));

    const expire = (): void => {
      const message = `Your session hit the maximum duration of ${Math.max(1, Math.round(maxSessionMs / 60_000))} minutes.`;
      send('error', errorFacts({ code: 'session_expired', message }));
      socket.close(1001, message);
    };
    const acts: FaultActs = {
      expire,
      silence,
      drop: () => socket.terminate(),
      close: (code) => socket.close(code),
      error: () =>
        session.refuse({
          type: 'server_error',
          code: 'server_error',
          message: 'The server had an error while processing your request.',
        }),
    };
    const callOffChosen = arrangeFaults({ expireAfterMs: maxSessionMs, ...choice.faults }, acts, timers);
    /** What stands behind the model is arranged already, and goes before what the script says. */
    const arrange = (faults: Faults): (() => void) => arrangeFaults(without(faults, choice.faults), acts, timers);
    let callOffScript = script ? arrange(script.faults) : () => undefined;

    socket.on('message', (data: RawData, isBinary) => {
      if (isBinary) return session.refuse({ code: 'invalid_event', message: 'Events are text frames of JSON.' });
      session.receive(asText(data));
    });
    socket.on('close', (code, reason) => {
      open.delete(socket);
      callOffChosen();
      callOffScript();
      session.end();
      ledger.write('agent-session-closed', { code, reason: reason.toString() });
    });
  }

  /** Answers one error and closes, as the provider does with what it cannot serve. */
  function turnAway(socket: WebSocket, problem: Problem, code: number): void {
    socket.on('error', (error) => logger.warn({ err: error }, 'agent socket failed'));
    sender(socket).send('error', errorFacts(problem));
    socket.close(code, problem.code);
  }

  return {
    handleUpgrade(request, socket, head) {
      const upgrade = readUpgrade(request);
      if ('status' in upgrade) return refuseUpgrade(socket, upgrade);
      if (closing) return refuseUpgrade(socket, { status: 503, code: 'shutting_down', message: 'The simulator is stopping.' });
      const choice = readModel(upgrade.model);
      if ('mistake' in choice) return refuseUpgrade(socket, { status: 400, code: 'invalid_model', message: choice.mistake });
      const { refuseConnect } = { ...scripts.get(choice.script ?? scripts.default().name)?.faults, ...choice.faults };
      if (refuseConnect !== undefined) return refuseUpgrade(socket, refusalBy(refuseConnect));
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        if (!upgrade.beta) return serve(accepted, choice, upgrade.labels);
        const message = 'The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.';
        turnAway(accepted, { code: 'beta_api_shape_disabled', message }, 4000);
      });
    },
    sessions: () => open.size,
    async close() {
      closing = true;
      const all = [...open];
      const closed = all.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      for (const socket of all) socket.close(1001, 'going away');
      const forced = timers.after(FORCED_CLOSE_AFTER_MS, () => all.forEach((socket) => socket.terminate()));
      await Promise.all(closed);
      forced.cancel();
      sockets.close();
    },
    setDefaultScript(name) {
      scripts.setDefault(name);
      renderAhead(scripts.default());
    },
    addScript: (source) => scripts.add(source),
    scripts: () => scripts.names(),
  };
}

function asText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as Buffer).toString('utf8');
}

function without(faults: Faults, those: Faults): Faults {
  const left = Object.fromEntries(faultNames.filter((name) => !(name in those)).map((name) => [name, faults[name]])) as Faults;
  return { ...left, closeCode: those.closeCode ?? faults.closeCode };
}

function refusalBy(status: NonNullable<Faults['refuseConnect']>): Refusal {
  const code = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'invalid_request' : 'server_error';
  return { status, code, message: `The simulator was told to refuse with ${status}.` };
}
