import type { Problem } from './problem.js';

export interface ContentPart {
  type: string;
  text?: string | undefined;
  transcript?: string | null | undefined;
}

export interface Item {
  id: string;
  object: 'realtime.item';
  type: 'message' | 'function_call' | 'function_call_output';
  status: 'in_progress' | 'completed' | 'incomplete';
  role?: 'user' | 'assistant' | 'system';
  content?: ContentPart[];
  call_id?: string;
  name?: string;
  arguments?: string;
  output?: string;
}

export interface Conversation {
  readonly id: string;
  /** @param after `'root'` for the front; the end if not given. Answers which item it stands behind, or the problem. */
  add(item: Item, after?: string | null): { previousItemId: string | null } | { problem: Problem };
  get(itemId: string): Item | undefined;
  delete(itemId: string): boolean;
  /** Counts the audio of an assistant message that was generated. */
  noteAudio(itemId: string, audioMs: number): void;
  /** Forgets what was said after `audioEndMs`, transcript and all. */
  truncate(itemId: string, contentIndex: number, audioEndMs: number): { problem: Problem } | undefined;
  lastId(): string | null;
  items(): readonly Item[];
}

export function createConversation(id: string): Conversation {
  const items: Item[] = [];
  const audioMsOf = new Map<string, number>();
  const lastId = (): string | null => items.at(-1)?.id ?? null;

  return {
    id,
    lastId,
    items: () => items,
    get: (itemId) => items.find((item) => item.id === itemId),
    add(item, after) {
      if (items.some((known) => known.id === item.id)) {
        return {
          problem: { code: 'item_create_duplicate_id', param: 'item.id', message: `Item with id '${item.id}' already exists.` },
        };
      }
      let at = items.length;
      if (after === 'root') at = 0;
      else if (after !== undefined && after !== null) {
        at = items.findIndex((known) => known.id === after) + 1;
        if (at === 0) {
          const message = `Previous item with id '${after}' not found in conversation.`;
          return { problem: { code: 'item_create_invalid_previous_item_id', param: 'previous_item_id', message } };
        }
      }
      const previousItemId = items[at - 1]?.id ?? null;
      items.splice(at, 0, item);
      return { previousItemId };
    },
    delete(itemId) {
      const at = items.findIndex((item) => item.id === itemId);
      if (at >= 0) items.splice(at, 1);
      audioMsOf.delete(itemId);
      return at >= 0;
    },
    noteAudio: (itemId, audioMs) => void audioMsOf.set(itemId, audioMs),
    truncate(itemId, contentIndex, audioEndMs) {
      const item = items.find((known) => known.id === itemId);
      if (!item) {
        const message = `Item with item_id not found: '${itemId}'.`;
        return { problem: { code: 'item_truncate_invalid_item_id', param: 'item_id', message } };
      }
      const audioMs = audioMsOf.get(itemId);
      const part = item.content?.[contentIndex];
      if (audioMs === undefined || !part) {
        return { problem: { code: 'unsupported_content_type', message: 'Only model output audio messages can be truncated.' } };
      }
      if (audioEndMs > audioMs) {
        const message = `Audio content of ${Math.floor(audioMs)}ms is already shorter than ${audioEndMs}ms`;
        return { problem: { code: 'invalid_value', param: 'audio_end_ms', message } };
      }
      audioMsOf.set(itemId, audioEndMs);
      delete part.transcript;
      return undefined;
    },
  };
}
