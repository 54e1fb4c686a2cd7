import { connect } from 'node:net';
import { once } from 'node:events';
import { newCallId } from '@onhook/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FROM, KEY, startTestApi, testAgent, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
let before = '';
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.stop());
beforeEach(() => {
  before = test.snapshot();
});
// Whatever was refused has neither created nor changed nor woken anything.
afterEach(async () => {
  await test.api.idle();
  if (test.snapshot() !== before) throw new Error('bad input changed something');
});

const UNKNOWN = newCallId('a', '018bcfe5-6800-7000-8000-000000000000');

describe('a body that is no call', () => {
  it.each<[string, unknown, { pointer: string; code: string; suggestion?: string }]>([
    ['nothing', {}, { pointer: '/to', code: 'required' }],
    ['no object', [], { pointer: '', code: 'invalid-type' }],
    ['an unknown field', { to: TO, colour: 'red' }, { pointer: '/colour', code: 'unrecognized-key' }],
    ['a misspelt field', { to: TO, agentid: 'demo' }, { pointer: '/agentid', code: 'unrecognized-key', suggestion: 'agentId' }],
    [
      "another product's field",
      { to: TO, caller_id: FROM },
      { pointer: '/caller_id', code: 'unrecognized-key', suggestion: 'from' },
    ],
    [
      'a misspelt field further in',
      { to: TO, limits: { maxDuration: 60 } },
      { pointer: '/limits/maxDuration', code: 'unrecognized-key', suggestion: 'maxDurationSeconds' },
    ],
    ['a field with a slash', { to: TO, 'a/b~c': 1 }, { pointer: '/a~1b~0c', code: 'unrecognized-key' }],
    ['a number as number', { to: 14155552671 }, { pointer: '/to', code: 'invalid-type' }],
    ['a number without plus', { to: '4155552671' }, { pointer: '/to', code: 'not-e164' }],
    ['a number with spaces', { to: '+1 415 555 2671' }, { pointer: '/to', code: 'not-e164' }],
    ['a number that no phone has', { to: '+19112345678' }, { pointer: '/to', code: 'not-dialable' }],
    ['a number of no country', { to: '+999123456789' }, { pointer: '/to', code: 'not-dialable' }],
    ['an emergency number', { to: '911' }, { pointer: '/to', code: 'emergency-number' }],
    ['an emergency number in disguise', { to: '+1911' }, { pointer: '/to', code: 'emergency-number' }],
    ['a short code', { to: '741741' }, { pointer: '/to', code: 'short-number' }],
    ['a number with too few digits', { to: '+1415555' }, { pointer: '/to', code: 'short-number' }],
    ['a premium number', { to: '+19005551234' }, { pointer: '/to', code: 'number-type-refused' }],
    ["the carrier's test number", { to: '+15005550006' }, { pointer: '/to', code: 'number-type-refused' }],
    ['a caller id that is not ours', { to: TO, from: '+14155550199' }, { pointer: '/from', code: 'unknown-caller-id' }],
    ['a caller id that is no number', { to: TO, from: 'me' }, { pointer: '/from', code: 'unknown-caller-id' }],
    ['our own number', { to: FROM }, { pointer: '/to', code: 'calls-itself' }],
    ['our own number, from itself', { to: FROM, from: FROM }, { pointer: '/to', code: 'calls-itself' }],
    ['an unknown agent', { to: TO, agentId: 'dmo' }, { pointer: '/agentId', code: 'unknown-agent', suggestion: 'demo' }],
    [
      'too short a call',
      { to: TO, limits: { maxDurationSeconds: 5 } },
      { pointer: '/limits/maxDurationSeconds', code: 'too-small' },
    ],
    [
      'too long a ring',
      { to: TO, limits: { ringTimeoutSeconds: 601 } },
      { pointer: '/limits/ringTimeoutSeconds', code: 'too-big' },
    ],
    [
      'half a second',
      { to: TO, limits: { ringTimeoutSeconds: 5.5 } },
      { pointer: '/limits/ringTimeoutSeconds', code: 'invalid-type' },
    ],
    ['a variable with an object', { to: TO, variables: { a: {} } }, { pointer: '/variables/a', code: 'invalid-type' }],
    [
      'a moment without zone',
      { to: TO, schedule: { earliestAt: '2026-11-22T10:00:00' } },
      { pointer: '/schedule/earliestAt', code: 'invalid-format' },
    ],
    [
      'a latest moment that has passed',
      { to: TO, schedule: { latestAt: '2020-01-01T00:00:00Z' } },
      { pointer: '/schedule/latestAt', code: 'schedule-impossible' },
    ],
    [
      'a latest moment before the earliest',
      { to: TO, schedule: { earliestAt: '2099-01-02T00:00:00Z', latestAt: '2099-01-01T00:00:00Z' } },
      { pointer: '/schedule/latestAt', code: 'schedule-impossible' },
    ],
  ])('%s', async (_what, body, error) => {
    const answer = await test.send('POST', '/v1/calls', body);
    expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.body.errors?.[0]).toMatchObject(error);
  });

  it('every mistake is named at once', async () => {
    const answer = await test.send('POST', '/v1/calls', { to: '911', phone_number: TO, limits: { ringTimeoutSeconds: 1 } });
    expect(answer.body.errors?.map(({ pointer, code, suggestion }) => [pointer, code, suggestion]).sort()).toEqual([
      ['/limits/ringTimeoutSeconds', 'too-small', undefined],
      ['/phone_number', 'unrecognized-key', 'to'],
      ['/to', 'emergency-number', undefined],
    ]);
  });

  it('several agents: one must be chosen', async () => {
    const several = await startTestApi({ agents: new Map(['a', 'b'].map((id) => [id, testAgent(id)])) });
    const answer = await several.send('POST', '/v1/calls', { to: TO });
    await several.stop();
    expect(answer.body.errors?.[0]).toMatchObject({ pointer: '/agentId', code: 'agent-required' });
    expect(several.database.records.size).toBe(0);
  });
});

describe('a request that cannot be read', () => {
  const json = { 'content-type': 'application/json' };
  it.each<[string, string | undefined, Record<string, string>, number, string]>([
    ['malformed JSON', '{"to":', json, 400, 'malformed-json'],
    ['JSON that is no object', '"to"', json, 400, 'malformed-json'],
    ['a form', 'to=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['no content type', '{"to":"+14155552671"}', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415, 'unsupported-media-type'],
    ['a packed body', 'xxxx', { ...json, 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['an oversized body', JSON.stringify({ to: TO, metadata: { a: 'x'.repeat(70_000) } }), json, 413, 'payload-too-large'],
    ['a deep body', '['.repeat(30_000) + ']'.repeat(30_000), json, 422, 'validation-failed'],
    [
      'an Idempotency-Key that is too long',
      '{"to":"+14155552671"}',
      { ...json, 'idempotency-key': 'k'.repeat(256) },
      400,
      'invalid-idempotency-key',
    ],
    ['an empty Idempotency-Key', '{"to":"+14155552671"}', { ...json, 'idempotency-key': '' }, 400, 'invalid-idempotency-key'],
  ])('%s', async (_what, body, headers, status, code) => {
    const answer = await test.send('POST', '/v1/calls', body, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  });

  it.each([
    ['that is not HTTP', 'HELLO\r\n\r\n', 400, 'malformed-request'],
    [
      'whose headers are too large',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
  ])('something %s', async (_what, bytes, status, code) => {
    const socket = connect(Number(new URL(test.url).port), '127.0.0.1');
    socket.write(bytes);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, 'close');
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(text).toContain(`"code":"${code}"`);
  });
});

describe('a place that is not there', () => {
  it.each([
    ['GET', '/nothing', 404, 'not-found'],
    ['GET', '/v1/nothing', 404, 'not-found'],
    ['GET', `/v1/calls/${UNKNOWN}`, 404, 'not-found'],
    ['GET', `/v1/calls/${UNKNOWN}/timeline`, 404, 'not-found'],
    ['GET', `/v1/calls/${UNKNOWN}/recording`, 404, 'not-found'],
    ['POST', `/v1/calls/${UNKNOWN}/end`, 404, 'not-found'],
    ['GET', '/v1/calls/+14155552671', 404, 'not-found'],
    ['GET', '/v1/calls/..%2f..%2fetc%2fpasswd/recording', 404, 'not-found'],
    ['GET', '/v1/calls/%E0%A4%A', 400, 'malformed-request'],
    ['GET', '/queues', 404, 'not-found'],
    ['DELETE', '/v1/calls', 405, 'method-not-allowed'],
    ['PUT', `/v1/calls/${UNKNOWN}`, 405, 'method-not-allowed'],
    ['GET', `/v1/calls/${UNKNOWN}/end`, 405, 'method-not-allowed'],
    ['POST', '/healthz', 405, 'method-not-allowed'],
    ['GET', `/carrier/twilio/status/${UNKNOWN}/1`, 405, 'method-not-allowed'],
  ])('%s %s', async (method, path, status, code) => {
    const answer = await test.send(method, path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('allow') !== null).toBe(status === 405);
  });
});

describe('a page that cannot be', () => {
  it.each([
    ['limit=0', '/limit', 'too-small'],
    ['limit=201', '/limit', 'too-big'],
    ['limit=ten', '/limit', 'invalid-format'],
    ['limit=-1', '/limit', 'invalid-format'],
    ['limit=1&limit=2', '/limit', 'invalid-type'],
    ['cursor=', '/cursor', 'invalid-cursor'],
    ['cursor=garbage', '/cursor', 'invalid-cursor'],
    ['cursor=%00%ff', '/cursor', 'invalid-cursor'],
    [`cursor=${'A'.repeat(900)}`, '/cursor', 'invalid-cursor'],
    ['page=2', '/page', 'unrecognized-key'],
  ])('%s', async (query, pointer, code) => {
    const answer = await test.send('GET', `/v1/calls?${query}`);
    expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
    expect(answer.body.errors?.[0]).toMatchObject({ pointer, code });
  });
});

describe('last words that are none', () => {
  it.each([{ message: '' }, { message: 'x'.repeat(501) }, { message: 1 }, { words: 'bye' }])('%j', async (body) => {
    const answer = await test.send('POST', `/v1/calls/${UNKNOWN}/end`, body);
    expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
  });
});

describe('a key that is none', () => {
  const routes = [
    ['GET', '/v1/calls'],
    ['POST', '/v1/calls'],
    ['GET', `/v1/calls/${UNKNOWN}`],
    ['POST', `/v1/calls/${UNKNOWN}/end`],
    ['GET', `/v1/calls/${UNKNOWN}/recording`],
    ['GET', '/v1/nothing'],
  ] as const;
  it.each(routes)('%s %s without one', async (method, path) => {
    const body = method === 'POST' ? JSON.stringify({ to: TO }) : undefined;
    const response = await fetch(test.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body }),
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'missing-api-key']);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
  });

  it.each([
    `Bearer ${KEY}x`,
    `Bearer ${KEY.slice(0, -1)}`,
    'Bearer',
    'Bearer ',
    KEY,
    `Token ${KEY}`,
    `Basic ${Buffer.from(`x:${KEY}`).toString('base64')}`,
    `Bearer ${KEY.toUpperCase()}`,
    `Bearer ${KEY},${KEY}`,
  ])('POST /v1/calls with "%s"', async (authorization) => {
    const answer = await test.send('POST', '/v1/calls', { to: TO }, { authorization });
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid-api-key']);
  });
});
