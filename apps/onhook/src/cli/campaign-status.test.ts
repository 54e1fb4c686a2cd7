import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPace } from './campaign-status.js';
import { campaignOf, ID, ledgerOf, statsOf } from './testing/campaigns.js';
import { problem, startSmallApi, type SmallApi } from './testing/small-api.js';

let api: SmallApi;
beforeEach(async () => {
  api = await startSmallApi();
});
afterEach(() => api.close());

const campaign = `GET /v1/campaigns/${ID}`;
const stats = `${campaign}/stats`;
const through = ledgerOf({ pending: 0, scheduled: 0, active: 0, done: 9, skipped: { 'do-not-call': 1 } });

/** Running at the first look, at the second two more are done, then it is over. */
function runThrough(end: 'completed' | 'canceled'): void {
  api.answer(campaign, { body: campaignOf() }, { body: campaignOf() }, { body: campaignOf({ status: end }) });
  api.answer(
    stats,
    { body: statsOf() },
    { body: statsOf({ ledger: ledgerOf({ pending: 4, done: 4 }), causes: { busy: 1, 'agent-ended-call': 3 } }) },
    { body: statsOf({ status: end, ledger: through, causes: { busy: 4, 'agent-ended-call': 5 }, inFlight: 0 }) },
  );
}

describe('onhook campaign status', () => {
  it('says how far it is, by outcome, who waits for which window, and when it may be through', async () => {
    api.answer(campaign, { body: campaignOf() });
    const waiting = [
      { timeZones: ['America/Los_Angeles'], contacts: 6, opensAt: '2026-03-02T17:00:00.000Z', open: false },
      { timeZones: ['Europe/Berlin'], contacts: 1, opensAt: '2026-03-02T08:00:00.000Z', open: true },
    ];
    api.answer(stats, { body: statsOf({ waiting, etaAt: '2026-03-02T12:05:00.000Z' }) });
    const { code, stdout } = await api.onhook(['campaign', 'status', ID]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `${ID}  March reminders  running`,
      `${'█'.repeat(6)}${'░'.repeat(24)} 20 %  2 of 10 through, 1 in flight, 1 answered`,
      'agent-ended-call  1   10 %',
      'busy              1   10 %',
      '6 wait in America/Los_Angeles until 2026-03-02 17:00 UTC',
      'ETA 2026-03-02 12:05 UTC, in 5 min 0 s',
      '',
    ]);
  });

  it('with --watch writes a line every 2 s, and ends with 0 when it is completed', async () => {
    runThrough('completed');
    const { code, stdout, stderr } = await api.onhook(['campaign', 'status', ID, '--watch']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      '12:00:00  running  2 of 10 (20 %)  1 in flight  agent-ended-call 1, busy 1  ETA not known yet',
      // Two ended in two seconds, six are left.
      '12:00:02  running  4 of 10 (40 %)  1 in flight  agent-ended-call 3, busy 1  ETA 2026-03-02 12:00 UTC, in 6 s',
      `${ID}  March reminders  completed`,
      `${'█'.repeat(30)} 100 %  10 of 10 through, 0 in flight, 1 answered`,
    ]);
    expect(stdout).toMatch(/busy +4 +40 %\nskipped: do-not-call +1 +10 %\n$/);
  });

  it('with --watch ends with 1 when it is canceled', async () => {
    runThrough('canceled');
    expect((await api.onhook(['campaign', 'status', ID, '--watch'])).code).toBe(1);
  });

  it('on a terminal draws over what it drew', async () => {
    runThrough('completed');
    const { stdout, stderr } = await api.onhook(['campaign', 'status', ID, '--watch'], { terminal: true });
    // Five lines were drawn at first; they are gone before the next, and at the end.
    expect(stderr.split('\u001b[5A\r\u001b[J')).toHaveLength(3);
    expect(stderr.endsWith('\u001b[J')).toBe(true);
    expect(stdout).toMatch(new RegExp(`^${ID} {2}March reminders {2}completed\n`));
  });

  it('with --watch --json writes the numbers once, at the end', async () => {
    runThrough('completed');
    const { stdout } = await api.onhook(['campaign', 'status', ID, '--watch', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', ledger: through });
  });

  it('with --watch outlives an api that restarts', async () => {
    runThrough('completed');
    const away = { status: 503, body: problem('datastore-unavailable') };
    api.answer(campaign, { body: campaignOf() }, away, { body: campaignOf({ status: 'completed' }) });
    const { code, stderr } = await api.onhook(['campaign', 'status', ID, '--watch']);
    expect(code).toBe(0);
    expect(stderr).toContain('Trying again.');
  });

  it('with --watch ends with 1 at Ctrl-C, and at once of a campaign that is not there', async () => {
    expect(await api.onhook(['campaign', 'status', ID, '--watch'])).toMatchObject({ code: 1, stdout: '' });
    api.answer(campaign, { body: campaignOf() });
    api.answer(stats, { body: statsOf() });
    expect((await api.onhook(['campaign', 'status', ID, '--watch'], { signal: AbortSignal.abort() })).code).toBe(1);
  });
});

describe('the pace', () => {
  it('is the api’s own where it has one, and nothing where nobody was called', () => {
    const pace = createPace();
    expect(pace(statsOf(), 0)).toBeNull();
    expect(pace(statsOf(), 60_000)).toBeNull();
    expect(pace(statsOf({ etaAt: '2026-03-02T12:05:00.000Z' }), 61_000)).toBe('2026-03-02T12:05:00.000Z');
    expect(pace(statsOf({ ledger: through }), 62_000)).toBeNull();
  });
});
