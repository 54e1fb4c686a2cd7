#!/usr/bin/env node
// `npm pack` runs this before and after. The package depends on @onhook/service, which no registry has: it goes inside, as a
// bundled dependency. npm bundles only what lies in this folder's own node_modules, and a workspace's dependency does not.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const service = path.join(here, '../../packages/service');
const bundled = path.join(here, 'node_modules/@onhook');
const license = path.join(here, 'LICENSE');

for (const made of [bundled, license]) rmSync(made, { recursive: true, force: true });
if (process.argv[2] === 'before') {
  for (const workspace of [service, here]) {
    // Not to standard output, which is npm's: `npm pack --json` must print one document.
    const build = spawnSync('npm', ['run', 'build', '--silent'], { cwd: workspace, stdio: ['ignore', 2, 2] });
    if (build.status !== 0) process.exit(build.status ?? 1);
  }
  const { name, version, type, dependencies, exports } = JSON.parse(readFileSync(path.join(service, 'package.json'), 'utf8'));
  // It opens none of the doors that need more than it has itself.
  const { dependencies: own } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) if (!Object.hasOwn(own, name)) delete dependencies[name];
  for (const [door, { types, default: file }] of Object.entries(exports)) exports[door] = { types, default: file };
  const target = path.join(bundled, 'service');
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'package.json'), JSON.stringify({ name, version, type, exports, dependencies }, null, 2));
  cpSync(path.join(service, 'dist'), path.join(target, 'dist'), { recursive: true, filter: (file) => !file.endsWith('.map') });
  cpSync(path.join(here, '../../LICENSE'), license);
}
