import type { Call } from '@onhook/call';
import { DEFAULT_HOURS } from '@onhook/campaign';
import type { CampaignId, E164 } from '@onhook/contracts';
import { createVirtualTime } from '@onhook/service/virtual-time';
import type { KeptCampaign } from '@onhook/store';
import { describe, expect, it } from 'vitest';
import { createCampaignTerms } from './campaign-terms.js';

const ID = 'camp_01k00000000000000000000000' as CampaignId;
const OTHER = '+14155550188' as E164;
const callOf = (zones: string[]): Call => ({ campaign: { id: ID, contact: '0:1', round: 1, zones } }) as unknown as Call;
/** A Tuesday, noon in London. */
const NOON = Date.parse('2026-06-16T11:00:00Z');

function setUp(fromNumbers: E164[] = []) {
  const time = createVirtualTime();
  const campaigns = { kept: { revision: 3, campaign: { hours: DEFAULT_HOURS, fromNumbers } } as unknown as KeptCampaign | null };
  let loads = 0;
  const terms = createCampaignTerms({ campaigns: { load: async () => (loads++, campaigns.kept) }, clock: time });
  return { time, campaigns, terms, loads: () => loads };
}

describe('what a call’s campaign asks of admission', () => {
  it('is nothing for a call without one', async () => {
    const { terms, loads } = setUp();
    expect(await terms.of({} as Call, NOON)).toEqual({});
    expect(loads()).toBe(0);
  });

  it('is that it runs at the revision that the window was worked out from, and the window of the callee’s own time zone', async () => {
    const { terms } = setUp();
    const london = await terms.of(callOf(['Europe/London']), NOON);
    expect(london.campaign).toEqual({ id: ID, revision: 3 });
    expect(london.window!.opensAt).toBeLessThanOrEqual(NOON);
    expect(london.window!.closesAt).toBeGreaterThan(NOON);
    expect((await terms.of(callOf(['America/Los_Angeles']), NOON)).window!.opensAt).toBeGreaterThan(NOON);
    expect(london).not.toHaveProperty('fromNumbers');
    expect(await setUp([OTHER]).terms.of(callOf(['Europe/London']), NOON)).toMatchObject({ fromNumbers: [OTHER] });
  });

  it('is never met by a callee whose time zone nobody knows, nor by a campaign that is gone', async () => {
    const { terms, campaigns } = setUp();
    expect((await terms.of(callOf([]), NOON)).window!.opensAt).toBeGreaterThan(NOON);
    campaigns.kept = null;
    terms.forget(callOf([]));
    expect(await terms.of(callOf([]), NOON)).toEqual({ campaign: { id: ID, revision: -1 } });
  });

  it('is remembered for five seconds, and looked up anew once admission says that the campaign was edited', async () => {
    const { terms, campaigns, loads, time } = setUp();
    const call = callOf(['Europe/London']);
    for (let i = 0; i < 10; i++) await terms.of(call, NOON);
    expect(loads()).toBe(1);
    campaigns.kept = { ...campaigns.kept!, revision: 4 };
    terms.forget(call);
    expect((await terms.of(call, NOON)).campaign).toEqual({ id: ID, revision: 4 });
    await time.advance(5_001);
    await terms.of(call, NOON);
    expect(loads()).toBe(3);
  });
});
