import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const rows = readFileSync(path.join(root, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ · /.test(line))
  .map((line) => line.split(' | '))
  .map(([threat = '', control = '', tests = '']) => ({ threat: threat.slice(2), control, tests }));

describe('SECURITY.md', () => {
  it('has a row for every threat', () => {
    expect(rows.map(({ threat }) => Number.parseInt(threat, 10))).toEqual(Array.from({ length: 17 }, (_, i) => i + 1));
  });

  it.each(rows.map((row) => [row.threat, row] as const))('%s: has a control, and tests that exist', (_, { control, tests }) => {
    expect(control.length).toBeGreaterThan(20);
    const named = [...tests.matchAll(/`([^`]+)` "([^"]+)"/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of named) {
      expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
      expect([file, title, readFileSync(path.join(root, file), 'utf8').includes(title)]).toEqual([file, title, true]);
    }
  });
});

describe('the configuration', () => {
  const settings = ['apps/api', 'apps/dialer', 'apps/gateway', 'apps/hangup', 'packages/service', 'packages/dial-rules'].flatMap(
    (room) =>
      readdirSync(path.join(root, room, 'src'))
        .filter((file) => /(config|settings|data-key)\.ts$/.test(file))
        .map((file) => readFileSync(path.join(root, room, 'src', file), 'utf8')),
  );

  it('no setting switches a check off', () => {
    const names = settings.join('\n').match(/^ {2}[A-Z][A-Z0-9_]+(?=:)/gm) ?? [];
    expect(names.length).toBeGreaterThan(40);
    const suspicious = names.filter((name) => /SKIP|DISABLE|INSECURE|UNSAFE|UNSIGNED|NO_AUTH|WITHOUT|VERIFY/.test(name));
    expect(suspicious).toEqual([]);
  });
});
