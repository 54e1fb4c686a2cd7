import path from 'node:path';
import { Redis } from 'ioredis';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type LedgerEntry, type Simulator } from '@onhook/simulator';
import type { CallView } from '@onhook/contracts';
import { openTestHouse, type TestHouse } from './house.js';
import { startNaiveProgram, type Mistake, type NaiveProgram } from './naive/naive-program.js';
import { startRedis } from './redis.js';

/** Onhook's own bound without a fault: whoever is still connected after this has not been hung up. */
const BOUND_MS = 3_000;
/** `apology-en.wav` lasts 5.1 s. */
const LONGEST_APOLOGY_MS = 5_500;
const FROM = '+15005550006';
/** Rendering speech takes seconds; the launcher keeps it in the same place. */
const speechCacheDir = path.resolve(import.meta.dirname, '../.onhook/speech');

let simulator: Simulator;
let redis: Awaited<ReturnType<typeof startRedis>>;

beforeAll(async () => {
  [simulator, redis] = await Promise.all([startSimulator({ speechCacheDir }), startRedis()]);
});
afterAll(async () => {
  await Promise.all([simulator.close(), redis.stop()]);
});

const post = async (path: string, body?: unknown): Promise<void> => {
  const response = await fetch(simulator.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
};
const endOf = (sid: string): LedgerEntry | undefined => simulator.entries({ call: sid, kind: 'carrier-ended' })[0];

async function withNaiveProgram(mistake: Mistake, run: (program: NaiveProgram) => Promise<void>): Promise<void> {
  const publisher = new Redis(redis.url);
  const program = await startNaiveProgram(mistake, {
    restUrl: simulator.url,
    agentUrl: simulator.agentUrl,
    accountSid: simulator.accountSid,
    authToken: simulator.authToken,
    from: FROM,
    publish: (callSid) => publisher.publish('end_call', callSid),
  });
  try {
    await run(program);
  } finally {
    await program.close();
    publisher.disconnect();
  }
}

/** Waits until the program's log says success, then for as long as a call may take to end, and says whether it is up. */
async function isUpAfterSuccess(program: NaiveProgram, sid: string): Promise<boolean> {
  await program.claimed(sid);
  await new Promise((resolve) => setTimeout(resolve, BOUND_MS));
  return endOf(sid) === undefined;
}

async function hangUpByHand(sid: string): Promise<void> {
  const client = twilio(simulator.accountSid, simulator.authToken);
  client.api.baseUrl = simulator.url;
  await client.calls(sid).update({ status: 'completed' });
}

describe.concurrent('the same program without a mistake', () => {
  it('ends its call within the bound: what follows is due to the mistakes alone', { timeout: 60_000 }, () =>
    withNaiveProgram('none', async (program) => {
      const sid = await program.placeCall('+14155550211');
      expect(await isUpAfterSuccess(program, sid)).toBe(false);
      expect(endOf(sid)).toMatchObject({ status: 'completed', by: 'rest' });
    }),
  );
});

describe.concurrent('the naive program logs "end_call: success", and the call stays up', () => {
  const cases: [Mistake, string, string][] = [
    ['verb-after-connect', '+14155550201', 'because a verb follows <Connect>: the carrier goes on to it when the socket closes'],
    [
      'only-the-agent-socket-closed',
      '+14155550202',
      'because only the socket of the AI was closed: the carrier knows nothing of it',
    ],
    ['wrong-sid', '+14155550204', 'because the stream SID was used for the call SID, and the error was eaten'],
    ['canceled-instead-of-completed', '+14155550205', 'because an answered call cannot be canceled: 200, and no effect'],
    [
      'worker-dies-between-event-and-request',
      '+14155550207',
      'because the event was published while the worker was dead: pub/sub keeps nothing',
    ],
  ];
  for (const [mistake, to, why] of cases) {
    it(why, { timeout: 60_000 }, () =>
      withNaiveProgram(mistake, async (program) => {
        const sid = await program.placeCall(to);
        expect(await isUpAfterSuccess(program, sid)).toBe(true);
        await hangUpByHand(sid);
      }),
    );
  }

  it('because it waits for the echo of a mark that the carrier never accepted', { timeout: 60_000 }, () =>
    withNaiveProgram('waits-for-a-mark-that-never-comes', async (program) => {
      const sid = await program.placeCall('+14155550208');
      await simulator.whenEntry((entry) => entry.callSid === sid && entry.kind === 'warning', 25_000);
      await new Promise((resolve) => setTimeout(resolve, BOUND_MS));
      expect(endOf(sid)).toBeUndefined();
      await hangUpByHand(sid);
    }),
  );

  it('because one global active_call_sid belongs to the other call: that one is cut, this one stays', { timeout: 60_000 }, () =>
    withNaiveProgram('global-active-call-sid', async (program) => {
      const first = await program.placeCall('+14155550209');
      await simulator.whenEntry((entry) => entry.callSid === first && entry.kind === 'callee-spoke', 25_000);
      await post('/simulator/scenarios', { to: '+14155550210', persona: 'silent' });
      const second = await program.placeCall('+14155550210');
      expect(await isUpAfterSuccess(program, first)).toBe(true);
      expect(endOf(second)).toMatchObject({ by: 'rest' });
      await hangUpByHand(first);
    }),
  );
});

describe('and when the request fails once', () => {
  it('the naive program never learns it, because it did not await the request', { timeout: 60_000 }, () =>
    withNaiveProgram('request-never-awaited', async (program) => {
      await post('/simulator/faults', { kind: 'update-5xx', count: 1 });
      const sid = await program.placeCall('+14155550203');
      expect(await isUpAfterSuccess(program, sid)).toBe(true);
      await hangUpByHand(sid);
    }),
  );
});

describe('Onhook ends its call', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openTestHouse();
  });
  afterAll(() => house.close());

  /** From the moment at which nothing of the goodbye was left to hear: the agent's `end_call`, or the last millisecond that was played. */
  function endToCarrierEndedMs(call: CallView): number {
    const sid = call.attempts[0]?.carrierCallId ?? '';
    const entries = house.simulator.entries({ call: sid });
    const ended = entries.find((entry) => entry.kind === 'carrier-ended');
    const lastHeard = entries.filter((entry) => entry.kind === 'line-heard').at(-1)?.['lastPlayedMono'];
    const toolCalled = house.simulator.entries({ kind: 'agent-tool-call' }).find((entry) => entry.callId === call.id)?.mono ?? 0;
    const from = Math.max(typeof lastHeard === 'number' ? lastHeard : 0, toolCalled);
    const tookMs = Math.round((ended?.mono ?? Number.NaN) - from);
    console.log(`Onhook: ${call.cause}, ended by ${call.endedBy}, the carrier ended it ${tookMs} ms after the last sound`);
    return tookMs;
  }

  it(
    'because nothing but <Hangup/> follows <Connect>, both sockets have one owner, and the carrier is asked for `completed`, not `canceled`, by the SID of the call, not of the stream, until it says that it is over',
    { timeout: 60_000 },
    async () => {
      const { id } = await house.placeCall({ to: '+14155550401', agentId: 'short' });
      const call = await house.until(id, ['ended'], 50_000);
      expect(call).toMatchObject({ cause: 'agent-ended-call', endedBy: 'hangup-worker', goodbye: 'played' });
      expect(endToCarrierEndedMs(call)).toBeLessThan(BOUND_MS);
    },
  );

  it("although the agent's socket is all that broke", { timeout: 60_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155550402', agentId: 'dropped' });
    const call = await house.until(id, ['ended'], 50_000);
    expect(call).toMatchObject({ cause: 'agent-lost' });
    // Connected once more, lost again, and said so to the callee: then the end is asked for, and follows at once.
    const ended = house.simulator.entries({ call: call.attempts[0]?.carrierCallId ?? '', kind: 'carrier-ended' })[0];
    const asked = call.timeline?.find((entry) => entry.event === 'end-asked');
    expect((ended?.at ?? Number.NaN) - Date.parse(asked?.at ?? '')).toBeLessThan(BOUND_MS);
    const lost = house.simulator.entries({ kind: 'agent-session-closed' }).findLast((entry) => entry.callId === id);
    expect((ended?.at ?? Number.NaN) - (lost?.at ?? 0)).toBeLessThan(LONGEST_APOLOGY_MS + BOUND_MS);
  });

  it(
    'although the first request fails: it is asked again until the carrier says that it is over',
    { timeout: 60_000 },
    async () => {
      await house.setFault({ kind: 'update-5xx', count: 1 });
      const { id } = await house.placeCall({ to: '+14155550403', agentId: 'short' });
      const call = await house.until(id, ['ended'], 50_000);
      expect(call.cause).toBe('agent-ended-call');
      expect(endToCarrierEndedMs(call)).toBeLessThan(BOUND_MS);
    },
  );

  it('and no other one: two calls at once end each by its own goodbye', { timeout: 60_000 }, async () => {
    const placed = await Promise.all(['+14155550404', '+14155550405'].map((to) => house.placeCall({ to, agentId: 'short' })));
    const calls = await Promise.all(placed.map(({ id }) => house.until(id, ['ended'], 50_000)));
    for (const call of calls) {
      expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
      expect(endToCarrierEndedMs(call)).toBeLessThan(BOUND_MS);
    }
  });

  it('although the mark never comes back: the wait for it is bounded', { timeout: 60_000 }, async () => {
    await house.setFault({ kind: 'mark-lost', count: 1_000 });
    try {
      const { id } = await house.placeCall({ to: '+14155550406', agentId: 'short' });
      const call = await house.until(id, ['ended'], 50_000);
      expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'timeout' });
      // Two seconds for the mark, then the bound.
      expect(endToCarrierEndedMs(call)).toBeLessThan(2_000 + BOUND_MS);
    } finally {
      await house.clearFaults();
    }
  });

  it('although the hangup worker died between the event and the request', { timeout: 60_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155550407', agentId: 'short' });
    await house.until(id, ['bridged'], 20_000);
    house.program('hangup').kill();
    const ended = await house.simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callId === id, 50_000);
    // Nobody of ours asked the carrier: the gateway closed the socket, and the carrier went on to <Hangup/>.
    expect(ended['by']).toBe('twiml-hangup');
    expect(endToCarrierEndedMs(await house.readCall(id))).toBeLessThan(2 * BOUND_MS);
  });
});
