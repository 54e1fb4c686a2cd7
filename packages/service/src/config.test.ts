import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, flag, logLevel, naming, readConfig, wholeNumber } from './config.js';

const dir = mkdtempSync(join(tmpdir(), 'onhook-config-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const schema = z.object({
  REDIS_URL: z.url({ error: 'must be a redis:// URL' }),
  TOKEN: z.string('must be a secret').min(8, 'must have at least 8 characters'),
  PORT: wholeNumber(0, 65_535).default(3_000),
  LOG_LEVEL: logLevel,
  STRICT: flag().default(false),
});
const good = { REDIS_URL: 'redis://127.0.0.1:6379', TOKEN: 'top-secret' };

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('reads what is there, fills in the defaults, and leaves the rest of the environment alone', () => {
    expect(readConfig(schema, { ...good, PORT: '8080', STRICT: '1', HOME: '/root' })).toEqual({
      ...good,
      PORT: 8080,
      LOG_LEVEL: 'info',
      STRICT: true,
    });
  });

  it('names every mistake at once', () => {
    const problems = problemsOf({ REDIS_URL: 'nonsense', PORT: '70000', LOG_LEVEL: 'loud', STRICT: 'maybe' });
    expect(new Set(problems.map((line) => line.split(':')[0]))).toEqual(
      new Set(['LOG_LEVEL', 'PORT', 'REDIS_URL', 'STRICT', 'TOKEN']),
    );
  });

  it('names variables, never their values', () => {
    const error = new ConfigError(
      problemsOf({ REDIS_URL: 'redis//user:hunter2@host', TOKEN: 'hunter2', PORT: 'hunter2', STRICT: 'hunter2' }),
    );
    expect(error.problems).toHaveLength(4);
    expect(error.message).not.toContain('hunter2');
  });

  it('an empty variable counts as absent', () => {
    expect(readConfig(schema, { ...good, PORT: '' }).PORT).toBe(3000);
    expect(problemsOf({ ...good, TOKEN: '' })).toEqual(['TOKEN: must be a secret']);
  });

  it('what is missing is called required, where the schema has no better word for it', () => {
    expect(() => readConfig(z.object({ AGENTS_DIR: z.string() }), {})).toThrow('AGENTS_DIR: is required');
  });

  it.each(['-1', '1.5', '1e3', ' 1', '0x10', 'abc', '70000'])('%j is no port', (PORT) => {
    expect(problemsOf({ ...good, PORT })).toEqual(['PORT: must be a whole number from 0 to 65535']);
  });

  it('reads a secret from the file that X_FILE names, without its last line break', () => {
    const file = join(dir, 'token');
    writeFileSync(file, 'from-the-file\n');
    expect(readConfig(schema, { REDIS_URL: good.REDIS_URL, TOKEN_FILE: file }).TOKEN).toBe('from-the-file');
  });

  it('a file that cannot be read is a mistake like any other', () => {
    const problems = problemsOf({ TOKEN_FILE: join(dir, 'nothing-here') });
    expect(problems).toContain('TOKEN_FILE: cannot be read (ENOENT)');
    expect(problems.some((line) => line.startsWith('REDIS_URL'))).toBe(true);
  });
});

describe('naming', () => {
  it('turns the problems of a file or a server into mistakes of the variable that names it', async () => {
    const unfit = Object.assign(new Error('unfit'), { problems: ['is too old', 'drops keys'] });
    await expect(naming('REDIS_URL', () => Promise.reject(unfit))).rejects.toMatchObject({
      code: 'config-invalid',
      problems: ['REDIS_URL: is too old', 'REDIS_URL: drops keys'],
    });
  });

  it('leaves an error alone that is nobody’s mistake', async () => {
    const bug = new TypeError('x is not a function');
    await expect(
      naming('REDIS_URL', () => {
        throw bug;
      }),
    ).rejects.toBe(bug);
  });
});
