import { readEvidence } from '../evidence.js';
import { audit, statements, type Verdict } from './audit.js';

/** `npm run prove:audit <dir> [--json]`: reads what a run left behind and says which statements it breaks. */
export function main(args: readonly string[]): number {
  const [dir, ...rest] = args.filter((arg) => arg !== '--json');
  if (dir === undefined || rest.length > 0) {
    console.error('npm run prove:audit takes the folder of a run, and --json.');
    return 2;
  }
  const verdict = audit(readEvidence(dir));
  console.log(args.includes('--json') ? JSON.stringify(verdict, null, 2) : tableOf(verdict));
  return verdict.violations.length === 0 ? 0 : 1;
}

export function tableOf(verdict: Verdict): string {
  const lines = statements.map(({ n, says }) => {
    const broken = verdict.violations.filter(({ statement }) => statement === n);
    return [
      `${broken.length === 0 ? '✓' : '✗'} ${String(n).padStart(2)}  ${says}`,
      ...broken.slice(0, 8).map(({ what }) => `        ${what}`),
    ].join('\n');
  });
  const ends = Object.entries(verdict.endToCarrierEndedMs).map(
    ([of, { count, p50, p99, max }]) =>
      `  ${of.padEnd(8)} ${String(count).padStart(5)} ends   p50 ${p50 ?? '–'}   p99 ${p99 ?? '–'}   max ${max ?? '–'} ms`,
  );
  return [
    ...lines,
    '',
    `${verdict.calls} calls, ${verdict.legs} legs, ${verdict.faultsCounted} faults, ${verdict.attacks} attacks, seed ${verdict.seed}`,
    'from what called for the end to the carrier’s end:',
    ...ends,
    `violations: ${verdict.violations.length}, double dials: ${verdict.doubleDials}, healthy calls cut: ${verdict.healthyCut}`,
  ].join('\n');
}
