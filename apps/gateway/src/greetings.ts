import type { Agent } from '@onhook/contracts';
import path from 'node:path';
import { PreparedAudioError, readPreparedAudio } from './prepared-audio.js';

/** What is wrong with the greetings of which agents, all of it. */
export class GreetingsError extends Error {
  readonly code = 'greetings-invalid';
  constructor(readonly problems: readonly string[]) {
    super(`Prepared greetings cannot be played:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'GreetingsError';
  }
}

/**
 * The prepared greetings of those agents that have one, by agent. A greeting is some ten seconds of 8 kB: they stay in memory.
 *
 * @throws GreetingsError
 */
export function readGreetings(agentsDir: string, agents: ReadonlyMap<string, Agent>): Map<string, Uint8Array> {
  const greetings = new Map<string, Uint8Array>();
  const problems: string[] = [];
  for (const { id, greetingAudio } of agents.values()) {
    if (greetingAudio === undefined) continue;
    try {
      greetings.set(id, readPreparedAudio(path.join(agentsDir, greetingAudio)));
    } catch (error) {
      if (!(error instanceof PreparedAudioError)) throw error;
      problems.push(`${id}: greetingAudio: ${greetingAudio} ${error.message}`);
    }
  }
  if (problems.length > 0) throw new GreetingsError(problems);
  return greetings;
}
