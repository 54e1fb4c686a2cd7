import type { NewCallEvent } from '@onhook/call';
import type { CallId, CarrierStatus } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.js';
import { createMemoryDatabase, createMemoryStore } from './adapters/memory/index.js';
import { connectRedis, createRedisStore, type RedisClient } from './adapters/redis/index.js';
import { FROM, idFor, keyed, newGateway, newSid, newStreamSid, sampleCall } from './conformance/sample-call.js';
import type { Calls } from './ports/calls.js';

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

const SIDS = [newSid(), newSid()] as const;
const STREAMS = [newStreamSid(), newStreamSid()] as const;
const GATEWAYS = [newGateway(), newGateway()] as const;
const ACCOUNT = 'AC-differential';
const KEYS = ['one', 'two', 'three'] as const;

const sid = fc.constantFrom(...SIDS);
const streamSid = fc.constantFrom(...STREAMS);
const gatewayId = fc.constantFrom(...GATEWAYS);
const n = fc.constantFrom(1, 1, 1, 2);
const status = fc.constantFrom<CarrierStatus>('queued', 'ringing', 'in-progress', 'completed', 'busy', 'failed');

const event: fc.Arbitrary<NewCallEvent> = fc.oneof(
  fc.record({ type: fc.constant('dial-started' as const), source: fc.constant('dialer' as const), n, from: fc.constant(FROM) }),
  fc.record({ type: fc.constant('accepted' as const), source: fc.constant('dialer' as const), n, sid }),
  fc.record({ type: fc.constant('unclear' as const), source: fc.constant('dialer' as const), n, reason: fc.constant('timeout') }),
  fc.record({
    type: fc.constant('refused' as const),
    source: fc.constant('dialer' as const),
    n,
    code: fc.constant(21_211),
    retryable: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('carrier' as const),
    source: fc.constant('callback' as const),
    n,
    sid,
    status,
    via: fc.constant('callback' as const),
  }),
  fc.record({
    type: fc.constant('stream-started' as const),
    source: fc.constant('gateway' as const),
    n,
    sid,
    streamSid,
    gatewayId,
  }),
  fc.record({
    type: fc.constant('media-closed' as const),
    source: fc.constant('gateway' as const),
    streamSid,
    why: fc.constantFrom('stop' as const, 'lost' as const),
  }),
  fc.record({
    type: fc.constant('end-asked' as const),
    source: fc.constant('api' as const),
    cause: fc.constant('operator-ended-call' as const),
    by: fc.constant('operator' as const),
  }),
  fc.record({
    type: fc.constant('held' as const),
    source: fc.constant('dialer' as const),
    until: fc.constant(1),
    reason: fc.constant('window'),
  }),
  fc.record({ type: fc.constant('settled' as const), source: fc.constant('hangup' as const), n }),
  fc.record({ type: fc.constant('noted' as const), source: fc.constant('gateway' as const), n, recordingMs: fc.nat(9_999) }),
  fc.record({
    type: fc.constant('deadline-passed' as const),
    source: fc.constant('watchdog' as const),
    deadline: fc.constant(5),
  }),
);

const which = fc.nat(KEYS.length - 1);
type Command =
  | { do: 'create'; which: number; fingerprint: string; later: boolean }
  | { do: 'apply'; which: number; event: NewCallEvent }
  | { do: 'renew'; which: number; gateway: number; stream: number }
  | { do: 'look' };
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      which,
      fingerprint: fc.constantFrom('f', 'f', 'g'),
      later: fc.boolean(),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('apply' as const), which, event }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), which, gateway: fc.nat(1), stream: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'look' as const }) },
);

/** An ordinary start, so that most runs get somewhere; chance goes on from there. */
const opening: Command[] = [
  { do: 'create', which: 0, fingerprint: 'f', later: false },
  { do: 'apply', which: 0, event: { type: 'dial-started', source: 'dialer', n: 1, from: FROM } },
  { do: 'apply', which: 0, event: { type: 'accepted', source: 'dialer', n: 1, sid: SIDS[0] } },
];

async function run(calls: Calls, ids: readonly CallId[], { ...command }: Command): Promise<unknown> {
  switch (command.do) {
    case 'create': {
      const notBefore = command.later ? systemClock.now() + 3_600_000 : null;
      const asked = sampleCall({ account: ACCOUNT, callId: ids[command.which]!, notBefore }, KEYS[command.which]!);
      return calls.create(asked, keyed(ACCOUNT, KEYS[command.which]!, command.fingerprint));
    }
    case 'apply':
      return calls.apply(ids[command.which]!, command.event);
    case 'renew':
      return calls.renewLeases(GATEWAYS[command.gateway]!, [
        { callId: ids[command.which]!, streamSid: STREAMS[command.stream]! },
      ]);
    case 'look':
      return {
        loaded: await Promise.all(ids.map((id) => calls.load(id))),
        timelines: await Promise.all(ids.map((id) => calls.timeline(id))),
        found: await Promise.all(SIDS.map((each) => calls.findBySid(each))),
        listed: (await calls.list({ limit: 10, cursor: null })).calls.map(({ callId }) => callId).toSorted(),
        due: (await calls.due(10)).map(({ callId }) => callId).toSorted(),
        expired: await calls.expiredLeases(10),
      };
  }
}

/** Both have a clock of their own: moments are compared by being moments, everything else exactly. */
function withoutMoments(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer ?? null), (_, value: unknown) =>
    typeof value === 'number' && value > 1_000_000_000_000 ? 'a moment' : value,
  );
}

describe('the memory store', () => {
  it('answers every command as the Redis store does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), fc.boolean(), async (commands, hasOpening) => {
        const options = { keptNoNews: 4 };
        const ids = KEYS.map((key) => idFor(ACCOUNT, key));
        const prefix = `test-${systemChance.uuid().slice(0, 8)}`;
        const onRedis = createRedisStore({
          redis,
          prefix,
          chance: systemChance,
          timers: systemTimers,
          logger: silentLogger,
          options,
        });
        const inMemory = createMemoryStore({ database: createMemoryDatabase(systemClock), chance: systemChance, options });
        for (const each of [...(hasOpening ? opening : []), ...commands, { do: 'look' } as const]) {
          const [here, there] = await Promise.all([run(inMemory.calls, ids, each), run(onRedis.calls, ids, each)]);
          expect(withoutMoments(here), `after ${each.do}`).toEqual(withoutMoments(there));
        }
      }),
      { numRuns: 60 },
    );
  });
});
