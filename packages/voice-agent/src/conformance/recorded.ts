import { agentSchema, newCallId } from '@onhook/contracts';
import { audioBytes } from '@onhook/audio';
import { systemChance } from '@onhook/service';
import type { OpenSession, VoiceAgentEvents } from '../port.js';

export type Recorded = {
  [Name in keyof VoiceAgentEvents]: readonly [Name, ...Parameters<VoiceAgentEvents[Name]>];
}[keyof VoiceAgentEvents];

/** Everything that a session tells, in order. */
export function recordEvents(): {
  events: VoiceAgentEvents;
  seen: Recorded[];
  of<Name extends Recorded[0]>(name: Name): Extract<Recorded, readonly [Name, ...unknown[]]>[];
} {
  const seen: Recorded[] = [];
  const names = [
    'ready',
    'audio',
    'audioDone',
    'turnDone',
    'calleeStartedSpeaking',
    'calleeStoppedSpeaking',
    'transcript',
    'toolCall',
    'error',
    'closed',
  ] as const satisfies readonly (keyof VoiceAgentEvents)[];
  const events = Object.fromEntries(
    names.map((name) => [name, (...facts: unknown[]) => void seen.push([name, ...facts] as unknown as Recorded)]),
  ) as unknown as VoiceAgentEvents;
  // What is encoded is true only while it is told.
  events.audio = (audio, item) => void seen.push(['audio', audioBytes(audio), item]);
  return { events, seen, of: (name) => seen.filter((one) => one[0] === name) as never };
}

export function anOpenSession(changes: Partial<OpenSession> = {}): OpenSession {
  return {
    callId: newCallId('a', systemChance.uuidv7()),
    attempt: 1,
    agent: agentSchema.parse({ id: 'demo', name: 'Demo', instructions: 'Be kind to {{name}}.', greeting: 'Hello.' }),
    variables: { name: 'Kim' },
    tools: [{ name: 'end_call', description: 'End the call.', parameters: { type: 'object', properties: {} } }],
    ...changes,
  };
}
