import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from './house.js';

const bin = path.resolve(import.meta.dirname, '../apps/onhook/bin/onhook.mjs');
let house: TestHouse;
const dir = mkdtempSync(path.join(tmpdir(), 'onhook-cli-'));

beforeAll(async () => {
  house = await openTestHouse();
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

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  ONHOOK_URL: house.apiUrl,
  ONHOOK_API_KEY: house.apiKey,
  ...more,
});

/** As somebody types it, in a folder where no Onhook runs. */
function onhook(args: readonly string[], more?: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: dir, env: env(more) }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}
const json = ({ stdout }: Ran): Record<string, string> => JSON.parse(stdout) as Record<string, string>;

/** One that goes on until it is told to stop: resolves with what it wrote once `enough` is seen. */
async function follow(
  args: readonly string[],
  enough: (stdout: string) => boolean,
  meanwhile: () => Promise<unknown>,
): Promise<string> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: dir, env: env(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  const seen = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (enough(stdout)) resolve();
    });
  });
  try {
    await meanwhile();
    await seen;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await exited;
    return stdout;
  } finally {
    child.kill('SIGKILL');
  }
}

describe('onhook call', () => {
  it('with --watch shows what is said and ends with 0 when there was a conversation', { timeout: 120_000 }, async () => {
    const ran = await onhook(['call', '+14155556001', '--agent', 'short', '--watch']);
    expect(ran.stderr).toBe('');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/agent +Hello, how are you today\?/);
    expect(ran.stdout).toMatch(/callee +\S/);
    expect(ran.stdout).toMatch(/agent-ended-call/);
    // Nobody looks at a terminal here.
    expect(ran.stdout).not.toContain('\u001b');
  });

  it('with --watch ends with 1 when nobody was reached', { timeout: 120_000 }, async () => {
    await house.setScenario({ to: '+14155556002', persona: 'busy' });
    const ran = await onhook(['call', '+14155556002', '--agent', 'short', '--watch', '--json']);
    expect(ran.code).toBe(1);
    expect(json(ran)).toMatchObject({ status: 'ended', cause: 'busy', causeGroup: 'not-connected' });
  });

  it('with --dry-run says what would happen, and calls nobody', async () => {
    const ran = await onhook(['call', '+14155556003', '--agent', 'short', '--dry-run', '--json']);
    expect(json(ran)).toMatchObject({ dryRun: true, to: '+14155556003', country: 'US' });
    expect(house.simulator.entries({ kind: 'create-request' }).some((entry) => entry['to'] === '+14155556003')).toBe(false);
  });

  it('says in words what is wrong with a number, and ends with 1', async () => {
    const ran = await onhook(['call', '+1415', '--agent', 'short']);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/\/to: .*validation-failed|validation-failed[\s\S]*\/to: /);
  });

  it('asked for wrongly ends with 2 and says what there is', { timeout: 120_000 }, async () => {
    expect(await onhook(['call'])).toMatchObject({ code: 2, stdout: '' });
    expect(await onhook(['cal', '+14155556001'])).toMatchObject({ code: 2, stderr: expect.stringContaining('call') });
    expect(await onhook(['call', '+14155556001', '--var', 'name'])).toMatchObject({
      code: 2,
      stderr: '"name" is not name=value.\n',
    });
    expect((await onhook(['--help'])).code).toBe(0);
  });
});

describe('onhook', () => {
  it('lists, shows and ends calls', { timeout: 120_000 }, async () => {
    const placed = json(await onhook(['call', '+14155556004', '--agent', 'never-ends', '--json']));
    await house.until(placed['id']!, ['bridged']);
    expect((await onhook(['calls', '--status', 'in-progress'])).stdout).toContain(placed['id']!);
    expect((await onhook(['end', placed['id']!])).code).toBe(0);
    await house.until(placed['id']!, ['ended']);
    const shown = await onhook(['show', placed['id']!]);
    expect(shown.stdout).toMatch(/operator-ended-call/);
    expect(shown.stdout).toMatch(/timeline[\s\S]*stream-started/);
    expect(json(await onhook(['calls', '--to', '+14155556004', '--json']))['data']).toMatchObject([{ id: placed['id'] }]);
  });

  it('hangs up on everybody only if it is meant', { timeout: 120_000 }, async () => {
    expect(await onhook(['end', 'all'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    expect(await onhook(['end', 'all', '--yes'])).toMatchObject({ code: 0, stderr: '' });
    expect((await onhook(['dialing'])).stdout).toBe('Dialing is off.\n');
    expect((await onhook(['dialing', 'on'])).stdout).toBe('Dialing is on.\n');
  });

  it('tails what happens, a line each', { timeout: 120_000 }, async () => {
    const stdout = await follow(
      ['tail', '--types', 'call.ended'],
      (text) => text.includes('call.ended'),
      () => busyCall('+14155556005'),
    );
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}call\.ended +call_\S+ {2}\+14155556005 {2}busy/m);
  });

  it('forwards webhooks to a program on this machine, with a signature that verifies', { timeout: 120_000 }, async () => {
    const secret = `whsec_${Buffer.from('a secret of twenty-four.').toString('base64')}`;
    const got: unknown[] = [];
    const receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push(new Webhook(secret).verify(body, request.headers as Record<string, string>));
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    try {
      const stdout = await follow(
        ['listen', '--forward', url, '--types', 'call.ended', '--secret', secret],
        (text) => text.includes('204'),
        () => busyCall('+14155556006'),
      );
      expect(stdout).toMatch(/^call\.ended +call_\S+ {2}204$/m);
      expect(got).toMatchObject([{ type: 'call.ended', data: { to: '+14155556006', cause: 'busy' } }]);
    } finally {
      receiver.close();
    }
  });

  it('keeps the do-not-call list', { timeout: 120_000 }, async () => {
    expect((await onhook(['dnc', 'add', '+14155556007', '--note', 'asked for it'])).stdout).toBe(
      '1 added, 0 were on the list.\n',
    );
    expect(await onhook(['dnc', 'check', '+14155556007'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('On the list'),
    });
    const file = path.join(dir, 'blocked.csv');
    writeFileSync(file, 'number,note\n+14155556008,x\nnonsense,y\n');
    expect(await onhook(['dnc', 'import', file])).toMatchObject({ code: 1, stderr: expect.stringContaining('line 3') });
    expect((await onhook(['dnc', 'export'])).stdout).toContain('+14155556008');
    expect((await onhook(['dnc', 'remove', '+14155556007'])).code).toBe(0);
    expect((await onhook(['dnc', 'check', '+14155556007'])).code).toBe(0);
  });

  it('makes, rotates and revokes keys, and shows a secret once', { timeout: 120_000 }, async () => {
    const made = json(await onhook(['keys', 'create', 'a test', '--scopes', 'calls:read', '--json']));
    const asIt = { ONHOOK_API_KEY: made['key']! };
    expect((await onhook(['calls'], asIt)).code).toBe(0);
    expect(await onhook(['call', '+14155556009'], asIt)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('insufficient-scope'),
    });
    expect((await onhook(['keys', 'list'])).stdout).not.toContain(made['key']!);
    expect((await onhook(['keys', 'revoke', made['id']!])).code).toBe(0);
    expect(await onhook(['keys', 'create', 'x', '--scopes', 'everything'])).toMatchObject({ code: 2 });
  });

  it('says where it looked when no Onhook is there', async () => {
    expect(await onhook(['calls'], { ONHOOK_URL: 'http://127.0.0.1:65529' })).toMatchObject({
      code: 1,
      stderr: 'http://127.0.0.1:65529 cannot be reached (ECONNREFUSED). Is Onhook running? Try `onhook doctor`.\n',
    });
  });
});

async function busyCall(to: string): Promise<void> {
  await house.setScenario({ to, persona: 'busy' });
  // The follower needs a moment until it is connected: each of these calls is one more chance.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await house.placeCall({ to, agentId: 'short' });
}

describe('onhook doctor', () => {
  it('finds nothing that fails in a good house, and says what it looked at', async () => {
    const ran = await onhook(['doctor', '--json'], {
      REDIS_URL: house.redis.url,
      AGENTS_DIR: path.join(import.meta.dirname, 'agents'),
    });
    const { findings } = json(ran) as unknown as { findings: { name: string; level: string }[] };
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node', 'Redis', 'Redis durability', 'Redis memory', 'Clock', 'Disk', 'Agents', 'Carrier']),
    );
    expect(ran.code).toBe(0);
  });

  it('of a real account names what is missing or wrong and how to mend it, without a secret', async () => {
    const ran = await onhook(['doctor'], {
      CARRIER: 'twilio',
      REDIS_URL: 'redis://127.0.0.1:9',
      AGENTS_DIR: path.join(import.meta.dirname, 'agents'),
      TWILIO_ACCOUNT_SID: house.simulator.accountSid,
      TWILIO_AUTH_TOKEN: 'not-the-token-of-that-account',
      TWILIO_API_BASE_URL: house.simulator.url,
      FROM_NUMBERS: '+15005550006',
      PUBLIC_URL: house.apiUrl,
      MEDIA_PUBLIC_URL: `ws://127.0.0.1:${house.ports.gateway}/carrier/twilio/media`,
    });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/✗ Redis +cannot be reached/);
    expect(ran.stdout).toMatch(/✗ Carrier +the account SID and the auth token do not belong together/);
    expect(ran.stdout).toMatch(/✗ Public URL +\S+ is not https/);
    expect(ran.stdout).toMatch(/✗ Media URL +\S+ is not wss/);
    expect(ran.stdout).toMatch(/✗ Voice agent +OPENAI_API_KEY is not set/);
    expect(ran.stdout).not.toContain('not-the-token-of-that-account');
  });
});
