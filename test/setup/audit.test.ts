import { describe, expect, it } from 'vitest';
import { judgeAudit } from '../../.ci/audit.mjs';

const report = (counts: Record<string, number>, vulnerabilities = {}) =>
  JSON.stringify({ metadata: { vulnerabilities: counts }, vulnerabilities });

describe('the dependency audit of CI', () => {
  it('passes without high and critical weaknesses, and says how many others there are', () => {
    expect(judgeAudit(report({ low: 2, high: 0, critical: 0, total: 2 }))).toEqual({
      code: 0,
      said: expect.stringContaining('2 known'),
    });
  });

  it('fails with one, and names it', () => {
    const found = { ws: { name: 'ws', severity: 'high' }, qs: { name: 'qs', severity: 'low' } };
    expect(judgeAudit(report({ low: 1, high: 1, total: 2 }, found))).toEqual({
      code: 1,
      said: expect.stringMatching(/1 high.*ws \(high\)$/),
    });
  });

  it.each(['', 'npm ERR!', '{}', '{"statusCode":405,"error":{"summary":""}}'])(
    'is neither when nobody could be asked: %s',
    (text) => {
      expect(judgeAudit(text).code).toBe(3);
    },
  );
});
