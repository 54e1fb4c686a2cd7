import type { E164 } from '@onhook/contracts';
import { accountLimits, limitSettings } from '@onhook/dial-rules';
import { readConfig } from '@onhook/service';
import { createMemoryAdmission, createMemoryAdmissionControl } from '@onhook/store/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FROM, startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
const limits = accountLimits(readConfig(z.object(limitSettings), {}), [FROM]);
let now = 1_800_000_000_000;
const clock = { now: () => now, monotonicMs: () => now };
beforeAll(async () => {
  test = await startTestApi({ clock, settings: { limits } });
});
afterAll(() => test.stop());

interface LimitsView {
  configured: Record<string, unknown>;
  set: Record<string, unknown>;
  inForce: Record<string, unknown>;
  inUse: Record<string, number>;
  dialing: { enabled: boolean };
  nextSlotAt: string | null;
  waiting: { reason: string } | null;
}
const get = async () => (await test.send<LimitsView>('GET', '/v1/limits')).body;
const whyNot = async (to: string) => (await test.create({ to })).text.match(/"code":"([a-z-]+)","message/)?.[1] ?? 'taken';

describe('limits', () => {
  it('are those of the environment until an operator sets others, for this and every other process', async () => {
    expect(await get()).toMatchObject({
      configured: { maxConcurrent: 100, callsPerSecond: 1, countries: ['US'] },
      set: {},
      inUse: { calls: 0, minutesToday: 0, minutesHeld: 0 },
      dialing: { enabled: true },
      waiting: null,
    });
    const put = await test.send<LimitsView>('PUT', '/v1/limits', { callsPerSecond: 2.5, maxConcurrent: null });
    expect([put.status, put.body.set]).toEqual([200, { callsPerSecond: 2.5, maxConcurrent: null }]);
    expect(put.body.inForce).toMatchObject({ callsPerSecond: 2.5, maxConcurrent: null, countries: ['US'] });
    await test.send('PUT', '/v1/limits', { callsPerSecond: 'default', maxConcurrent: 'default' });
    expect((await get()).set).toEqual({});
  });

  it.each([
    { callsPerSecond: 0 },
    { maxConcurrent: -1 },
    { maxConcurrent: 1.5 },
    { countries: ['usa'] },
    { numberTypes: ['landline'] },
    { callPerSecond: 1 },
    { callsPerSecond: 'fast' },
  ])('that are none are refused: %j', async (body) => {
    expect((await test.send('PUT', '/v1/limits', body)).status).toBe(422);
    expect((await get()).set).toEqual({});
  });

  it('say when the next dial may be, and that there is none while dialing is off', async () => {
    expect((await get()).nextSlotAt).toBe(new Date(now).toISOString());
    await test.send('PUT', '/v1/dialing', { enabled: false });
    expect(await get()).toMatchObject({ dialing: { enabled: false }, nextSlotAt: null });
    await test.send('PUT', '/v1/dialing', { enabled: true });
  });

  it('refuse a call at once that admission would refuse later, and follow what is set', async () => {
    expect(await whyNot(TO)).toBe('taken');
    expect(await whyNot('+442079460000')).toBe('country-not-allowed');
    expect(await whyNot('+18765551234')).toBe('country-not-allowed');
    await test.send('PUT', '/v1/limits', { countries: ['GB', 'JM'], numberTypes: ['fixed-line'] });
    expect(await whyNot('+442079460000')).toBe('taken');
    expect(await whyNot('+18765551234')).toBe('number-type-not-allowed');
    expect(await whyNot(TO)).toBe('country-not-allowed');
    // Another process changes it: a second later this one has heard.
    const other = createMemoryAdmissionControl({ database: test.database });
    await other.setLimits('default', { countries: ['US'], numberTypes: null });
    now += 1_001;
    await whyNot(TO);
    expect(await whyNot(TO)).toBe('taken');
    await test.send('PUT', '/v1/limits', { countries: 'default', numberTypes: 'default' });
    expect(await whyNot(TO)).toBe('taken');
  });
});

describe('phone numbers', () => {
  it('are told with what they have in flight', async () => {
    const admission = createMemoryAdmission({ database: test.database, fromNumbers: [FROM] });
    const { body: call } = await test.create();
    await admission.ask({
      account: 'default',
      callId: call.id as Parameters<typeof test.store.calls.load>[0],
      n: 1,
      to: TO as E164,
      destination: { country: 'US', type: 'mobile' },
      from: null,
      leaseMs: 60_000,
      mostMinutes: 2,
    });
    const { body } = await test.send<{ data: unknown[] }>('GET', '/v1/phone-numbers');
    expect(body.data).toEqual([
      {
        number: FROM,
        country: 'US',
        type: 'fixed-line-or-mobile',
        inFlight: 1,
        maxConcurrent: null,
        callsPerSecond: null,
        recent: { since: expect.any(String), attempts: 0, answered: 0, answerRate: null },
      },
    ]);
    expect((await get()).inUse).toMatchObject({ calls: 1, minutesHeld: 2 });
  });
});
