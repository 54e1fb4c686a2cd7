import type { NewItem } from './client-events.js';
import type { Item } from './conversation.js';
import type { Problem } from './problem.js';

const ALLOWED = { user: ['input_text', 'input_audio', 'input_image'], system: ['input_text'], assistant: ['output_text'] };

/** The item that a client creates, or what is wrong with it. */
export function itemOf(given: NewItem, newItemId: string): Item | Problem {
  const base = { id: given.id ?? newItemId, object: 'realtime.item', status: 'completed' } as const;
  if (given.type === 'function_call_output') return { ...base, type: given.type, call_id: given.call_id, output: given.output };
  if (given.type === 'function_call') {
    return { ...base, type: given.type, call_id: given.call_id ?? newItemId, name: given.name, arguments: given.arguments };
  }
  const allowed = ALLOWED[given.role];
  const wrong = given.content.findIndex(({ type }) => !allowed.includes(type));
  if (wrong >= 0) {
    const message = `Invalid value: '${given.content[wrong]!.type}'. Supported values for the role '${given.role}' are: ${allowed.join(', ')}.`;
    return { code: 'invalid_value', param: `item.content[${wrong}].type`, message };
  }
  return { ...base, type: 'message', role: given.role, content: given.content };
}

export function noSuchItem(doing: 'delete' | 'retrieve', itemId: string): Problem {
  return { code: `item_${doing}_invalid_item_id`, param: 'item_id', message: `Item with item_id not found: '${itemId}'.` };
}
