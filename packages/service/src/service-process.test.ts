import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** What a process does can only be seen on a process: ours are small scripts on the freshly compiled package. */
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
// Below node_modules, so that pino and zod are found from there.
const cache = join(root, 'node_modules/.cache');
let built = '';
const children = new Set<ChildProcess>();

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  built = mkdtempSync(join(cache, 'onhook-service-'));
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(here, '..'),
    '--outDir',
    built,
    '--declaration',
    'false',
    '--sourceMap',
    'false',
  ]);
  cpSync(join(here, '../package.json'), join(built, 'package.json'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves when standard output holds this. */
  readonly says: (text: string) => Promise<void>;
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function run(
  body: string,
  { stopWithinMs = 5_000, ipc = false, lost = '' }: { stopWithinMs?: number; ipc?: boolean; lost?: string } = {},
): Run {
  const file = join(built, `script-${children.size}.mjs`);
  writeFileSync(
    file,
    `import { runService, createLogger, ConfigError } from './index.js';
     const say = (line) => process.stdout.write(line + '\\n');
     const logger = createLogger({ name: 'test', level: 'info' });
     await runService({ name: 'test', logger, stopWithinMs: ${stopWithinMs}${lost} }, async (scope) => { ${body} });`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])] });
  children.add(child);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // Node tells no 'close' of a child whose channel we have closed ourselves; the others say all they have to say first.
  const exit = once(child, ipc ? 'exit' : 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const says = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      const ended = await Promise.race([exit.then(() => true), once(child.stdout!, 'data').then(() => false)]);
      if (ended && !output.includes(text)) throw new Error(`ended without saying ${text}: ${output}${errors}`);
    }
  };
  return { child, output: () => output, errors: () => errors, says, exit };
}

const KEEPS_RUNNING = 'setInterval(() => {}, 1000);';

describe('runService', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s closes what was opened, last first, and ends with 0', async (signal) => {
    const { child, output, says, exit } = run(`${KEEPS_RUNNING}
      scope.onStop('first', () => say('closed first'));
      scope.onStop('second', async () => { await new Promise((done) => setTimeout(done, 20)); say('closed second'); });
      scope.ready({}); say('up');`);
    await says('up');
    child.kill(signal);
    expect(await exit).toEqual({ code: 0, signal: null });
    expect(output().indexOf('closed second')).toBeGreaterThan(-1);
    expect(output().indexOf('closed second')).toBeLessThan(output().indexOf('closed first'));
  });

  it('a second signal forces', async () => {
    const { child, says, exit } = run(
      `${KEEPS_RUNNING} scope.onStop('stuck', () => { say('stuck'); return new Promise(() => {}); }); say('up');`,
      { stopWithinMs: 60_000 },
    );
    await says('up');
    child.kill('SIGTERM');
    await says('stuck');
    child.kill('SIGTERM');
    expect(await exit).toEqual({ code: 1, signal: null });
  });

  it('a stop that takes too long is broken off, and says what was still open', async () => {
    const { child, output, says, exit } = run(`${KEEPS_RUNNING} scope.onStop('stuck', () => new Promise(() => {})); say('up');`, {
      stopWithinMs: 50,
    });
    await says('up');
    child.kill('SIGTERM');
    expect((await exit).code).toBe(1);
    expect(output()).toContain('stop took too long');
  });

  it('one closer that fails does not keep the others from closing', async () => {
    const { child, output, says, exit } = run(`${KEEPS_RUNNING}
      scope.onStop('good', () => say('closed good')); scope.onStop('bad', () => { throw new Error('no'); }); say('up');`);
    await says('up');
    child.kill('SIGTERM');
    expect((await exit).code).toBe(1);
    expect(output()).toContain('closed good');
  });

  it('tells its starter that it is ready, and stops when the starter goes away', async () => {
    const { child, exit } = run(`${KEEPS_RUNNING} scope.ready({ url: 'http://x' });`, { ipc: true });
    const [message] = await once(child, 'message');
    expect(message).toEqual({ type: 'ready', name: 'test', url: 'http://x' });
    child.disconnect();
    expect((await exit).code).toBe(0);
  });

  it.each([
    ['an uncaught error', "setTimeout(() => { throw new Error('boom'); }, 1);"],
    ['an unhandled rejection', "void Promise.reject(new Error('boom'));"],
  ])('%s ends the process with 1, in good order', async (_what, fault) => {
    const { output, exit } = run(`${KEEPS_RUNNING} scope.onStop('thing', () => say('closed thing')); ${fault}`);
    expect((await exit).code).toBe(1);
    expect(output()).toContain('closed thing');
    expect(output()).toContain('boom');
  });

  it('an error that nobody caught runs the last resorts before anything is closed', async () => {
    const { output, exit } = run(`${KEEPS_RUNNING}
      scope.onStop('thing', () => say('closed thing'));
      scope.lastResort('broken', () => { throw new Error('no way out'); });
      scope.lastResort('calls', async () => { await new Promise((done) => setTimeout(done, 20)); say('ended calls'); });
      setTimeout(() => { throw new Error('boom'); }, 1); setTimeout(() => { throw new Error('again'); }, 5);`);
    expect((await exit).code).toBe(1);
    expect(output().match(/ended calls/g)).toHaveLength(1);
    expect(output().indexOf('ended calls')).toBeLessThan(output().indexOf('closed thing'));
    expect(output()).toContain('no way out');
    expect(output()).toContain('again');
  });

  it('an error that nobody caught during a stop shortens it', async () => {
    const { child, output, says, exit } = run(
      `${KEEPS_RUNNING} scope.onStop('stuck', () => { setTimeout(() => { throw new Error('boom'); }, 1); return new Promise(() => {}); });
       scope.lastResort('calls', () => say('ended calls')); say('up');`,
      { stopWithinMs: 600_000, lost: ', lostStopsWithinMs: 500' },
    );
    await says('up');
    child.kill('SIGTERM');
    expect((await exit).code).toBe(1);
    expect(output()).toContain('ended calls');
    expect(output()).toContain('stop took too long');
  });

  it('an orderly stop does not run the last resorts', async () => {
    const { child, output, says, exit } = run(`${KEEPS_RUNNING} scope.lastResort('calls', () => say('ended calls')); say('up');`);
    await says('up');
    child.kill('SIGTERM');
    expect((await exit).code).toBe(0);
    expect(output()).not.toContain('ended calls');
  });

  it('a stop can be asked for from inside', async () => {
    const { exit } = run(`${KEEPS_RUNNING} scope.stop('enough', 3);`);
    expect((await exit).code).toBe(3);
  });

  it('wrong configuration: every mistake on standard error, exit 1, no stack trace', async () => {
    const { errors, output, exit } = run("throw new ConfigError(['A: is required', 'B: must be a number']);");
    expect((await exit).code).toBe(1);
    expect(errors()).toBe('test: Configuration is not valid:\n  A: is required\n  B: must be a number\n');
    expect(output() + errors()).not.toContain('    at ');
  });
});

describe('the log', () => {
  it('carries neither numbers, words nor secrets, wherever they stand', async () => {
    const { output, exit } = run(`
      const canary = '+14155550177';
      logger.info({ to: canary, from: canary, words: 'canary-words', token: 'canary-token', callId: 'call_1' }, 'call created');
      logger.info({ form: { To: canary, authToken: 'canary-token', deep: { text: 'canary-words' } } }, 'nested');
      logger.error({ err: Object.assign(new Error('no answer from ' + canary, { cause: new Error('cause ' + canary) }), { config: { auth: 'canary-token' }, code: 21211 }) }, 'failed');
      logger.child({ callId: 'call_2', secret: 'canary-token' }).warn({ error: 'text ' + canary }, 'child');
      scope.stop('done');`);
    await exit;
    expect(output()).not.toContain('5550177');
    expect(output()).not.toContain('canary');
    expect(output()).toContain('+1415•••0177');
    expect(output()).toContain('"code":21211');
    const lines = output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ level: 'info', name: 'test', callId: 'call_1', msg: 'call created' });
  });
});
