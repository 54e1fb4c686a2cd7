import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const APPS = ['simulator', 'api', 'gateway', 'dialer', 'hangup'] as const;

/** Behaves as every process of ours does towards the launcher, and does nothing else. Its environment says how it misbehaves. */
const STAND_IN = `
const name = process.argv[1].split('/').at(-3);
const does = JSON.parse(process.env.STAND_IN ?? '{}')[name];
console.log(name + ' began');
if (does === 'fail') { console.error('PORT: must be a number'); process.exit(1); }
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => does === 'ignore' || process.exit(0));
process.send({ type: 'ready', name, port: process.env.PORT });
if (does === 'die') setTimeout(() => { console.error('the last words of ' + name); process.exit(3); }, 300);
setInterval(() => {}, 1000);
`;
const DEMO = `export async function runDemo(house, { print }) {
  print('demo of ' + house.programs.map(({ name }) => name).join(' '));
  if (process.env.DEMO === 'talk') for (;;) { print('still talking'); await new Promise((resolve) => setTimeout(resolve, 50)); }
  return { passed: process.env.DEMO !== 'fail', report: { setupMs: house.setupMs, apiUrl: house.apiUrl } };
}
`;

export interface Launched {
  readonly process: ChildProcess;
  readonly pid: number;
  output(): { stdout: string; stderr: string };
  /** Resolves when either stream holds the words; rejects if the launcher ends first. */
  said(words: string): Promise<void>;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface TempHouse {
  readonly root: string;
  launch(args: string[], env?: NodeJS.ProcessEnv): Launched;
  /** Gives one workspace a build that takes its time and knows nothing of signals. */
  buildSlowly(): void;
  /** By the kernel's word: every process that works in this folder. */
  processes(): { pid: number; command: string }[];
  allGoneWithin(ms: number): Promise<void>;
  remove(): Promise<void>;
}

/**
 * The real launcher in a folder of its own, with stand-ins for the apps: what it does to processes is real.
 * It needs the launcher built, as `npm test` does.
 */
export function createTempHouse(): TempHouse {
  if (!existsSync(path.join(REPOSITORY, 'apps/onhook/dist/start.js')))
    throw new Error('The launcher is not built: run `npm test`.');
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'onhook-house-')));
  const launcher = path.join(root, 'apps/onhook');
  mkdirSync(launcher, { recursive: true });
  for (const part of ['bootstrap.mjs', 'setup', 'dist'])
    cpSync(path.join(REPOSITORY, 'apps/onhook', part), path.join(launcher, part), { recursive: true });
  writeFileSync(path.join(launcher, 'dist/demo.js'), DEMO);
  writeFileSync(path.join(launcher, 'package.json'), '{ "name": "@onhook/onhook", "version": "0.1.0", "type": "module" }');
  for (const app of APPS) {
    mkdirSync(path.join(root, 'apps', app, 'dist'), { recursive: true });
    writeFileSync(
      path.join(root, 'apps', app, 'package.json'),
      `{ "name": "@onhook/${app}", "version": "0.1.0", "type": "module" }`,
    );
    writeFileSync(path.join(root, 'apps', app, 'dist/main.js'), STAND_IN);
  }
  writeFileSync(
    path.join(root, 'package.json'),
    '{ "name": "house", "private": true, "packageManager": "npm@11.19.1", "workspaces": ["apps/*"] }',
  );
  writeFileSync(path.join(root, 'turbo.json'), '{ "tasks": { "build": {} } }');
  cpSync(path.join(REPOSITORY, 'package-lock.json'), path.join(root, 'package-lock.json'));
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(root, 'node_modules'));
  const launched: Launched[] = [];

  const processes = (): { pid: number; command: string }[] =>
    readdirSync('/proc').flatMap((entry) => {
      if (!/^\d+$/.test(entry)) return [];
      try {
        if (!readlinkSync(`/proc/${entry}/cwd`).startsWith(root)) return [];
        return [{ pid: Number(entry), command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
      } catch {
        return []; // it ended while we looked
      }
    });

  const allGoneWithin = async (ms: number): Promise<void> => {
    const until = performance.now() + ms;
    while (processes().length > 0) {
      if (performance.now() > until)
        throw new Error(
          `still there after ${ms} ms:\n${processes()
            .map(({ command }) => command)
            .join('\n')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  return {
    root,
    processes,
    allGoneWithin,
    buildSlowly() {
      const api = path.join(root, 'apps/api');
      writeFileSync(
        path.join(api, 'slow-build.mjs'),
        "for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});\nsetTimeout(() => {}, 60_000);\n",
      );
      writeFileSync(
        path.join(api, 'package.json'),
        '{ "name": "@onhook/api", "version": "0.1.0", "scripts": { "build": "node slow-build.mjs" } }',
      );
    },
    launch(args, env = {}) {
      const { npm_lifecycle_event: _event, REDIS_URL: _url, ...inherited } = process.env;
      const child = spawn(process.execPath, ['apps/onhook/bootstrap.mjs', ...args], {
        cwd: root,
        env: { ...inherited, ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const kept = { stdout: '', stderr: '' };
      child.stdout?.on('data', (chunk) => (kept.stdout += String(chunk)));
      child.stderr?.on('data', (chunk) => (kept.stderr += String(chunk)));
      const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
        child.once('close', (code, signal) => resolve({ code, signal }));
      });
      const one: Launched = {
        process: child,
        pid: child.pid ?? 0,
        output: () => kept,
        exited,
        said: (words) =>
          new Promise((resolve, reject) => {
            const look = (): void => {
              if ((kept.stdout + kept.stderr).includes(words)) resolve();
            };
            child.stdout?.on('data', look);
            child.stderr?.on('data', look);
            look();
            void exited.then(() => reject(new Error(`ended without saying "${words}":\n${kept.stdout}\n${kept.stderr}`)));
          }),
      };
      launched.push(one);
      return one;
    },
    async remove() {
      // One that was just being started may start another before it dies; one that was listed may be gone by now.
      for (const until = performance.now() + 5000; processes().length > 0 && performance.now() < until;) {
        for (const { pid } of processes()) killUnlessGone(pid);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await allGoneWithin(0);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function killUnlessGone(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
