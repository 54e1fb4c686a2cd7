import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('finds no violation in 300 seeds', async () => {
  const root = new URL('../..', import.meta.url).pathname;
  const args = ['test/simulation/simulate.mjs', '--seeds', '300', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 100_000_000 });
  const result = JSON.parse(stdout) as { seeds: number; calls: number; violations: unknown[]; faultsReached: number };
  expect(result.violations).toEqual([]);
  expect(result.seeds).toBe(300);
  expect(result.calls).toBeGreaterThan(6_000);
  expect(result.faultsReached).toBeGreaterThan(3_000);
});
