import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

it('a hundred short calls leave no descriptor, no timer and no key behind', { timeout: 400_000 }, async () => {
  const command = ['apps/onhook/bootstrap.mjs', 'soak', '--calls', '100', '--at-once', '20', '--json'];
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, command, { cwd: root, timeout: 380_000 }, (error, out, err) =>
      // It says on standard output what was wrong, also when it fails.
      out.trim() ? resolve(out) : reject(new Error(err, { cause: error })),
    );
  });
  const { failed, endings, calls } = JSON.parse(stdout.trim().split('\n')[0]!) as {
    failed: string[];
    endings: Record<string, number>;
    calls: number;
  };
  // How a call ends on a machine that is busy is another test's matter.
  expect(failed.filter((what) => !what.startsWith('not of the scene'))).toEqual([]);
  expect(Object.values(endings).reduce((sum, count) => sum + count, 0)).toBe(calls);
});
