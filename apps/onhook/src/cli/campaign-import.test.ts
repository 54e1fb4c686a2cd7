import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi, type Schemas } from './api.js';
import { progressLine } from './campaign-import.js';
import { campaignOf, ID } from './testing/campaigns.js';
import { problem, startSmallApi, type SmallApi } from './testing/small-api.js';

let api: SmallApi;
const dir = mkdtempSync(path.join(tmpdir(), 'onhook-import-'));
const csv = 'to,name\n+14155552671,Ada\n+14155552672,Grace\n';
const file = path.join(dir, 'march reminders.csv');
writeFileSync(file, csv);

beforeEach(async () => {
  api = await startSmallApi();
  api.answer('POST /v1/campaigns', { status: 201, body: campaignOf({ status: 'draft' }) });
  api.answer(`POST /v1/campaigns/${ID}/start`, { body: campaignOf() });
  api.answer(`DELETE /v1/campaigns/${ID}`, { status: 204 });
});
afterEach(() => api.close());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const contacts = `POST /v1/campaigns/${ID}/contacts`;
const reportOf = (given: Partial<Schemas['ImportReport']> = {}): Schemas['ImportReport'] => ({
  importId: 'imp_0123456789abcdef0123456789abcdef',
  dryRun: false,
  accepted: 2,
  duplicates: 0,
  failed: 0,
  timeZoneUnknown: 0,
  windowNeverOpens: 0,
  memoryBytes: 300_000,
  stopped: null,
  failures: [],
  failuresUrl: null,
  ...given,
});
const requests = (): string[] => api.asked.map(({ method, path: where }) => `${method} ${where}`);

describe('onhook campaign import', () => {
  it('makes a campaign, streams the file into it, and starts it when told to', async () => {
    let isChunked = false;
    api.answer(contacts, ({ headers }) => {
      isChunked = headers['transfer-encoding'] === 'chunked' && headers['content-length'] === undefined;
      return { body: reportOf() };
    });
    const ran = await api.onhook(['campaign', 'import', file, '--agent', 'reminder', '--cps', '2', '--start']);
    expect(ran).toEqual({
      code: 0,
      stdout: `${ID}  2 accepted, 0 were there, 0 rows cannot be used; 0.3 MB of Redis.\n`,
      stderr: `Started. See: onhook campaign status ${ID} --watch\n`,
    });
    expect(requests()).toEqual(['POST /v1/campaigns', contacts, `POST /v1/campaigns/${ID}/start`]);
    expect(JSON.parse(api.asked[0]!.body)).toEqual({ name: 'march reminders', agentId: 'reminder', callsPerSecond: 2 });
    expect(api.asked[1]).toMatchObject({ type: 'text/csv', body: csv });
    expect(isChunked).toBe(true);
  });

  it('adds to a campaign that is there, and takes no settings then', async () => {
    api.answer(contacts, { body: reportOf({ accepted: 0, duplicates: 2 }) });
    const ran = await api.onhook([
      'campaign',
      'import',
      file,
      '--campaign',
      ID,
      '--columns',
      'Nummer:to',
      '--country',
      'DE',
      '--json',
    ]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ campaignId: ID, started: false, duplicates: 2 });
    expect(requests()).toEqual([`${contacts}?columns=Nummer%3Ato&defaultCountry=DE`]);
    expect((await api.onhook(['campaign', 'import', file, '--campaign', ID, '--agent', 'x'])).code).toBe(2);
    expect((await api.onhook(['campaign', 'import', file, '--dry-run', '--start'])).code).toBe(2);
  });

  it('with --dry-run judges every row and leaves nothing behind', async () => {
    api.answer(contacts, { body: reportOf({ dryRun: true }) });
    const ran = await api.onhook(['campaign', 'import', file, '--dry-run']);
    expect(ran).toEqual({
      code: 0,
      stdout: '2 would be accepted, 0 were there, 0 rows cannot be used; 0.3 MB of Redis.\n',
      stderr: '',
    });
    expect(requests()).toEqual(['POST /v1/campaigns', `${contacts}?dryRun=true`, `DELETE /v1/campaigns/${ID}`]);
  });

  it('shows the first twenty bad rows, says how to get the rest, and ends with 1', async () => {
    const failures = Array.from({ length: 30 }, (_, at) => ({
      line: at + 2,
      column: 'to',
      value: at === 0 ? '\u001b[2J1.4155E+10' : 'x'.repeat(100),
      code: 'damaged-number',
      message: 'A spreadsheet has rounded it',
    }));
    api.answer(contacts, { body: reportOf({ failed: 30, failures, failuresUrl: '/v1/x' }) });
    const ran = await api.onhook(['campaign', 'import', file, '--start']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/line +column +value +why\n/);
    expect(ran.stderr).toMatch(/^2 +to +\[2J1\.4155E\+10 +A spreadsheet has rounded it \(damaged-number\)$/m);
    expect(ran.stderr).not.toContain('\u001b');
    expect(ran.stderr.match(/damaged-number/g)).toHaveLength(20);
    expect(ran.stderr).toContain(`… and 10 more: onhook campaign failures ${ID} imp_0123456789abcdef0123456789abcdef`);
    // The rows that are good are in, and were told to start.
    expect(requests()).toContain(`POST /v1/campaigns/${ID}/start`);
  });

  it('does not start a campaign of half a file, or of nobody', async () => {
    const stopped = { code: 'unreadable-file', message: 'A quote is never closed', line: 7 };
    api.answer(contacts, { body: reportOf({ stopped }) }, { body: reportOf({ accepted: 0 }) });
    const half = await api.onhook(['campaign', 'import', file, '--start']);
    expect(half.code).toBe(1);
    expect(half.stderr).toContain('The file was not read beyond line 7: A quote is never closed (unreadable-file)');
    expect((await api.onhook(['campaign', 'import', file, '--start'])).code).toBe(1);
    expect(requests()).not.toContain(`POST /v1/campaigns/${ID}/start`);
  });

  it('draws how far it is on a terminal', async () => {
    api.answer(contacts, { body: reportOf() });
    const ran = await api.onhook(['campaign', 'import', file], { terminal: true });
    expect(ran.stderr).toContain('█ 100 %  0.0 MB of 0.0 MB');
    expect(ran.stderr).toContain('\u001b[1A\r\u001b[J');
    const now = progressLine(50_000_000, 100_000_000, 10_000);
    expect(now).toBe(`${'█'.repeat(15)}${'░'.repeat(15)} 50 %  50.0 MB of 100.0 MB, 5.0 MB/s, 10 s left`);
    expect(progressLine(50_000_000, null, 10_000)).toBe('50.0 MB sent, 5.0 MB/s');
  });

  it('says so when the file is not there, and makes no campaign', async () => {
    const ran = await api.onhook(['campaign', 'import', path.join(dir, 'none.csv')]);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/none\.csv cannot be read \(ENOENT\)/) as unknown });
    expect(await api.onhook(['campaign', 'import', dir])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('EISDIR') as unknown,
    });
    expect(api.asked).toEqual([]);
  });

  it('after a refusal says how to go on, and keeps nothing of a dry run', async () => {
    api.answer(contacts, { status: 503, body: problem('datastore-unavailable') });
    const ran = await api.onhook(['campaign', 'import', file]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`--campaign ${ID}`);
    await api.onhook(['campaign', 'import', file, '--dry-run']);
    expect(requests().at(-1)).toBe(`DELETE /v1/campaigns/${ID}`);
  });
});

describe('a body that is a stream', () => {
  it('is read no faster than it is taken, and an answer that comes before its end is heard', async () => {
    const server = createServer((request, response) => {
      request.once('data', () => {
        request.pause();
        response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' });
        response.end('{"stopped":true}');
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let taken = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (; taken < 64; taken++) yield await Promise.resolve(new Uint8Array(1_024 * 1_024));
    }
    try {
      const small = createApi({ url, apiKey: 'ok_test' }, { fetch, sleep: () => Promise.resolve() });
      expect(await small.send('POST', '/', 'text/csv', ReadableStream.from(chunks()))).toEqual({ stopped: true });
      expect(taken).toBeLessThan(32);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
