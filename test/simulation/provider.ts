import type { MuLawAudio } from '@onhook/audio';
import type { OpenSession, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from '@onhook/voice-agent';
import { createScriptedAgent } from '@onhook/voice-agent/scripted';
import { scriptOf, type Persona } from './agents.js';
import type { Draw } from './draw.js';
import type { Scheduler } from './scheduler.js';
import type { SimProcess } from './sim-process.js';
import type { Weather } from './weather.js';

/** One session of the voice agent, as its provider saw it. */
export interface SessionLog {
  readonly callId: string;
  readonly attempt: number;
  readonly process: string;
  readonly openedAt: number;
  closedAt: number | null;
  /** The last `end_call` that the model made. */
  endCalledAt: number | null;
}

export interface ProviderDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
}

export interface Provider {
  readonly sessions: readonly SessionLog[];
  agentFor(process: SimProcess): VoiceAgent;
}

/** The voice agents' provider: scripted sessions that hear when the callee speaks, and lines that break. */
export function createProvider({ scheduler, draw, weather }: ProviderDeps): Provider {
  const sessions: SessionLog[] = [];

  function open(process: SimProcess, request: OpenSession, told: VoiceAgentEvents): VoiceAgentSession {
    const { callId, attempt, agent } = request;
    const log: SessionLog = {
      callId,
      attempt,
      process: process.name,
      openedAt: scheduler.now(),
      closedAt: null,
      endCalledAt: null,
    };
    sessions.push(log);
    const closes = (): void => void (log.closedAt ??= scheduler.now());
    process.onDeath(closes);
    const events: VoiceAgentEvents = {
      ...told,
      toolCall(call) {
        if (call.name === 'end_call') log.endCalledAt = scheduler.now();
        told.toolCall(call);
      },
      closed(facts) {
        closes();
        told.closed(facts);
      },
    };
    const isSilent = weather.strikes('agent-silent', { callId });
    const isUnready = weather.strikes('agent-never-ready', { callId });
    const scripted = createScriptedAgent({
      timers: process.timers,
      readyAfterMs: isUnready ? null : draw.between(50, 900),
      turns: isSilent ? [] : scriptOf(agent.id as Persona, draw),
      speaksWhenAsked: !isSilent,
    });
    const session = scripted.open(request, events);
    if (weather.strikes('agent-dropped', { callId })) {
      const hasReason = draw.happens(0.8);
      process.timers.after(draw.between(100, 12_000), () => session.drop(1006, 'the line broke', hasReason));
    }
    return { ...session, hear: createEar(session) };
  }

  return { sessions, agentFor: (process) => ({ open: (request, events) => open(process, request, events) }) };
}

/** The provider's own detection of speech: a loud frame begins it, two quiet ones end it. */
function createEar(session: { calleeStarts(): void; calleeStops(): void }): (audio: MuLawAudio) => void {
  let quietFrames = 0;
  let isSpeaking = false;
  return (audio) => {
    if (isLoud(audio)) {
      quietFrames = 0;
      if (isSpeaking) return;
      isSpeaking = true;
      session.calleeStarts();
    } else if (isSpeaking && ++quietFrames === 2) {
      isSpeaking = false;
      session.calleeStops();
    }
  };
}

/** µ-law silence is 0xff; in base64 that is a slash. */
function isLoud(audio: MuLawAudio): boolean {
  return audio instanceof Uint8Array ? audio[0] !== 0xff : audio.text[audio.from] !== 0x2f;
}
