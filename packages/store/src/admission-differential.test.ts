import type { E164, GatewayId } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock } from '@onhook/service';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.js';
import {
  createMemoryAdmission,
  createMemoryAdmissionControl,
  createMemoryDatabase,
  createMemoryDoNotCall,
} from './adapters/memory/index.js';
import {
  connectRedis,
  createRedisAdmission,
  createRedisAdmissionControl,
  createRedisDoNotCall,
  type RedisClient,
} from './adapters/redis/index.js';
import { OTHER_FROM, RUNNING, THIRD_FROM } from './conformance/admission-request.js';
import { FROM, idFor, newAccount } from './conformance/sample-call.js';
import type { Admission } from './ports/admission.js';
import type { AdmissionControl, CampaignTerms, LimitsChange } from './ports/admission-control.js';
import type { DoNotCallList } from './ports/do-not-call.js';

let server: TestRedis;
let redis: RedisClient;
beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  redis = await connectRedis(server.url, 'producer', { logger: silentLogger });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const FROM_NUMBERS = [FROM, OTHER_FROM, THIRD_FROM];
const NUMBERS = ['+14155550101', '+14155550102', '+442071838750'] as E164[];
const GATEWAYS = ['gw_1', 'gw_2'] as GatewayId[];
const CALLS = 5;

const few = fc.option(fc.nat(3), { nil: null });
/** A turn every 1000 s: there is one, and then none for the rest of the run, whatever the clocks do. */
const rate = fc.constantFrom(null, null, null, 0.001);
const limits: fc.Arbitrary<LimitsChange> = fc.record(
  {
    maxConcurrent: few,
    callsPerSecond: rate,
    maxConcurrentPerFrom: few,
    callsPerSecondPerFrom: rate,
    attemptsPerNumberPerDay: few,
    countries: fc.constantFrom(null, ['US'], ['US', 'GB'], 'default' as const),
    numberTypes: fc.constantFrom(null, ['mobile' as const], 'default' as const),
    minutesPerDay: fc.option(fc.nat(12), { nil: null }),
    microsPerDay: fc.option(fc.nat(400), { nil: null }),
    microsPerMinute: fc.constantFrom(null, { '*': 10 }, { GB: 90, '*': 30 }, 'default' as const),
  },
  { requiredKeys: [] },
);
const terms: fc.Arbitrary<CampaignTerms | null> = fc.oneof(
  fc.constant(RUNNING),
  fc.constant(null),
  fc.record({
    state: fc.constantFrom('running' as const, 'running' as const, 'paused' as const, 'canceled' as const),
    revision: fc.constantFrom(1, 1, 1, 2),
    maxConcurrent: few,
    callsPerSecond: rate,
    minutes: fc.option(fc.nat(9), { nil: null }),
    micros: fc.option(fc.nat(300), { nil: null }),
  }),
);
const which = fc.nat(CALLS - 1);
const command = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      which,
      number: fc.nat(NUMBERS.length - 1),
      from: fc.constantFrom(null, null, FROM, OTHER_FROM, '+14155550166' as E164),
      ofOwn: fc.boolean(),
      sticky: fc.boolean(),
      inCampaign: fc.boolean(),
      window: fc.constantFrom(null, null, null, 'open' as const, 'later' as const, 'over' as const),
      minutes: fc.integer({ min: 1, max: 4 }),
      seats: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('release' as const), which, used: fc.constantFrom('not-dialed' as const, 0, 1, 3) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limits' as const), change: limits }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('campaign' as const), terms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('do-not-call' as const), on: fc.boolean(), number: fc.nat(NUMBERS.length - 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restore' as const), which, number: fc.nat(NUMBERS.length - 1), gone: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'look' as const }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

interface Side {
  readonly admission: Admission;
  readonly control: AdmissionControl;
  readonly doNotCall: DoNotCallList;
}

async function run(
  { admission, control, doNotCall }: Side,
  account: string,
  ids: readonly ReturnType<typeof idFor>[],
  step: Command,
): Promise<unknown> {
  const now = systemClock.now();
  switch (step.do) {
    case 'ask': {
      const windows = {
        open: { opensAt: now - 3_600_000, closesAt: now + 3_600_000 },
        later: { opensAt: now + 3_600_000, closesAt: now + 7_200_000 },
        over: { opensAt: now - 7_200_000, closesAt: now - 3_600_000 },
      };
      return admission.ask({
        account,
        callId: ids[step.which]!,
        n: 1,
        to: NUMBERS[step.number]!,
        destination: { country: step.number === 2 ? 'GB' : 'US', type: step.number === 1 ? 'fixed-line' : 'mobile' },
        from: step.from,
        ...(step.ofOwn && { fromNumbers: [OTHER_FROM, THIRD_FROM] }),
        sticky: step.sticky,
        leaseMs: 600_000,
        mostMinutes: step.minutes,
        campaign: step.inCampaign ? { id: 'spring', revision: 1 } : null,
        window: step.window && windows[step.window],
        ...(step.seats && {
          gateways: GATEWAYS.slice(0, step.seats).map((gatewayId, i) => ({ gatewayId, seats: 1 + i, live: i })),
        }),
      });
    }
    case 'release':
      return admission.release(account, ids[step.which]!, 1, step.used);
    case 'limits':
      return control.setLimits(account, step.change);
    case 'campaign':
      return control.setCampaign(account, 'spring', step.terms);
    case 'kill':
      return control.setKillSwitch(account, step.on);
    case 'do-not-call':
      return step.on
        ? doNotCall.add(account, [{ number: NUMBERS[step.number]! }])
        : doNotCall.remove(account, [NUMBERS[step.number]!]);
    case 'restore':
      return admission.restore({
        account,
        callId: ids[step.which]!,
        n: 1,
        to: NUMBERS[step.number]!,
        from: FROM,
        campaignId: 'spring',
        mostMinutes: 2,
        microsPerMinute: step.gone ? null : 7,
        gatewayId: GATEWAYS[0]!,
        expiresAt: now + (step.gone ? -60_000 : 600_000),
      });
    case 'look':
      return {
        places: (await admission.places(account)).map(({ callId }) => callId).toSorted(),
        usage: await control.usage(account),
        limits: await control.limits(account),
        campaign: await control.campaign(account, 'spring'),
        listed: (await Promise.all(NUMBERS.map((number) => doNotCall.find(account, number)))).map((entry) => entry !== null),
      };
  }
}

/** Each has a clock of its own: moments are compared by being moments, short waits by being short. */
function withoutMoments(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer ?? null), (name, value: unknown) => {
    if (typeof value !== 'number') return value;
    if (value > 1_000_000_000_000) return 'a moment';
    return name === 'retryInMs' ? 'soon' : value;
  });
}

describe('the memory admission', () => {
  it('answers every question as the Redis admission does', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), limits, async (steps, first) => {
        const account = newAccount();
        const ids = Array.from({ length: CALLS }, () => idFor(account, null));
        const prefix = `test-${systemChance.uuid().slice(0, 8)}`;
        const configured = { fromNumbers: FROM_NUMBERS, limits: { maxConcurrent: 4 } };
        const database = createMemoryDatabase(systemClock);
        const here: Side = {
          admission: createMemoryAdmission({ database, ...configured }),
          control: createMemoryAdmissionControl({ database }),
          doNotCall: createMemoryDoNotCall({ database }),
        };
        const there: Side = {
          admission: createRedisAdmission({ redis, prefix, ...configured }),
          control: createRedisAdmissionControl({ redis, prefix }),
          doNotCall: createRedisDoNotCall({ redis, prefix }),
        };
        const opening: Command[] = [
          { do: 'limits', change: first },
          { do: 'campaign', terms: RUNNING },
        ];
        for (const each of [...opening, ...steps, { do: 'look' } as const]) {
          const answers = await Promise.all([run(here, account, ids, each), run(there, account, ids, each)]);
          expect(withoutMoments(answers[0]), `after ${JSON.stringify(each)}`).toEqual(withoutMoments(answers[1]));
          const { verdict, reason, cause } = (answers[0] ?? {}) as { verdict?: string; reason?: string; cause?: string };
          if (verdict) seen.set(reason ?? cause ?? verdict, (seen.get(reason ?? cause ?? verdict) ?? 0) + 1);
        }
      }),
      { numRuns: 50 },
    );
    // A run in which nothing was ever refused would prove little.
    for (const word of ['granted', 'destination-busy', 'max-concurrent', 'do-not-call', 'kill-switch', 'outside-calling-window'])
      expect(seen.get(word), word).toBeGreaterThan(0);
  });
});
