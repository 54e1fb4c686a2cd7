import { expect, it } from 'vitest';
import { everyRun } from './every-run.js';

it('writes a lost run down, and goes on', async () => {
  const said: string[] = [];
  const outcome = await everyRun(
    [{ title: 'relay' }, { title: 'onhook' }, { title: 'naive' }],
    async ({ title }) => {
      if (title === 'onhook') throw new Error('load has ended without a word (exit code 1)');
      return title.length;
    },
    (what) => void said.push(what),
  );
  const lost = 'onhook: lost, load has ended without a word (exit code 1)';
  expect(outcome).toEqual({ runs: [5, 5], lost: [lost] });
  expect(said).toEqual(['relay', 'onhook', lost, 'naive']);
});
