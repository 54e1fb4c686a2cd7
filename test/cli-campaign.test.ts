import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from './house.js';

const bin = path.resolve(import.meta.dirname, '../apps/onhook/bin/onhook.mjs');
const dir = mkdtempSync(path.join(tmpdir(), 'onhook-cli-campaign-'));
let house: TestHouse;

beforeAll(async () => {
  house = await openTestHouse();
  await house.setScenario({ to: '+14155557002', persona: 'busy' });
});
afterAll(async () => {
  await house.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As somebody types it, in a folder where no Onhook runs. */
function onhook(...args: string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'], ONHOOK_URL: house.apiUrl, ONHOOK_API_KEY: house.apiKey };
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, 'campaign', ...args], { cwd: dir, env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}

describe('onhook campaign', () => {
  it('imports a file, calls everybody in it, and says what became of each', { timeout: 120_000 }, async () => {
    const rows = [
      'to,name,external_id,timezone,slot',
      '+14155557001,Ada,c-1,America/Los_Angeles,3 pm',
      '+14155557002,Grace,c-2,,4 pm',
      '+14155557003,Edith,c-3,America/Los_Angeles,5 pm',
      '1.4155E+10,Damaged,c-4,,6 pm',
    ];
    const file = path.join(dir, 'reminders.csv');
    writeFileSync(file, `${rows.join('\n')}\n`);
    const settings = ['--agent', 'named', '--window', '00:00-24:00', '--cps', '5', '--concurrency', '2'];

    const judged = await onhook('import', file, ...settings, '--dry-run', '--json');
    expect(judged.code).toBe(1);
    expect(JSON.parse(judged.stdout)).toMatchObject({ campaignId: null, dryRun: true, accepted: 3, failed: 1 });
    expect((await onhook('list')).stderr).toBe('No campaigns.\n');

    const imported = await onhook('import', file, ...settings);
    expect(imported.code).toBe(1);
    expect(imported.stderr).toMatch(/^5 +to +1\.4155E\+10 +.*\(\S+\)$/m);
    const [id = ''] = /camp_\w+/.exec(imported.stdout) ?? [];
    expect(imported.stdout).toContain(`${id}  3 accepted, 0 were there, 1 rows cannot be used`);
    const again = await onhook('import', file, '--campaign', id, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 0, duplicates: 3, failed: 1 });
    const { importId } = JSON.parse(again.stdout) as { importId: string };
    expect((await onhook('failures', id, importId)).stdout).toContain('1.4155E+10');
    expect((await onhook('template', id)).stdout).toMatch(/^to,name,external_id,timezone/);
    expect((await onhook('show', id)).stdout).toMatch(/status +draft[\s\S]*pending +3/);

    expect(await onhook('start', id)).toMatchObject({ code: 0, stdout: expect.stringContaining('running') as unknown });
    const watched = await onhook('status', id, '--watch');
    expect(watched).toMatchObject({ code: 0, stderr: '' });
    expect(watched.stdout).toMatch(/^\d\d:\d\d:\d\d {2}running {2}\d of 3 \(\d+ %\)/m);
    expect(watched.stdout).toMatch(/agent-ended-call +2 +66 %\nbusy +1 +33 %/);

    const ledger = await onhook('ledger', id, '--json');
    expect(JSON.parse(ledger.stdout)).toMatchObject({ contacts: 3, done: 3, balanced: true });
    const results = path.join(dir, 'results.csv');
    expect((await onhook('export', id, '--output', results)).code).toBe(0);
    const lines = readFileSync(results, 'utf8').trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^to,name,external_id,.*,slot$/);
    expect(lines.slice(1).toSorted()).toEqual([
      expect.stringMatching(/^\+14155557001,Ada,c-1,.*,done,agent-ended-call,.*,3 pm$/),
      expect.stringMatching(/^\+14155557002,Grace,c-2,.*,done,busy,.*,4 pm$/),
      expect.stringMatching(/^\+14155557003,Edith,c-3,.*,done,agent-ended-call,.*,5 pm$/),
    ]);
    const objects = (await onhook('export', id, '--json')).stdout.trimEnd().split('\n');
    expect(objects.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual(['done', 'done', 'done']);

    const copy = await onhook('duplicate', id, '--name', 'April', '--json');
    expect(JSON.parse(copy.stdout)).toMatchObject({ name: 'April', status: 'draft', callsPerSecond: 5, ledger: { contacts: 0 } });
  });

  it('pauses, resumes and cancels, and a watcher of a canceled one ends with 1', { timeout: 120_000 }, async () => {
    const file = path.join(dir, 'later.csv');
    writeFileSync(file, 'to,name\n+14155557011,Ada\n');
    const made = await onhook('import', file, '--agent', 'named', '--start-at', '2099-01-01T00:00:00Z', '--start', '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { campaignId } = JSON.parse(made.stdout) as { campaignId: string };
    expect((await onhook('pause', campaignId)).stdout).toContain('paused by operator');
    expect((await onhook('resume', campaignId)).stdout).toContain('running');
    expect((await onhook('cancel', campaignId)).stdout).toContain('canceled');
    expect((await onhook('status', campaignId, '--watch')).code).toBe(1);
    expect(await onhook('resume', campaignId)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('campaign-state-conflict') as unknown,
    });
    expect((await onhook('show', 'camp_00000000000000000000000000')).code).toBe(1);
  });
});
