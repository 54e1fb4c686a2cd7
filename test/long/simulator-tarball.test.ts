import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The shell takes the example apart, as it would for curl, which not every machine has. */
async function asCurl(example: string): Promise<{ sid: string }> {
  const { stdout } = await run('sh', ['-c', example.replace(/^curl/, "printf '%s\\n'")]);
  const [, , user = '', address = '', ...fields] = stdout.trim().split('\n');
  const given = fields.filter((_, at) => at % 2 === 1).map((field) => /^([^=]*)=([^]*)$/.exec(field) ?? []);
  const response = await fetch(address, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(user).toString('base64')}` },
    body: new URLSearchParams(given.map(([, name = '', value = '']): [string, string] => [name, value])),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { sid: string };
}

interface Packed {
  filename: string;
  files: { path: string }[];
  bundled: string[];
}

describe('the simulator as a package of its own', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'simulator-tarball-'));
  let packed: Packed;
  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], {
      cwd: path.join(root, 'apps/simulator'),
      maxBuffer: 16 * 1024 * 1024,
    });
    // npm itself may speak before it: a list, or in later versions an object by name.
    const read = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Packed[] | Record<string, Packed>;
    const [first] = Object.values(read);
    if (!first) throw new Error('npm packed nothing');
    packed = first;
    writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ private: true }));
    await run('npm', ['install', '--ignore-scripts', path.join(dir, path.basename(packed.filename))], { cwd: dir });
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('holds what it needs of ours, its licence, and neither sources nor tests', () => {
    expect(packed.bundled).toEqual(['@onhook/service']);
    const files = packed.files.map((file) => file.path);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'FIDELITY.md', 'dist/main.js', 'speech-worker.mjs']));
    expect(files.filter((file) => /(^|\/)src\/|\.test\.|\.map$/.test(file))).toEqual([]);
  });

  it('leaves nothing behind in the working tree', () => {
    for (const made of ['node_modules/@onhook/service', 'LICENSE'])
      expect(existsSync(path.join(root, 'apps/simulator', made))).toBe(false);
  });

  it('tells its options by `npx onhook-simulator --help`', async () => {
    const { stdout } = await run('npx', ['--no-install', 'onhook-simulator', '--help'], { cwd: dir });
    expect(stdout).toContain('--proxy-port VALUE');
  });

  it('names a mistake on the command line and ends with 1', async () => {
    await expect(run('npx', ['--no-install', 'onhook-simulator', '--prot', '1'], { cwd: dir })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--prot'),
    });
  });

  it('runs, says where and as whom, holds the call of its own example, and stops when asked to', async () => {
    const args = ['--port', '0', '--agent-port', '0', '--tls-port', '0', '--proxy-port', '0'];
    const child = spawn(path.join(dir, 'node_modules/.bin/onhook-simulator'), args, {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (part: Buffer) => {
        said += part.toString();
        if (said.includes('What became of it')) resolve();
      });
      child.on('exit', () => reject(new Error(`ended too early: ${said}`)));
    });
    try {
      expect(said).toContain('AC00000000000000000000000000000001');
      expect(said).toContain('simulator-auth-token');
      const caFile = /NODE_EXTRA_CA_CERTS=(\S+)/.exec(said)?.[1] ?? '';
      expect(readFileSync(caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
      const url = /REST API\s+(\S+)/.exec(said)?.[1] ?? '';
      const page = await fetch(`${url}/simulator/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
      const { sid } = await asCurl(said.slice(said.indexOf('curl -s -u'), said.indexOf('What became')));
      expect(sid).toMatch(/^CA/);
      const tail = await fetch(`${url}/simulator/ledger/tail?call=${sid}&kind=carrier-ended`, {
        signal: AbortSignal.timeout(60_000),
      });
      const [line] = new TextDecoder().decode((await tail.body?.getReader().read())?.value).split('\n');
      expect(JSON.parse(line ?? '')).toMatchObject({ by: 'end-of-document', status: 'completed' });
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toBe(0);
  });
});
