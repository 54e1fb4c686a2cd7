// Brings node_modules to what package-lock.json says; does nothing if it already is.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnv } from './clean-env.mjs';
import { runStep } from './run-step.mjs';
import { SetupError } from './setup-error.mjs';

const ARGS = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--no-json'];

export async function install({ root, say, signals }) {
  const stampFile = path.join(root, 'node_modules', '.onhook-installed');
  const stamp = stampOf(root);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (isInstalled(root)) {
    writeFileSync(stampFile, stamp); // somebody's own `npm ci`
    return;
  }
  say('Installing packages (npm ci) …');
  const [file, ...before] = npmCommand();
  const { code } = await runStep(file, [...before, ...ARGS], { cwd: root, env: cleanEnv(), output: 'stderr', signals });
  if (code !== 0)
    throw new SetupError('The packages could not be installed. What npm says is above; it needs the registry once.');
  writeFileSync(stampFile, stamp);
}

/** Another lock file, another machine or another kind of machine (a folder shared with a container): install anew. */
function stampOf(root) {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`;
}

/** Compares what npm wrote down about node_modules with the lock file; what is optional may be absent. */
function isInstalled(root) {
  const written = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(written)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(written, 'utf8')).packages;
  return Object.entries(wanted).every(([place, entry]) => {
    if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true; // the root and the workspaces themselves
    const found = present[place];
    if (!found) return entry.optional === true || entry.peer === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity && found.link === entry.link;
  });
}

/** The npm that started us if there is one: it need not be on PATH. */
function npmCommand(env = process.env) {
  const cli = env.npm_execpath;
  return cli && /npm-cli\.[cm]?js$/.test(cli) && existsSync(cli) ? [process.execPath, cli] : ['npm'];
}
