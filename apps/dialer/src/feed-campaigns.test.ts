import type { E164 } from '@onhook/contracts';
import { contactCallId, tellCampaign, termsOf } from '@onhook/store';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, BERLIN, feedWorld, LA, NOON } from './testing/feed-world.js';

describe('a running campaign', () => {
  it('has a few calls ahead, and gets more only as they are dialed', async () => {
    const { feeder, start, ledger, wakes, calls, admission } = feedWorld();
    const campaign = await start();
    const round = feeder();
    await round();
    await round();
    expect(await ledger(campaign.id)).toMatchObject({ pending: 90, active: 10 });
    expect(wakes).toHaveLength(10);
    const callId = contactCallId(campaign.id, '0:0', 0);
    expect((await calls.load(callId))?.call).toMatchObject({
      state: 'queued',
      to: '+14155552000',
      variables: { name: 'Ada', slot: '3 pm' },
      metadata: { batch: 7 },
      campaign: { id: campaign.id, contact: '0:0', round: 0, zones: LA },
    });
    // Three of them get their turn.
    for (let i = 0; i < 3; i++) {
      const given = {
        leaseMs: 60_000,
        mostMinutes: 1,
        from: null,
        destination: { country: 'US', type: 'mobile' },
      } as const;
      const to = `+1415555${2_000 + i}` as E164;
      const id = contactCallId(campaign.id, `0:${i}`, 0);
      const asked = { account: ACCOUNT, callId: id, n: 1, to, campaign: { id: campaign.id, revision: 1 }, ...given };
      expect((await admission.ask(asked)).verdict).toBe('granted');
    }
    await round();
    expect(await ledger(campaign.id)).toMatchObject({ pending: 87, active: 13 });
  });

  it('calls nobody outside the window of his own zone', async () => {
    const { feeder, start, ledger, contacts, add, time } = feedWorld();
    const { id } = await start({}, 2, BERLIN);
    await feeder()();
    expect(await ledger(id)).toMatchObject({ pending: 2, active: 0 });
    await add(id, 1, LA);
    await feeder()();
    expect(await ledger(id)).toMatchObject({ pending: 2, active: 1 });
    await time.advance(11.5 * 3_600_000);
    await feeder()();
    expect(await contacts.waiting(id)).toEqual([]);
  });

  it('shares the account with the others, by weight', async () => {
    const { feeder, start, ledger } = feedWorld();
    const one = await start();
    const two = await start({ weight: 4 });
    await feeder()();
    expect([(await ledger(one.id)).active, (await ledger(two.id)).active]).toEqual([2, 8]);
  });

  it('is not held up by calls that wait, and not for their turn', async () => {
    const { feeder, start, ledger, contacts, time } = feedWorld();
    const { id } = await start();
    const round = feeder();
    await round();
    for (let i = 0; i < 10; i++) await contacts.hold(id, `0:${i}`, time.now() + 3_600_000);
    await round();
    expect(await ledger(id)).toMatchObject({ active: 20 });
  });

  it('that is paused or canceled is given nobody more, and admission is told if nobody else has told it', async () => {
    const { feeder, start, ledger, change, control, campaigns, contacts, end } = feedWorld();
    const { id } = await start();
    const round = feeder();
    await round();
    const kept = (await change(id, { state: 'paused' }))!;
    await round();
    expect(await control.campaign(ACCOUNT, id)).toEqual(termsOf(kept));
    expect(await ledger(id)).toMatchObject({ active: 10, pending: 90 });
    expect(await campaigns.running()).toEqual([id]);
    await change(id, { state: 'canceled' });
    await contacts.close(id, 'canceled');
    for (let i = 0; i < 10; i++) await tellCampaign(contacts, await end(id, `0:${i}`, 'canceled'));
    await round();
    expect(await ledger(id)).toMatchObject({ canceled: 100 });
    expect(await campaigns.running()).toEqual([]);
  });

  it('ends the calls that wait when it is canceled', async () => {
    const { feeder, start, change, time, calls, wakes } = feedWorld();
    const { id } = await start({}, 2);
    const round = feeder();
    await round();
    await change(id, { state: 'canceled' });
    wakes.length = 0;
    await time.advance(6_000);
    await round();
    expect((await calls.load(contactCallId(id, '0:0', 0)))?.call).toMatchObject({
      state: 'settling',
      end: { cause: 'canceled' },
    });
    expect(wakes.filter(({ type }) => type === 'wake-hangup')).toHaveLength(2);
  });

  it('is completed when nobody is left', async () => {
    const { feeder, start, ledger, state, end, contacts } = feedWorld();
    const { id } = await start({}, 2);
    const round = feeder();
    await round();
    await tellCampaign(contacts, await end(id, '0:0'));
    await round();
    expect(await state(id)).toMatchObject({ state: 'running' });
    await tellCampaign(contacts, await end(id, '0:1'));
    await round();
    expect(await ledger(id)).toMatchObject({ skipped: { 'do-not-call': 2 } });
    expect(await state(id)).toMatchObject({ state: 'completed' });
  });

  it('skips who is left when its time is over', async () => {
    const { feeder, start, ledger, state, time } = feedWorld();
    const { id } = await start({ endAt: NOON + 1_000 });
    const round = feeder();
    await round();
    await time.advance(1_000);
    await round();
    expect(await ledger(id)).toMatchObject({ active: 10, skipped: { expired: 90 } });
    expect(await state(id)).toMatchObject({ state: 'completed' });
  });

  it('begins when its time has come', async () => {
    const { feeder, start, ledger, time } = feedWorld();
    const { id } = await start({ startAt: NOON + 1_000 });
    await feeder()();
    expect(await ledger(id)).toMatchObject({ active: 0 });
    await time.advance(1_000);
    await feeder()();
    expect(await ledger(id)).toMatchObject({ active: 10 });
  });

  it('in test mode calls one contact, and pauses', async () => {
    const { feeder, start, ledger, state, end, contacts } = feedWorld();
    const { id } = await start({ testMode: true });
    const round = feeder();
    await round();
    await round();
    expect(await ledger(id)).toMatchObject({ active: 1, pending: 99 });
    await tellCampaign(contacts, await end(id, '0:0'));
    await round();
    expect(await state(id)).toMatchObject({ state: 'paused', pausedBy: 'test' });
  });

  it('pauses itself when too many of its calls fail', async () => {
    const { feeder, start, state, contacts, control } = feedWorld();
    const { id } = await start({ autoPause: { errorRate: 0.5, minCalls: 4 } });
    const round = feeder();
    await round();
    const failed = {
      state: 'done',
      attempts: 1,
      reason: 'dial-failed',
      isError: true,
      wasAnswered: false,
      endedAt: NOON,
      durationSec: 0,
    } as const;
    for (let i = 0; i < 3; i++) await contacts.step(id, { ref: `0:${i}`, round: 0 }, failed);
    await round();
    expect(await state(id)).toMatchObject({ state: 'running' });
    await contacts.step(id, { ref: '0:3', round: 0 }, failed);
    await round();
    expect(await state(id)).toMatchObject({ state: 'paused', pausedBy: 'errors' });
    expect(await control.campaign(ACCOUNT, id)).toMatchObject({ state: 'paused' });
  });

  it('ramps up', async () => {
    const { feeder, start, control, time } = feedWorld();
    const { id } = await start({ callsPerSecond: 10, rampUpSec: 100 });
    await feeder()();
    expect(await control.campaign(ACCOUNT, id)).toMatchObject({ callsPerSecond: 1 });
    await time.advance(50_000);
    await feeder()();
    expect(await control.campaign(ACCOUNT, id)).toMatchObject({ callsPerSecond: 5.5 });
    await time.advance(50_000);
    await feeder()();
    expect(await control.campaign(ACCOUNT, id)).toMatchObject({ callsPerSecond: 10 });
  });
});

describe('whatever a process that died has left', () => {
  it('is fed by the next round of another one, and nobody gets two calls', async () => {
    const { feeder, start, ledger, contacts, calls, time, wakes } = feedWorld();
    const { id } = await start({}, 30);
    const dies = feeder({
      fed: () => {
        throw new Error('killed');
      },
    });
    await dies();
    expect((await contacts.feeding(id)).length).toBeGreaterThan(0);
    const before = wakes.length;
    const other = feeder({}, 'other');
    await other();
    expect(wakes).toHaveLength(before);
    await time.advance(1_600);
    await other();
    expect(await contacts.feeding(id)).toEqual([]);
    expect(await ledger(id)).toMatchObject({ active: 10, pending: 20 });
    expect((await calls.list({ limit: 100, cursor: null })).calls).toHaveLength(10);
  });

  it('untold is told by the audit', async () => {
    const { feeder, start, ledger, end, time } = feedWorld();
    const { id } = await start({}, 2);
    const round = feeder();
    await round();
    await end(id, '0:0');
    expect(await ledger(id)).toMatchObject({ active: 2 });
    await time.advance(6_000);
    await round();
    expect(await ledger(id)).toMatchObject({ active: 1, skipped: { 'do-not-call': 1 } });
  });

  it('without a record is done, and not dialed again', async () => {
    const { start, ledger, contacts, feeder, time } = feedWorld();
    const { id } = await start({}, 2);
    for (const { batch } of await contacts.take(id, LA, 1)) await contacts.fed(id, batch);
    await feeder()();
    await time.advance(6_000);
    expect(await ledger(id)).toMatchObject({ done: 1, active: 1 });
    expect(await contacts.contact(id, '0:0')).toMatchObject({ reason: 'submission-lost' });
  });
});
