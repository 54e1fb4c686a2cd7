import { agentWords, fillVariables, openingWords, withDefaults, type Agent, type Variables } from '@onhook/contracts';
import type { TimedWords } from './in-call-clock.js';

/** What is said to the letter in this call: the agent's texts with the call's variables in them. */
export interface CallWords {
  readonly opening: string;
  readonly timed: TimedWords;
  readonly shutdown: string;
  /** Left after the beep. Null: the agent has none. */
  readonly voicemail: string | null;
}

/** @param agent undefined: not known here; then there are only the words that need none */
export function wordsOfCall(agent: Agent | undefined, variables: Variables): CallWords {
  const texts = agent?.words ?? agentWords.parse({});
  const fill = (text: string): string => fillVariables(text, agent ? withDefaults(agent, variables) : {});
  const message = agent?.voicemail?.message;
  return {
    opening: agent ? openingWords(agent, variables) : '',
    timed: {
      stillThere: fill(texts.stillThere),
      nobodyThere: fill(texts.nobodyThere),
      almostOver: fill(texts.almostOver),
      timeIsUp: fill(texts.timeIsUp),
    },
    shutdown: fill(texts.shutdown),
    voicemail: message === undefined ? null : fill(message),
  };
}
