import { covers, expressPath, ROUTES, SCOPE_NAMES, type Route, type Scope } from '@onhook/contracts';
import { Router } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api.js';

let test: TestApi;
const keys = new Map<Scope, string>();
beforeAll(async () => {
  const page = Router().get('/', (_request, response) => void response.type('html').send('<p>the queues</p>'));
  test = await startTestApi({ queuesPage: page });
  for (const scope of SCOPE_NAMES) {
    const made = await test.send<{ key: string }>('POST', '/v1/api-keys', { name: scope, scopes: [scope] });
    expect(made.status).toBe(201);
    keys.set(scope, made.body.key);
  }
});
afterAll(() => test.stop());

const behindKeys = ROUTES.filter(({ scope }) => scope !== null);
/** Some path of the route: whether there is such a thing does not matter, nobody gets so far without the scope. */
const pathOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, 'x');

function ask({ method, path }: { method: string; path: string }, key: string | null): Promise<{ status: number; code: string }> {
  const headers: Record<string, string> = { authorization: key === null ? '' : `Bearer ${key}` };
  return test.send(method, path, undefined, headers).then(({ status, body }) => ({ status, code: body.code }));
}

describe('scopes', () => {
  it('there are routes for each, and each of them asks for exactly one', () => {
    expect(behindKeys.length).toBeGreaterThan(20);
    for (const { scope, path } of behindKeys) expect([path, SCOPE_NAMES.includes(scope!)]).toEqual([path, true]);
    for (const { scope, path } of ROUTES) expect([path, scope === null]).toEqual([path, !path.startsWith('/v1/')]);
  });

  it.each(behindKeys.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s opens to its own scope and to admin, and to no other',
    async (_name, route) => {
      const path = pathOf(route);
      for (const [scope, key] of keys) {
        // An endless answer (live events) is none of this test's business.
        if (covers([scope], route.scope!)) continue;
        expect([scope, await ask({ method: route.method, path }, key)]).toEqual([
          scope,
          { status: 403, code: 'insufficient-scope' },
        ]);
      }
      expect((await ask({ method: route.method, path }, null)).status).toBe(401);
      expect(expressPath(route.path)).not.toContain('{');
    },
  );

  it.each(
    behindKeys.filter(({ id }) => !/stream|event/i.test(id)).map((route) => [`${route.method} ${route.path}`, route] as const),
  )('%s lets its own scope in', async (_name, route) => {
    // A path that is nothing, and a query or body that is wrong: enough to see that the key was not what was refused.
    const path = `${pathOf(route)}?nonsense=1`;
    for (const scope of [route.scope!, 'admin'] as const) {
      const { status } = await ask({ method: route.method, path }, keys.get(scope)!);
      expect([scope, status === 401 || status === 403]).toEqual([scope, false]);
    }
  });

  it('of the queues: a key that may look at them, as bearer or as password', async () => {
    for (const [scope, key] of keys) {
      const may = covers([scope], 'queues:read');
      const basic = `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}`;
      for (const authorization of [`Bearer ${key}`, basic]) {
        const { status } = await test.send('GET', '/queues', undefined, { authorization });
        expect([scope, status]).toEqual([scope, may ? 200 : 403]);
      }
    }
  });
});
