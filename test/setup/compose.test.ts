import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const APPS = ['api', 'gateway', 'dialer', 'hangup', 'simulator'];
/** Settings that several apps share. */
const SHARED_SETTINGS = ['packages/service/src/data-key.ts', 'packages/dial-rules/src/limit-settings.ts'];

interface Service {
  readonly command: string;
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
}
const compose: { services: Record<string, Service> } = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), {
  merge: true,
});

/** What a variable of the compose file becomes with the values of an env file. */
function filled(value: string, values: NodeJS.Dict<string>): string {
  return value.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (whole, name: string, otherwise: string | undefined) => {
    const given = values[name];
    if (given) return given;
    return whole.includes(':?') ? `(${name} is missing)` : (otherwise ?? '');
  });
}

/** The app's own reading of its environment: the function of its `config.ts` that is called read…Config. */
async function readerOf(app: string): Promise<(env: NodeJS.ProcessEnv) => unknown> {
  const module: Record<string, unknown> = await import(pathToFileURL(path.join(ROOT, 'apps', app, 'src/config.ts')).href);
  const reader = Object.entries(module).find(([name]) => /^read\w*Config$/.test(name))?.[1];
  if (typeof reader !== 'function') throw new Error(`${app} has no reader of its configuration`);
  return (env) => reader(env);
}

describe('docker-compose.yml', () => {
  it('has every process, and only the simulator as a profile', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['redis', ...APPS].sort());
    for (const [name, { profiles }] of Object.entries(compose.services))
      expect(profiles ?? []).toEqual(name === 'simulator' ? ['simulator'] : []);
  });

  it('has a Redis that writes before it answers and evicts nothing', () => {
    expect(compose.services['redis']?.command).toBe(
      'redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction',
    );
  });

  it('publishes ports on the loopback interface only', () => {
    const ports = Object.values(compose.services).flatMap((one) => one.ports ?? []);
    expect(ports.length).toBeGreaterThan(3);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(APPS)('%s is started by a file that its build makes', (app) => {
    const file = /^node (apps\/\w+)\/dist\/(main)\.js$/.exec(compose.services[app]?.command ?? '');
    expect(file?.[1]).toBe(`apps/${app}`);
    expect(existsSync(path.join(ROOT, 'apps', app, 'src', 'main.ts'))).toBe(true);
  });

  it.each(APPS)('%s gets variables that its configuration knows, and no other', (app) => {
    const src = path.join(ROOT, 'apps', app, 'src');
    const files = readdirSync(src).filter((file) => /(^|-)config\.ts$/.test(file));
    const settings = [...files.map((file) => path.join(src, file)), ...SHARED_SETTINGS.map((file) => path.join(ROOT, file))];
    const known = settings.map((file) => readFileSync(file, 'utf8')).join('\n');
    for (const name of Object.keys(compose.services[app]?.environment ?? {}))
      expect(known).toMatch(new RegExp(`^ +${name}:`, 'm'));
  });

  it.each(APPS)('%s accepts its configuration as deploy/simulator.env fills it in', async (app) => {
    const values = parseEnv(readFileSync(path.join(ROOT, 'deploy/simulator.env'), 'utf8'));
    const environment = Object.entries(compose.services[app]?.environment ?? {}).map(([name, value]) => [
      name,
      filled(value, values),
    ]);
    const read = await readerOf(app);
    expect(() => read(Object.fromEntries(environment))).not.toThrow();
  });

  it.each(['deploy/twilio.env', 'deploy/simulator.env'])('says in %s every variable that it cannot do without', (file) => {
    const asked = [...readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8').matchAll(/\$\{(\w+):\?/g)].map(
      (match) => match[1],
    );
    const values = parseEnv(readFileSync(path.join(ROOT, file), 'utf8'));
    expect(Object.keys(values)).toEqual(expect.arrayContaining([...new Set(asked)]));
    // The launcher fills in the whole file with it, although it wants the Redis only.
    if (file.includes('simulator')) for (const name of asked) expect(values[name ?? '']).not.toBe('');
  });
});

describe('Dockerfile', () => {
  it('copies only what exists, and does not run as root', () => {
    const lines = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').split('\n');
    const copied = lines.flatMap((line) => /^COPY (?!--from)(.*) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
    expect(copied).toContain('package-lock.json');
    for (const file of copied) expect(existsSync(path.join(ROOT, file))).toBe(true);
    expect(lines).toContain('USER node');
  });
});
