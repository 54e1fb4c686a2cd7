import type { CampaignView, ContactView } from '@onhook/contracts';
import { systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

const CONTACTS = 2_000;
const WITHIN_MS = 420_000;
const numberOf = (i: number): string => `+1415556${2_000 + i}`;
const ALWAYS = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '24:00' }];

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse({
    env: {
      CALLS_PER_SECOND: '40',
      MAX_CONCURRENT_CALLS: '150',
      SEATS: '150',
      ALLOWED_COUNTRIES: '*',
      // How busy this machine is, is not what is tested.
      MAX_LOOP_LAG_MS: '5000',
      MAX_LOOP_UTILISATION_PERCENT: '100',
    },
  });
  // Far ends that waste no time.
  const quick = { queuedMs: 10, postDialMs: 20, answerAfterMs: 100 };
  await house.setScenario({
    to: '+1415556*',
    oneOf: [
      { weight: 40, persona: 'busy', ...quick },
      { weight: 25, persona: 'declines', ...quick },
      { weight: 12, persona: 'no-answer', ...quick },
      { weight: 15, persona: 'hangs-up-at-once', ...quick },
      { weight: 4, persona: 'fails', ...quick },
      { weight: 2, persona: 'voicemail', ...quick, amdDelayMs: 500 },
      { weight: 2, persona: 'chats', ...quick },
    ],
  });
});
afterAll(() => house.close());

async function api<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await house.api(path, { method, headers, ...(body !== undefined && { body: text }) });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${answer}`);
  return JSON.parse(answer) as T;
}

describe('a campaign of two thousand', () => {
  it(
    'calls everybody who may be called, as often as its policy says, and balances to zero',
    { timeout: WITHIN_MS + 60_000 },
    async () => {
      const { id } = await api<CampaignView>('POST', '/v1/campaigns', {
        name: 'Mixed callees',
        agentId: 'short',
        schedule: { windows: ALWAYS },
        limits: { ringTimeoutSeconds: 5, maxDurationSeconds: 60 },
        retry: { maxAttempts: 2, on: ['busy'], delaySeconds: 10, backoff: 'fixed' },
        voicemail: { detect: true, action: 'hang-up' },
      });
      await api('POST', '/v1/do-not-call', { numbers: [numberOf(7), numberOf(1_999)] });

      const hostile = [
        '1.4155E+10,x,',
        '=+14155562000,x,',
        '911,x,',
        ',nobody,',
        '+14155562000,Ada,',
        '"+1415,5562000",=cmd|calc,',
        'DROP TABLE,x,',
      ];
      const rows = Array.from(
        { length: CONTACTS },
        (_, i) => `${numberOf(i)},"Ada ""${i}"" 🎉",${i % 50 === 0 ? 'Europe/Berlin' : ''}`,
      );
      const file = ['number,name,timezone', ...rows.slice(0, 900), ...hostile, ...rows.slice(900)].join('\r\n');
      const report = await api<Record<string, unknown>>('POST', `/v1/campaigns/${id}/contacts`, file, {
        'Content-Type': 'text/csv',
      });
      expect(report).toMatchObject({ accepted: CONTACTS, duplicates: 1, failed: 6, stopped: null });

      await api('POST', `/v1/campaigns/${id}/start`, {});
      const giveUpAt = Date.now() + WITHIN_MS;
      let campaign: CampaignView;
      do {
        await systemTimers.sleep(1_000);
        campaign = await api<CampaignView>('GET', `/v1/campaigns/${id}`);
        expect(campaign.ledger, JSON.stringify(campaign.ledger)).toMatchObject({ contacts: CONTACTS, balanced: true });
        if (Date.now() > giveUpAt) throw new Error(`it is not through: ${JSON.stringify(campaign.ledger)}`);
      } while (campaign.status !== 'completed');

      expect(campaign.ledger).toMatchObject({
        pending: 0,
        scheduled: 0,
        active: 0,
        canceled: 0,
        skipped: { 'do-not-call': 2 },
        done: CONTACTS - 2,
      });
      const lines = await house.api(`/v1/campaigns/${id}/contacts`, { headers: { Accept: 'application/x-ndjson' } });
      const contacts = (await lines.text())
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as ContactView);
      const creates = new Map<string, number>();
      for (const { to } of house.simulator.entries({ kind: 'create-request' }))
        creates.set(String(to), (creates.get(String(to)) ?? 0) + 1);
      for (const { to, attempts, status, reason } of contacts)
        expect([to, status, reason, creates.get(to) ?? 0]).toEqual([to, status, reason, attempts]);
      expect(contacts.filter(({ reason }) => reason === 'busy').every(({ attempts }) => attempts === 2)).toBe(true);

      const stats = await api<{ causes: Record<string, number>; answered: number }>('GET', `/v1/campaigns/${id}/stats`);
      expect(Object.values(stats.causes).reduce((sum, count) => sum + count, 0)).toBe(CONTACTS - 2);
      expect(Object.keys(stats.causes)).toEqual(
        expect.arrayContaining(['busy', 'no-answer', 'invalid-number', 'callee-hung-up']),
      );
      expect(stats.answered).toBeGreaterThan(CONTACTS / 10);
    },
  );
});
