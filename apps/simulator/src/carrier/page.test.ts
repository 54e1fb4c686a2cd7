import { describe, expect, it } from 'vitest';
import { pageItems } from './page.js';

const letters = ['a', 'b', 'c', 'd', 'e'];
const page = (query: string, all: readonly string[] = letters) =>
  pageItems(all, new URLSearchParams(query), '/Letters.json', (letter) => letter);
const follow = (uri: unknown): string => String(uri).split('?')[1] ?? '';

describe('a page', () => {
  it('leads to the next and back by the links of its envelope', () => {
    const seen: string[][] = [];
    let query = 'PageSize=2';
    for (let i = 0; i < 3; i++) {
      const { items, envelope } = page(query);
      seen.push(items);
      query = follow(envelope['next_page_uri']);
    }
    expect(seen).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    const second = page('PageSize=2&Page=1&PageToken=PAb').envelope;
    expect(second).toMatchObject({ page: 1, page_size: 2, start: 2, end: 3, first_page_uri: '/Letters.json?PageSize=2&Page=0' });
    expect(page(follow(second['previous_page_uri'])).items).toEqual(['a', 'b']);
  });

  it('ends when the item of its token is gone, rather than beginning again', () => {
    const { items, envelope } = page('PageSize=2&Page=1&PageToken=PAgone');
    expect([items, envelope['next_page_uri']]).toEqual([[], null]);
  });

  it.each([
    ['PageSize=0', 1],
    ['PageSize=-5', 1],
    ['PageSize=1.9', 1],
    ['PageSize=5000', 5],
    ['PageSize=many', 5],
    ['PageSize=', 5],
    ['Page=-1', 5],
    ['Page=99', 0],
    ['Page=NaN&PageSize=Infinity', 5],
  ])('takes %s for what it can be', (query, count) => {
    expect(page(query).items).toHaveLength(count);
  });
});
