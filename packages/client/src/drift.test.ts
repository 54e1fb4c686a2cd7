import { readFileSync } from 'node:fs';
import { causesPage, openapi, ROUTES } from '@onhook/contracts';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

const file = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const document = openapi();

it('openapi.json is what the catalogue says (npm run openapi writes it anew)', () => {
  expect(JSON.parse(file('../../../openapi.json'))).toEqual(JSON.parse(JSON.stringify(document)));
});

it("the client's types are those of openapi.json", async () => {
  const types = astToString(await openapiTS(structuredClone(document) as never, { defaultNonNullable: false }));
  expect(
    file('./schema.ts') === `// Written by \`npm run openapi\` from openapi.json. Not to be edited.\n\n${types}`,
    'npm run openapi',
  ).toBe(true);
});

it('docs/causes.md explains every cause', () => {
  expect(file('../../../docs/causes.md')).toBe(causesPage());
});

it('every route has an id of its own, says what it answers, and names every parameter of its path', () => {
  expect(new Set(ROUTES.map(({ id }) => id)).size).toBe(ROUTES.length);
  expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  for (const { path, params, summary, answer } of ROUTES) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = params && 'shape' in params ? Object.keys(params.shape as object) : [];
    expect([path, declared]).toEqual([path, named]);
    expect(summary).toMatch(/[.!]$/);
    expect(answer.description).not.toBe('');
  }
});
