import type { Conversation, Item } from './conversation.js';
import type { Send } from './wire.js';

export interface OpenItem {
  item: Item;
  /** The fields that every event about it carries. */
  place: { response_id: string; item_id: string; output_index: number };
}

/** What a response has brought forth so far; each item has a twin in the conversation, if it has one. */
export interface ResponseItems {
  readonly all: readonly Item[];
  open(item: Item): OpenItem;
  close(opened: OpenItem, status: 'completed' | 'incomplete'): void;
}

export function createResponseItems(responseId: string, conversation: Conversation | undefined, send: Send): ResponseItems {
  const all: Item[] = [];

  return {
    all,
    open(item) {
      const index = all.push(item) - 1;
      send('response.output_item.added', { response_id: responseId, output_index: index, item });
      const added = conversation?.add(item);
      if (added && 'previousItemId' in added) send('conversation.item.added', { previous_item_id: added.previousItemId, item });
      return { item, place: { response_id: responseId, item_id: item.id, output_index: index } };
    },
    close({ item, place }, status) {
      item.status = status;
      if (conversation) {
        const items = conversation.items();
        send('conversation.item.done', { previous_item_id: items[items.indexOf(item) - 1]?.id ?? null, item });
      }
      send('response.output_item.done', { response_id: responseId, output_index: place.output_index, item });
    },
  };
}
