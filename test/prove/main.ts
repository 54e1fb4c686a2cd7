import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { audit } from './audit/audit.js';
import { tableOf } from './audit/main.js';
import { runChaos } from './chaos/run.js';
import { readEvidence } from './evidence.js';

const root = path.resolve(import.meta.dirname, '../..');
const NUMBERS = { '--calls': 200, '--faults': 40, '--seed': 0, '--minutes': 1.6, '--at-once': 24 };
const USAGE = 'npm run prove takes --calls N, --faults N, --seed N, --minutes N, --at-once N, --resume and --json.';

/** `npm run prove`: a chaos run on real processes, and the audit of what it left behind. Exit code 1: a statement is violated, or too few faults were reached. */
export async function main(args: readonly string[]): Promise<number> {
  const numbers = { ...NUMBERS };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--json' || arg === '--resume') continue;
    const value = Number(args[++i]);
    if (!(arg in numbers) || !Number.isFinite(value) || value < 0) {
      console.error(USAGE);
      return 2;
    }
    numbers[arg as keyof typeof NUMBERS] = value;
  }
  const seed = numbers['--seed'] || Math.floor(Math.random() * 2 ** 31);
  const dir = path.join(root, '.onhook/prove', `seed-${seed}`);
  // `--resume`: the run is there, only its audit is wanted anew.
  if (!args.includes('--resume'))
    await runChaos({
      dir,
      seed,
      calls: numbers['--calls'],
      faults: numbers['--faults'],
      minutes: numbers['--minutes'],
      atOnce: numbers['--at-once'],
      say: (line) => console.error(line),
    });
  const verdict = audit(readEvidence(dir));
  writeFileSync(path.join(dir, 'proof.json'), JSON.stringify(verdict, null, 2));
  console.error(tableOf(verdict));
  console.error(`evidence: ${path.relative(root, dir)}`);
  if (args.includes('--json')) console.log(JSON.stringify(verdict, null, 2));
  if (verdict.faultsCounted < numbers['--faults'])
    console.error(`only ${verdict.faultsCounted} of ${numbers['--faults']} faults were reached`);
  return verdict.violations.length > 0 || verdict.faultsCounted < numbers['--faults'] ? 1 : 0;
}
