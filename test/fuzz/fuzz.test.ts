import { describe, expect, it } from 'vitest';
import { fuzzAgent } from './agent.js';
import { fuzzApi } from './api.js';
import { fuzzMedia } from './media.js';

/** A taste of each target; `npm run fuzz` takes as many as it is told. The seed is in the report of a failure. */
const SEED = 20_261_122;

describe('hostile peers of the gateway', () => {
  it('at the media socket end at most their own call', { timeout: 60_000 }, async () => {
    const report = await fuzzMedia({ n: 40, seed: SEED });
    expect(report.failures).toEqual([]);
    // There is more behind the door than before it, and more than one thing to do.
    expect(report['accepted']).toBeGreaterThan(20);
    expect(report['acts']).toBeGreaterThan(80);
  });

  it("at the agents' sockets end at most their own call", { timeout: 60_000 }, async () => {
    const report = await fuzzAgent({ n: 24, seed: SEED });
    expect(report.failures).toEqual([]);
    expect(report['sessions']).toBeGreaterThanOrEqual(24);
  });
});

describe('hostile clients of the api', () => {
  it('get an answer, and no call that they did not ask for', { timeout: 60_000 }, async () => {
    const report = await fuzzApi({ n: 200, seed: SEED });
    expect(report.failures).toEqual([]);
    expect(report['calls']).toBeGreaterThan(50);
  });
});
