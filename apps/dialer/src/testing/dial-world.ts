import { createFakeCarrier } from '@onhook/carrier/fake';
import { newCallId, type CallId, type E164, type GatewayId, type Wake } from '@onhook/contracts';
import { classifyNumber } from '@onhook/dial-rules';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { type AccountLimits, type Admission, type Admitted, type Calls } from '@onhook/store';
import { createMemoryAdmission, createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { createAdmit } from '../admit.js';
import { createCampaignTerms } from '../campaign-terms.js';
import { createDial, type DialDeps } from '../dial.js';
import { createReadiness } from '../readiness.js';
import { createTellRecord } from '../tell-record.js';

export const FROM = '+14155550199' as E164;
export const GRANTED: Admitted = {
  verdict: 'granted',
  from: FROM,
  inMs: 0,
  turnUs: 0,
  askedUs: 0,
  microsPerMinute: 0,
  gatewayId: 'gw_2' as GatewayId,
};
export const SECRET = 'a-secret-of-some-length';

/** What a dialer lives among: a store in memory, a carrier that does as it is told, a clock that stands. */
export async function createDialWorld({
  hangupWorkers = 1,
  seats = 10,
  busy = 9,
  maxConcurrent = 10,
  admission: given,
  limits = {},
  looked = { verdict: 'clear' },
}: {
  hangupWorkers?: number;
  seats?: number;
  /** Of ten seats at another gateway. */
  busy?: number;
  maxConcurrent?: number;
  admission?: Pick<Admission, 'ask' | 'release'>;
  limits?: Partial<AccountLimits>;
  looked?: Awaited<ReturnType<DialDeps['lookBeforeDial']>>;
} = {}) {
  const time = createVirtualTime();
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls, directory, beats } = createMemoryStore({ database, chance });
  const carrier = createFakeCarrier({ clock: time, timers: time });
  const wakes: Wake[] = [];
  if (hangupWorkers > 0) await beats.beat('hangup', 'worker-1', 3_600_000);
  if (seats > 0) {
    await directory.beat(
      { gatewayId: 'gw_1' as GatewayId, mediaUrl: 'wss://busy.example/media', live: busy, seats: 10, draining: false },
      3_600_000,
    );
    await directory.beat(
      { gatewayId: 'gw_2' as GatewayId, mediaUrl: 'wss://empty.example/media', live: 0, seats, draining: false },
      3_600_000,
    );
    await directory.beat(
      { gatewayId: 'gw_3' as GatewayId, mediaUrl: 'wss://leaving.example/media', live: 0, seats, draining: true },
      3_600_000,
    );
  }
  const tellRecord = (store: Pick<Calls, 'apply'>) =>
    createTellRecord({
      calls: store,
      waker: async (more) => void wakes.push(...more),
      clock: time,
      timers: time,
      logger: silentLogger,
      withinMs: 15_000,
    });
  const admission = createMemoryAdmission({ database, fromNumbers: [FROM], limits: { maxConcurrent, ...limits } });
  const admitBy = (asked: Pick<Admission, 'ask'>) =>
    createAdmit({
      admission: asked,
      campaignTerms: createCampaignTerms({ campaigns: { load: async () => null }, clock: time }),
      classify: classifyNumber,
      clock: time,
      timers: time,
    });
  const dials: DialDeps = {
    calls,
    admit: admitBy(given ?? admission),
    places: given ?? admission,
    carrier,
    readiness: createReadiness({ directory, beats, clock: time }),
    directory,
    lookBeforeDial: async () => looked,
    tellRecord: tellRecord(calls),
    chance,
    clock: time,
    logger: silentLogger,
    publicUrl: 'https://onhook.example',
    streamTokenSecret: SECRET,
  };
  const dialer = () => createDial(dials);

  let callees = 0;
  async function enqueue(to = `+1415555${String(2_000 + callees++)}` as E164): Promise<CallId> {
    const callId = newCallId('c', chance.uuidv7());
    await calls.create(
      {
        callId,
        account: 'default',
        to,
        from: null,
        agentId: 'demo',
        variables: {},
        metadata: {},
        notBefore: null,
        policy: {
          ringTimeoutSec: 30,
          maxDurationSec: 600,
          transferLimitSec: 0,
          latestAt: null,
          voicemail: 'continue',
          redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 60 },
        },
      },
      null,
    );
    return callId;
  }
  const stateOf = async (callId: CallId) => (await calls.load(callId))!.call;
  const placed = () => carrier.requests.filter((request) => request.type === 'place');
  return {
    time,
    chance,
    database,
    directory,
    beats,
    admission,
    calls,
    carrier,
    wakes,
    enqueue,
    tellRecord,
    dials,
    dial: dialer(),
    dialer,
    stateOf,
    placed,
  };
}
