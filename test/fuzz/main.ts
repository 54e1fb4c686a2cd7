import { parseArgs } from 'node:util';
import { fuzzAgent } from './agent.js';
import { fuzzApi } from './api.js';
import { fuzzMedia } from './media.js';
import type { FuzzTarget } from './target.js';

/** `npm run fuzz -- --target media --n 1000 --seed 7 --json`. A target is one more line here and one file beside this one. */
const TARGETS: Readonly<Record<string, FuzzTarget>> = { media: fuzzMedia, agent: fuzzAgent, api: fuzzApi };

/** @returns the exit code: 1 if anything failed, 2 if it was not understood */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string' },
      n: { type: 'string', default: '200' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = values.target === undefined ? Object.keys(TARGETS) : values.target.split(',');
  const n = Number(values.n);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (
    !names.every((name) => Object.hasOwn(TARGETS, name)) ||
    !(Number.isSafeInteger(n) && n > 0) ||
    !Number.isSafeInteger(seed)
  ) {
    process.stderr.write(`npm run fuzz takes --target ${Object.keys(TARGETS).join('|')}, --n N, --seed N and --json.\n`);
    return 2;
  }
  const reports: Record<string, unknown> = {};
  let failures = 0;
  for (const name of names) {
    process.stderr.write(`${name}: ${n} from seed ${seed}\n`);
    const report = await TARGETS[name]!({ n, seed });
    failures += report.failures.length;
    reports[name] = report;
  }
  process.stdout.write(
    values.json ? `${JSON.stringify({ passed: failures === 0, targets: reports })}\n` : `${JSON.stringify(reports, null, 2)}\n`,
  );
  return failures === 0 ? 0 : 1;
}
