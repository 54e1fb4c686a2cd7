// `npm run check`: every tool side by side; only what failed speaks.
import path from 'node:path';
import { cleanEnv } from './clean-env.mjs';
import { houseRules } from './house-rules.mjs';
import { runStep } from './run-step.mjs';

const TOOLS = [
  { name: 'format (oxfmt)', cli: 'oxfmt/bin/oxfmt', args: ['--check', '.'], hint: 'npx oxfmt . puts it right' },
  { name: 'lint (oxlint)', cli: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  { name: 'types (tsc)', cli: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json', '--noEmit'] },
  { name: 'unused (knip)', cli: 'knip/bin/knip.js', args: ['--no-progress'] },
];

export async function check({ root, signals }) {
  const startedAt = performance.now();
  const env = { ...cleanEnv(), NO_COLOR: '1' };
  const runs = TOOLS.map(async ({ name, cli, args, hint }) => {
    const { code, output } = await runStep(process.execPath, [path.join(root, 'node_modules', cli), ...args], {
      cwd: root,
      env,
      signals,
    });
    return { name, problems: code === 0 ? '' : `${output.trim()}${hint ? `\n${hint}` : ''}` };
  });
  const broken = houseRules(root);
  runs.push(Promise.resolve({ name: 'house rules', problems: broken.join('\n') }));
  const results = await Promise.all(runs);
  for (const { name, problems } of results) {
    if (problems) process.stdout.write(`✗ ${name}\n${problems.replace(/^/gm, '  ')}\n\n`);
  }
  const failed = results.filter(({ problems }) => problems);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `${failed.length === 0 ? '✓' : '✗'} check: ${results.length - failed.length} of ${results.length} passed in ${seconds} s\n`,
  );
  return failed.length === 0 ? 0 : 1;
}
