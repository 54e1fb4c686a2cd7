// Whether what production runs on has known weaknesses, by the registry's own list. `node .ci/audit.mjs report.json`, where the report is
// that of `npm audit --omit=dev --json`. Exit code 0: none that is high or critical; 1: some; 3: nobody could be asked.
import { readFileSync } from 'node:fs';

/** @param {string} text what npm printed */
export function judgeAudit(text) {
  let report;
  try {
    report = JSON.parse(text);
  } catch {
    return { code: 3, said: 'npm audit printed no JSON' };
  }
  const counts = report.metadata?.vulnerabilities;
  if (!counts) {
    const status = report.statusCode ?? report.error?.code ?? 'none';
    return { code: 3, said: `the registry's audit endpoint did not answer as one (status ${status})` };
  }
  const bad = (counts.high ?? 0) + (counts.critical ?? 0);
  const names = Object.values(report.vulnerabilities ?? {})
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity }) => `${name} (${severity})`);
  if (bad > 0) return { code: 1, said: `${bad} high or critical: ${names.join(', ')}` };
  return { code: 0, said: `${counts.total ?? 0} known weaknesses, none of them high or critical` };
}

if (process.argv[2]) {
  const { code, said } = judgeAudit(readFileSync(process.argv[2], 'utf8'));
  console.log(said);
  process.exit(code);
}
