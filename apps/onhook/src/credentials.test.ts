import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemChance } from '@onhook/service';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepCredentials } from './credentials.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'onhook-credentials-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const file = (): string => path.join(dir, 'credentials.json');

it('are made once, kept, and readable by their user alone', () => {
  const made = keepCredentials(dir, systemChance);
  expect(made.dataKey).toMatch(/^[0-9a-f]{64}$/);
  expect(keepCredentials(dir, systemChance)).toEqual(made);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it('of a release without a data key get one, and stay what they are', () => {
  const { dataKey: _, ...old } = keepCredentials(dir, systemChance);
  writeFileSync(file(), JSON.stringify(old));
  const kept = keepCredentials(dir, systemChance);
  expect(kept).toMatchObject(old);
  expect(kept.dataKey).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(kept);
});

it('that were cut off when they were written are made anew', () => {
  writeFileSync(file(), '{"apiKey":');
  expect(keepCredentials(dir, systemChance).apiKey).toMatch(/^onhook_/);
});
