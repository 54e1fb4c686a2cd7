// The rules of the house that oxlint has no word for. Each breach is one line: file:line, rule, what to do instead.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What may stand at the top. Everything else belongs into an app, a package, test/ or docs/. */
const TOP_FOLDERS = new Set(['apps', 'packages', 'test', 'docs', 'agents', 'deploy', 'node_modules']);
const VAGUE_NAMES = /^(utils?|helpers?|common|misc|types|interfaces|constants)\.(ts|mjs|js)$/;

/** @returns {string[]} one line a breach; none if all is well */
export function houseRules(root) {
  const breaches = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith('.') && !TOP_FOLDERS.has(entry.name)) {
      breaches.push(`${entry.name}/: top-folders: only ${[...TOP_FOLDERS].join(', ')} stand at the top`);
    }
  }
  for (const place of ['apps', 'packages']) {
    for (const room of folders(path.join(root, place))) {
      const folder = path.join(place, room);
      if (!existsSync(path.join(root, folder, 'package.json'))) continue;
      if (!existsSync(path.join(root, folder, 'README.md')))
        breaches.push(`${folder}/: room-readme: a room says in a README.md what it is`);
      breaches.push(...packageRules(root, folder));
    }
  }
  breaches.push(...lockRules(root));
  for (const file of ['apps', 'packages', 'test'].flatMap((place) => sources(path.join(root, place)))) {
    breaches.push(...fileRules(path.relative(root, file), readFileSync(file, 'utf8')));
  }
  return breaches;
}

function fileRules(file, text) {
  const breaches = [];
  const say = (line, rule, instead) => breaches.push(`${file}:${line}: ${rule}: ${instead}`);
  if (VAGUE_NAMES.test(path.basename(file))) say(1, 'vague-name', 'a file is named by what it exports');
  const isTest = file.endsWith('.test.ts') || file.startsWith('test/');
  const isSetup = file.endsWith('.mjs');
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const code = line.replace(/^\s*(\/\/|\*|\/\*).*$/, '');
    if (!isTest && !isSetup && !file.startsWith('packages/service/') && /\bnew Date\(\s*\)|[^.\w]Date\(\s*\)/.test(code)) {
      say(index + 1, 'time-comes-in', 'new Date() reads the clock; take `Clock` of @onhook/service');
    }
    if (/(oxlint|eslint)-disable/.test(line))
      say(index + 1, 'no-disable', 'a rule is kept or changed, not switched off in place');
  }
  return breaches;
}

/** Every dependency has one exact version. */
function packageRules(root, folder) {
  const file = path.join(folder, 'package.json');
  const { name, dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  const breaches = [];
  if (!name?.startsWith('@onhook/')) breaches.push(`${file}:1: room-name: a workspace is called @onhook/<folder>`);
  for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      breaches.push(`${file}:1: exact-versions: ${dependency} is ${version}; name one version`);
  }
  return breaches;
}

/** What everybody installs needs no script of its own to be installed, and is checked against its hash. */
function lockRules(root) {
  const file = path.join(root, 'package-lock.json');
  if (!existsSync(file)) return [];
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages).flatMap(([place, entry]) => {
    if (entry.optional || entry.link || !place.includes('node_modules/')) return [];
    const breaches = [];
    if (entry.hasInstallScript)
      breaches.push(`package-lock.json:1: install-script: ${place} runs one when it is installed; take another`);
    if (!entry.integrity) breaches.push(`package-lock.json:1: lock-integrity: ${place} has no hash; npm install writes it`);
    return breaches;
  });
}

function sources(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist', 'peers'].includes(entry.name) ? [] : sources(full);
    return /\.(ts|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.mts') ? [full] : [];
  });
}

function folders(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
