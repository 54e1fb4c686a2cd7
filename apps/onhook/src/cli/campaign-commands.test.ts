import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { campaignOf, ID, ledgerOf } from './testing/campaigns.js';
import { problem, startSmallApi, type SmallApi } from './testing/small-api.js';

let api: SmallApi;
const dir = mkdtempSync(path.join(tmpdir(), 'onhook-campaigns-'));
beforeEach(async () => {
  api = await startSmallApi();
});
afterEach(async () => {
  await api.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('onhook campaign create', () => {
  it('says what was typed as the api wants it', async () => {
    api.answer('POST /v1/campaigns', { status: 201, body: campaignOf({ status: 'draft' }) });
    const settings =
      '--agent reminder --cps 1.5 --concurrency 20 --time-zone Europe/Berlin --from +15005550006,+15005550007 --budget-minutes 60';
    const windows = ['--window', 'mon-wed 09:00-17:00', '--window', 'sat 10:00-12:00'];
    const ran = await api.onhook(['campaign', 'create', '--name', 'March reminders', ...settings.split(' '), ...windows]);
    expect(ran).toMatchObject({ code: 0, stdout: `${ID}  March reminders  draft  10 contacts, 8 left\n` });
    expect(JSON.parse(api.asked[0]!.body)).toEqual({
      name: 'March reminders',
      agentId: 'reminder',
      from: ['+15005550006', '+15005550007'],
      callsPerSecond: 1.5,
      maxConcurrency: 20,
      budget: { minutes: 60 },
      schedule: {
        fallbackTimeZone: 'Europe/Berlin',
        windows: [
          { days: ['mon', 'tue', 'wed'], start: '09:00', end: '17:00' },
          { days: ['sat'], start: '10:00', end: '12:00' },
        ],
      },
    });
  });

  it('takes everything else of a file, and what is typed wins', async () => {
    api.answer('POST /v1/campaigns', { status: 201, body: campaignOf() });
    const file = temporary(
      'settings.json',
      JSON.stringify({ agentId: 'other', retry: { maxAttempts: 2 }, schedule: { endAt: 'x' } }),
    );
    await api.onhook(['campaign', 'create', '--name', 'n', '--settings', file, '--agent', 'reminder', '--window', '09:00-17:00']);
    expect(JSON.parse(api.asked[0]!.body)).toMatchObject({
      agentId: 'reminder',
      retry: { maxAttempts: 2 },
      schedule: { endAt: 'x', windows: [{ days: expect.objectContaining({ length: 7 }) as unknown, start: '09:00' }] },
    });
    expect(await api.onhook(['campaign', 'create', '--name', 'n', '--settings', temporary('bad.json', '[1]')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not hold a JSON object') as unknown,
    });
  });

  it('asked for wrongly ends with 2 and asks nobody', async () => {
    for (const wrong of [
      ['--window', 'fri-mon 09:00-17:00'],
      ['--window', '9-17'],
      ['--cps', 'fast'],
      ['--colour', 'red'],
    ]) {
      expect(await api.onhook(['campaign', 'create', '--name', 'n', ...wrong])).toMatchObject({ code: 2, stdout: '' });
    }
    expect((await api.onhook(['campaign', 'create'])).code).toBe(2);
    expect((await api.onhook(['campaign'])).code).toBe(2);
    expect(api.asked).toEqual([]);
  });
});

describe('onhook campaign', () => {
  it('lists campaigns, and says how to see more', async () => {
    api.answer('GET /v1/campaigns', { body: { data: [campaignOf()], nextCursor: 'c1' } });
    const ran = await api.onhook(['campaign', 'list', '--limit', '1']);
    expect(ran.stdout).toMatch(/campaign +name +agent +created \(UTC\) +contacts +left +status\n/);
    expect(ran.stdout).toMatch(new RegExp(`${ID} +March reminders +reminder +2026-03-02 11:00 +10 +8 +running`));
    expect(ran.stderr).toBe('More: onhook campaign list --cursor c1\n');
    expect(api.asked[0]!.path).toBe('/v1/campaigns?limit=1');
  });

  it('shows one with its settings and its ledger', async () => {
    api.answer(`GET /v1/campaigns/${ID}`, { body: campaignOf({ status: 'paused', pausedBy: 'errors' }) });
    const { stdout } = await api.onhook(['campaign', 'show', ID]);
    expect(stdout).toMatch(/status +paused by errors/);
    expect(stdout).toMatch(/window +mon tue {2}09:00–17:00/);
    expect(stdout).toMatch(/pending +6[\s\S]*contacts +10\n✓ balanced/);
  });

  it.each(['start', 'pause', 'resume', 'cancel', 'retry-failed'])('gives the order %s', async (verb) => {
    api.answer(`POST /v1/campaigns/${ID}/${verb}`, { body: campaignOf() });
    expect(await api.onhook(['campaign', verb, ID])).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse((await api.onhook(['campaign', verb, ID, '--json'])).stdout)).toMatchObject({ id: ID });
  });

  it('says in the words of the api why an order is refused, and ends with 1', async () => {
    const conflict = problem('campaign-state-conflict', 'it is canceled');
    api.answer(`POST /v1/campaigns/${ID}/start`, { status: 409, type: 'application/problem+json', body: conflict });
    expect(await api.onhook(['campaign', 'start', ID])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'campaign-state-conflict: it is canceled (campaign-state-conflict)\n',
    });
  });

  it('duplicates', async () => {
    api.answer(`POST /v1/campaigns/${ID}/duplicate`, { status: 201, body: campaignOf({ name: 'April' }) });
    expect((await api.onhook(['campaign', 'duplicate', ID, '--name', 'April'])).stdout).toContain('April');
    expect(api.asked[0]!.body).toBe('{"name":"April"}');
  });

  it('ends with 1 of a ledger that does not balance', async () => {
    const skipped = { 'do-not-call': 2 };
    api.answer(`GET /v1/campaigns/${ID}/ledger`, { body: ledgerOf({ skipped }) }, { body: ledgerOf({ balanced: false }) });
    const right = await api.onhook(['campaign', 'ledger', ID]);
    expect(right.code).toBe(0);
    expect(right.stdout).toMatch(/skipped +2\n +do-not-call +2\n/);
    expect((await api.onhook(['campaign', 'ledger', ID])).code).toBe(1);
  });

  it('writes the template, and its columns as JSON', async () => {
    api.answer(`GET /v1/campaigns/${ID}/template`, { type: 'text/csv', body: 'to,name,slot\n+14155552671,"Lovelace, Ada",\n' });
    expect((await api.onhook(['campaign', 'template', ID])).stdout).toBe('to,name,slot\n+14155552671,"Lovelace, Ada",\n');
    expect(JSON.parse((await api.onhook(['campaign', 'template', ID, '--json'])).stdout)).toEqual({
      columns: ['to', 'name', 'slot'],
      example: ['+14155552671', 'Lovelace, Ada', ''],
    });
  });
});

describe('onhook campaign export', () => {
  it('writes all contacts as they come: CSV, or one JSON object a line', async () => {
    api.answer(`GET /v1/campaigns/${ID}/contacts`, { type: 'text/csv', body: 'to,status\n+14155552671,done\n' });
    expect(await api.onhook(['campaign', 'export', ID])).toEqual({
      code: 0,
      stdout: 'to,status\n+14155552671,done\n',
      stderr: '',
    });
    await api.onhook(['campaign', 'export', ID, '--json']);
    expect(api.asked.map(({ accept }) => accept)).toEqual(['text/csv', 'application/x-ndjson']);
  });

  it('into a file, which a refusal leaves as it was', async () => {
    api.answer(
      `GET /v1/campaigns/${ID}/contacts`,
      { type: 'text/csv', body: 'to,status\n' },
      { status: 401, body: problem('invalid-api-key') },
    );
    const file = temporary('results.csv', 'before');
    expect(await api.onhook(['campaign', 'export', ID, '--output', file])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toBe('to,status\n');
    expect((await api.onhook(['campaign', 'export', ID, '--output', file])).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('to,status\n');
    expect(await api.onhook(['campaign', 'export', ID, '--output', path.join(dir, 'no/such/folder.csv')])).toMatchObject({
      code: 1,
    });
  });
});

describe('the help', () => {
  it('of every campaign command has two examples', async () => {
    const { stdout } = await api.onhook(['campaign', '--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name!).filter((name) => name !== 'help');
    expect(commands).toEqual(
      expect.arrayContaining(['create', 'list', 'show', 'start', 'import', 'status', 'export', 'template', 'ledger', 'failures']),
    );
    for (const command of commands) {
      const help = await api.onhook(['campaign', command, '--help']);
      expect(help.code).toBe(0);
      expect(help.stdout.split('Examples:\n')[1]?.split('\n').length, command).toBeGreaterThanOrEqual(2);
      expect(help.stdout, command).toContain('--json');
    }
  });
});

function temporary(name: string, text: string): string {
  const file = path.join(dir, name);
  writeFileSync(file, text);
  return file;
}
