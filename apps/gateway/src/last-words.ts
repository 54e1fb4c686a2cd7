import { leavesQuestion, saysGoodbye } from './spoken-words.js';

/** What the agent said last, as far as the end of the call depends on it. Pure. */
export interface LastWords {
  /** Audio of an item was accepted. */
  spoke(item: { turnId: string; itemId: string }): void;
  /** `text`: all of the item so far; may come before its audio. */
  said(itemId: string, text: string): void;
  calleeSpoke(): void;
  /** It asks for an answer, or promises more, and the callee has not spoken since. */
  isQuestionOpen(): boolean;
  isGoodbye(): boolean;
}

/** Words of items that never speak are not kept for ever. */
const MAX_ITEMS = 8;

export function createLastWords(): LastWords {
  const texts = new Map<string, string>();
  let turn: string | null = null;
  let items = new Set<string>();
  let isAnswered = false;

  function text(): string {
    return [...items].map((itemId) => texts.get(itemId) ?? '').join(' ');
  }

  return {
    spoke({ turnId, itemId }) {
      if (turn !== turnId) {
        turn = turnId;
        items = new Set();
        isAnswered = false;
      }
      items.add(itemId);
    },
    said(itemId, words) {
      texts.set(itemId, words);
      const oldest = texts.keys().next().value;
      if (texts.size > MAX_ITEMS && oldest !== undefined) texts.delete(oldest);
    },
    calleeSpoke: () => void (isAnswered = true),
    isQuestionOpen: () => !isAnswered && leavesQuestion(text()),
    isGoodbye: () => saysGoodbye(text()),
  };
}
