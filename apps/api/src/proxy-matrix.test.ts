import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { createTwilioInbound } from '@onhook/carrier/twilio';
import type { CallId } from '@onhook/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialed, startTestApi, statusForm, type TestApi } from './testing/test-api.js';

const AUTH_TOKEN = 'an auth token of tests';
const ACCOUNT = `AC${'0'.repeat(32)}`;
const PUBLIC_URLS = [
  'https://calls.example.com',
  'https://calls.example.com/',
  'https://calls.example.com:8443',
  'https://calls.example.com/onhook',
  'https://calls.example.com/a/b/',
  'http://203.0.113.7:3000',
];
/** What proxies add, and what a stranger may claim. None of it says who signed, or for which address. */
const HEADERS: Record<string, string>[] = [
  {},
  { host: 'calls.example.com' },
  { host: 'internal:3000' },
  { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-port': '80' },
  { forwarded: 'host=evil.example;proto=https', 'x-original-url': '/v1/calls' },
];

const form = { ...statusForm('ringing'), AccountSid: ACCOUNT };
const fields = new URLSearchParams(form).toString();

function sign(url: string): string {
  const text = Object.entries(form)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flat()
    .join('');
  return createHmac('sha1', AUTH_TOKEN)
    .update(url + text)
    .digest('base64');
}

describe.each(PUBLIC_URLS)('behind a proxy whose address is %s', (publicUrl) => {
  let test: TestApi;
  let path: string;
  beforeAll(async () => {
    test = await startTestApi({ inbound: createTwilioInbound({ accountSid: ACCOUNT, authToken: AUTH_TOKEN, publicUrl }) });
    const { id } = (await test.create()).body;
    await dialed(test, id);
    path = `/carrier/twilio/status/${id as CallId}/1`;
  });
  afterAll(() => test.stop());

  /** By node:http, which lets a client lie about the host. */
  function callback(where: string, signature: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(test.url + where, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
      });
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end(fields);
    });
  }
  const address = publicUrl.replace(/\/$/, '');

  it.each(HEADERS)('a genuine callback is taken, whatever the headers say: %j', async (headers) => {
    expect(await callback(path, sign(address + path), headers)).toBe(204);
    expect(await callback(`${path}?a=1&a=2&b=%20`, sign(`${address}${path}?a=1&a=2&b=%20`), headers)).toBe(204);
  });

  it.each(HEADERS)('one that was signed for another address is not: %j', async (headers) => {
    const { host, protocol, port, pathname } = new URL(publicUrl);
    const others = [
      `${protocol === 'https:' ? 'http:' : 'https:'}//${host}${pathname.replace(/\/$/, '')}${path}`,
      `${protocol}//evil.example${path}`,
      `http://evil.example${path}`,
      `${address}/elsewhere${path}`,
      `${address}${path}?b=1`,
      `${address}${path}x`,
      ...(port === '' ? [] : [`${protocol}//${new URL(publicUrl).hostname}:1${pathname.replace(/\/$/, '')}${path}`]),
    ];
    for (const other of others) expect([other, await callback(path, sign(other), headers)]).toEqual([other, 403]);
    expect(await callback(path, '', headers)).toBe(403);
  });
});
