import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { copyHouse, type Copy } from './copy.js';
import { mutants, type Mutant } from './mutants.js';

const root = path.resolve(import.meta.dirname, '../../..');
const DEFAULT_SEEDS = 150;
const USAGE = 'npm run prove:mutants takes --only NAME, --seeds N, --patch FILE (with --tests PATH …) and --json.';

interface Finding {
  readonly name: string;
  readonly caughtBy: readonly ('tests' | 'simulation')[];
  /** The sentence that went red, or why it is missed. */
  readonly by: string;
}

/** `npm run prove:mutants`: plants each bug in a copy of the sources and asks the tests and the simulation. Exit code 1: one was not caught. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  if (!options) {
    console.error(USAGE);
    return 2;
  }
  const copy = copyHouse(root);
  try {
    const chosen = options.patch ? [strangers(options)] : mutants.filter(({ name }) => !options.only || name === options.only);
    const sound = checkSound(copy, chosen, options.seeds);
    if (sound !== null) {
      console.error(`the unmutated copy is not sound: ${sound}`);
      return 1;
    }
    const findings = chosen.map((mutant) => {
      const finding = look(copy, mutant, options);
      console.error(
        `${finding.caughtBy.length > 0 ? '✓' : '✗'} ${mutant.name}: ${finding.caughtBy.join(', ') || 'missed'} — ${finding.by}`,
      );
      return finding;
    });
    const missed = findings.filter(({ caughtBy }) => caughtBy.length === 0).map(({ name }) => name);
    const by = {
      tests: findings.filter(({ caughtBy }) => caughtBy.includes('tests')).length,
      simulation: findings.filter(({ caughtBy }) => caughtBy.includes('simulation')).length,
    };
    const report = { caught: findings.length - missed.length, of: findings.length, missed, by, findings };
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else console.log(`${report.caught} of ${report.of} caught; by tests ${by.tests}, by the simulation ${by.simulation}`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    copy.remove();
  }
}

interface Options {
  readonly json: boolean;
  readonly seeds: number;
  readonly only: string | null;
  readonly patch: string | null;
  readonly tests: readonly string[];
}

function readArguments(args: readonly string[]): Options | null {
  const tests: string[] = [];
  let [json, seeds, only, patch]: [boolean, number, string | null, string | null] = [false, DEFAULT_SEEDS, null, null];
  for (let i = 0; i < args.length; i++) {
    const value = args[i + 1];
    if (args[i] === '--json') json = true;
    else if (value === undefined) return null;
    else if (args[i] === '--seeds') seeds = Number(args[++i]);
    else if (args[i] === '--only') only = args[++i]!;
    else if (args[i] === '--patch') patch = args[++i]!;
    else if (args[i] === '--tests') tests.push(args[++i]!);
    else return null;
  }
  if (!Number.isInteger(seeds) || seeds < 1) return null;
  if (only !== null && !mutants.some(({ name }) => name === only)) return null;
  if (patch !== null && !existsSync(patch)) return null;
  return { json, seeds, only, patch, tests };
}

/** All that could see it: nobody has said where its bug is. */
const strangers = ({ patch, tests }: Options): Mutant => ({
  name: path.basename(patch!),
  breaks: 'unknown',
  patch: path.resolve(patch!),
  tests: tests.length > 0 ? tests : ['packages', 'apps/api/src', 'apps/dialer/src', 'apps/gateway/src', 'apps/hangup/src'],
  isSimulated: true,
});

/** Whoever is red without a bug proves nothing. */
function checkSound(copy: Copy, chosen: readonly Mutant[], seeds: number): string | null {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  const red = runTests(copy, tests);
  if (red !== null) return red;
  return chosen.some(({ isSimulated }) => isSimulated) ? runSimulation(copy, seeds) : null;
}

function look(copy: Copy, mutant: Mutant, { seeds }: Options): Finding {
  const file = path.resolve(import.meta.dirname, 'patches', mutant.patch);
  const missed = (by: string): Finding => ({ name: mutant.name, caughtBy: [], by });
  const apply = (...more: string[]): boolean =>
    spawnSync('git', ['apply', '--whitespace=nowarn', ...more, file], { cwd: copy.dir, env: plainEnv() }).status === 0;
  if (!existsSync(file)) return missed('there is no such patch');
  if (!apply()) return missed('the patch does not apply');
  const finding = (): Finding => {
    const compiled = spawnSync(process.execPath, [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json', '--noEmit'], {
      cwd: copy.dir,
      encoding: 'utf8',
    });
    if (compiled.status !== 0) return missed(`it does not compile: ${compiled.stdout.split('\n')[0]}`);
    const red = runTests(copy, mutant.tests);
    const violated = mutant.isSimulated ? runSimulation(copy, seeds) : null;
    return {
      name: mutant.name,
      caughtBy: [...(red === null ? [] : (['tests'] as const)), ...(violated === null ? [] : (['simulation'] as const))],
      by: red ?? violated ?? 'all were green',
    };
  };
  const found = finding();
  if (!apply('-R')) throw new Error(`${mutant.patch} could not be taken back`);
  return found;
}

/** The first test that went red; null: all were green. @throws Error if no test ran */
function runTests(copy: Copy, tests: readonly string[]): string | null {
  const report = path.join(copy.dir, 'report.json');
  spawnSync(
    process.execPath,
    [bin('vitest', 'vitest.mjs'), 'run', ...tests, '--reporter=json', `--outputFile=${report}`, '--silent', '--bail=1'],
    { cwd: copy.dir, env: plainEnv(), timeout: 600_000 },
  );
  const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  if (numTotalTests === 0) throw new Error(`no test was found in ${tests.join(', ')}`);
  for (const { assertionResults, status, name } of testResults) {
    const red = assertionResults.find((one) => one.status === 'failed');
    if (red) return red.fullName;
    if (status === 'failed' && assertionResults.length === 0) return `${path.relative(copy.dir, name)} could not be loaded`;
  }
  return null;
}

interface VitestReport {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The first violation; null: there was none. */
function runSimulation(copy: Copy, seeds: number): string | null {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['test/simulation/simulate.mjs', '--seeds', String(seeds), '--json'],
    { cwd: copy.dir, env: plainEnv(), encoding: 'utf8', timeout: 600_000, maxBuffer: 64 * 2 ** 20 },
  );
  const from = stdout.indexOf('{');
  if (from < 0) return `the simulation ended with ${status}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  const { violations } = JSON.parse(stdout.slice(from)) as { violations: unknown[] };
  return violations.length === 0 ? null : `simulation: ${JSON.stringify(violations[0]).slice(0, 200)}`;
}

const bin = (name: string, file: string): string => path.join(root, 'node_modules', name, file);

/** No repository stands around the copy, and no test runner around its tests. */
function plainEnv(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, VITEST: _vitest, ...env } = process.env;
  return { ...env, GIT_CEILING_DIRECTORIES: '/' };
}
