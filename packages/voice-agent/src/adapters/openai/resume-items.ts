import type { Resume } from '../../port.js';

/** Newest first in worth: what goes beyond this is left out at the front. About 5 000 tokens. */
const MAX_CHARACTERS = 20_000;
const NOTE =
  'The line to you was interrupted for a moment; the other person is still on the phone. Above is the conversation so far, as far ' +
  'as it was heard. Go on from there: do not greet again and do not repeat what was heard. If you speak first, say sorry for ' +
  'the pause in a few words.';

/**
 * The events that tell a new session what was said in another. Audio of an assistant cannot be created, text can. The
 * note about a break stands last, where the model heeds it most.
 */
export function resumeItems({ lines, afterBreak = false }: Resume): object[] {
  const newest: Resume['lines'][number][] = [];
  let characters = 0;
  for (const line of lines.toReversed()) {
    characters += line.text.length;
    if (characters > MAX_CHARACTERS) break;
    if (line.text.trim() !== '') newest.push(line);
  }
  const messages = newest
    .toReversed()
    .map(({ role, text }) =>
      role === 'agent' ? message('assistant', 'output_text', text) : message('user', 'input_text', text),
    );
  return afterBreak ? [...messages, message('system', 'input_text', NOTE)] : messages;
}

function message(role: 'assistant' | 'user' | 'system', type: 'output_text' | 'input_text', text: string): object {
  return { type: 'conversation.item.create', item: { type: 'message', role, content: [{ type, text }] } };
}
