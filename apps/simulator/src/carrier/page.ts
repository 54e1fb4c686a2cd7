/** A query string, repeated keys and all. */
export type Query = URLSearchParams;

export interface PageOf<Item> {
  items: Item[];
  envelope: Record<string, unknown>;
}

/**
 * One page of a list and Twilio's envelope. The token names the last item of the page before, so that what is created
 * meanwhile shifts nothing; a token whose item is gone ends the list rather than starting it again.
 */
export function pageItems<Item>(all: readonly Item[], query: Query, path: string, keyOf: (item: Item) => string): PageOf<Item> {
  const size = wholeOf(query.get('PageSize'), 1, 1_000) ?? 50;
  const number = wholeOf(query.get('Page'), 0, 1_000_000) ?? 0;
  const after = query.get('PageToken')?.replace(/^PA/, '');
  const found = after ? startAfter(all, after, keyOf) : Math.min(number * size, all.length);
  const items = all.slice(found, found + size);
  const uriOf = (page: number, token?: string): string => {
    const link = new URLSearchParams(query);
    link.delete('PageToken');
    link.set('PageSize', String(size));
    link.set('Page', String(page));
    if (token) link.set('PageToken', token);
    return `${path}?${link.toString()}`;
  };
  const last = items.at(-1);
  const hasNext = last !== undefined && found + size < all.length;
  const before = all[found - size - 1];
  return {
    items,
    envelope: {
      page: number,
      page_size: size,
      start: found,
      end: Math.max(found, found + items.length - 1),
      uri: uriOf(number, query.get('PageToken') ?? undefined),
      first_page_uri: uriOf(0),
      next_page_uri: hasNext ? uriOf(number + 1, `PA${keyOf(last)}`) : null,
      previous_page_uri: number > 0 ? uriOf(number - 1, before && `PA${keyOf(before)}`) : null,
    },
  };
}

function startAfter<Item>(all: readonly Item[], key: string, keyOf: (item: Item) => string): number {
  const at = all.findIndex((item) => keyOf(item) === key);
  return at < 0 ? all.length : at + 1;
}

/** `undefined`: not given, or no number. What is out of bounds is brought within them. */
function wholeOf(given: string | null, min: number, max: number): number | undefined {
  const value = Number(given ?? Number.NaN);
  return given === '' || Number.isNaN(value) ? undefined : Math.min(max, Math.max(min, Math.floor(value)));
}
