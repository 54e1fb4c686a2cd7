import type { GatewayId } from '@onhook/contracts';
import { Router } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIELD_ERRORS, PROBLEMS } from '@onhook/contracts';
import { createHttpServer } from './server.js';
import { KEY, OTHER_KEY, startTestApi, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeAll(async () => {
  const page = Router().get('/', (_request, response) => void response.type('html').send('<p>the queues</p>'));
  test = await startTestApi({ queuesPage: page });
});
afterAll(() => test.stop());

const basic = (password: string): string => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`;

describe('every answer', () => {
  it.each(['/healthz', '/docs', '/nothing', '/v1/calls', '/queues'])(
    'of %s has an id of its own and tells nothing of what we run on',
    async (path) => {
      const [a, b] = await Promise.all([test.send('GET', path), test.send('GET', path)]);
      expect(a?.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
      expect(a?.headers.get('x-request-id')).not.toBe(b?.headers.get('x-request-id'));
      expect(a?.headers.get('x-powered-by')).toBeNull();
      expect(a?.headers.get('x-content-type-options')).toBe('nosniff');
      expect(a?.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    },
  );
});

describe('keys', () => {
  it('each of several opens', async () => {
    for (const key of [KEY, OTHER_KEY])
      expect((await test.send('GET', '/v1/calls', undefined, { authorization: `bearer ${key}` })).status).toBe(200);
  });

  it('the queues open to a browser, with a key as the password', async () => {
    const closed = await fetch(`${test.url}/queues`);
    expect([closed.status, closed.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="onhook", charset="UTF-8"']);
    expect(await closed.text()).not.toContain('the queues</p>');
    for (const wrong of [basic('wrong'), basic(''), 'Basic !!!', `Basic ${Buffer.from(KEY).toString('base64')}`]) {
      expect([wrong, (await test.send('GET', '/queues', undefined, { authorization: wrong })).status]).toEqual([wrong, 401]);
    }
    for (const right of [basic(KEY), basic(OTHER_KEY), `Bearer ${KEY}`]) {
      expect((await test.send('GET', '/queues', undefined, { authorization: right })).text).toContain('the queues');
    }
  });
});

describe('health', () => {
  it('/healthz says that the process runs', async () => {
    expect((await test.send('GET', '/healthz', undefined, { authorization: '' })).body).toEqual({ status: 'ok' });
  });

  it('/readyz says who is missing, and is ready when nobody is', async () => {
    const lonely = await test.send('GET', '/readyz');
    expect([lonely.status, lonely.body]).toEqual([
      200,
      { status: 'degraded', missing: ['dialer', 'hangup', 'gateway'], dialers: 0, hangupWorkers: 0, gateways: 0, freeSeats: 0 },
    ]);
    await test.store.beats.beat('dialer', 'd1', 60_000);
    await test.store.beats.beat('hangup', 'h1', 60_000);
    const entry = { mediaUrl: 'wss://x', live: 3, seats: 10 };
    await test.store.directory.beat({ gatewayId: 'gw_1' as GatewayId, ...entry, draining: false }, 60_000);
    await test.store.directory.beat({ gatewayId: 'gw_2' as GatewayId, ...entry, draining: true }, 60_000);
    expect((await test.send('GET', '/readyz')).body).toEqual({
      status: 'ready',
      missing: [],
      dialers: 1,
      hangupWorkers: 1,
      gateways: 1,
      freeSeats: 7,
    });
  });
});

describe('/docs', () => {
  it('explains every code, without scripts and without the network', async () => {
    const { status, text, headers } = await test.send('GET', '/docs', undefined, { authorization: '' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const code of Object.keys(PROBLEMS)) expect(text).toContain(`id="problem-${code}"`);
    for (const code of Object.keys(FIELD_ERRORS)) expect(text).toContain(`id="field-${code}"`);
    expect(text).not.toMatch(/<script|<link|<img|url\(|src=/);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it('is where / leads', async () => {
    const root = await test.send('GET', '/');
    expect([root.status, root.headers.get('location')]).toEqual([302, '/docs']);
  });
});

describe('a fault of ours', () => {
  it('shows its id and nothing else', async () => {
    const broken = await startTestApi({
      newCallId: () => {
        throw new Error('canary +14155550177');
      },
    });
    const answer = await broken.create();
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.text)).toEqual({
      type: '/docs#problem-internal-error',
      title: 'A fault of ours',
      status: 500,
      code: 'internal-error',
      requestId: answer.headers.get('x-request-id'),
    });
    await broken.stop();
  });
});

describe('the HTTP server', () => {
  it('has no patience with slow, greedy or endless clients', () => {
    const { headersTimeout, requestTimeout, maxHeadersCount } = createHttpServer(test.api.app);
    expect({ headersTimeout, requestTimeout, maxHeadersCount }).toEqual({
      headersTimeout: 10_000,
      // Of files alone: everything else has 15 s (request-patience.test.ts).
      requestTimeout: 3_600_000,
      maxHeadersCount: 100,
    });
  });

  it('keeps an idle connection for longer than any client pauses, so that none is reused in the moment of its closing', () => {
    expect(createHttpServer(test.api.app).keepAliveTimeout).toBe(65_000);
  });
});
