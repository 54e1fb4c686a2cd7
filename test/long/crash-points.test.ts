import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '@onhook/onhook';
import { systemTimers } from '@onhook/service';
import type { LedgerEntry } from '@onhook/simulator';
import { openTestHouse, type TestHouse } from '../house.js';

type Kind = 'api' | 'dialer' | 'gateway' | 'hangup';

/** Said and heard to the end, whoever died meanwhile. */
const WHOLE = ['agent-ended-call'];
/** Nobody knows whether the request left: not repeated. */
const LOST = ['submission-lost'];
/** The conversation died with its gateway; what is said of it depends on who is heard first. */
const CUT = ['agent-ended-call', 'callee-hung-up', 'gateway-lost', 'media-lost', 'no-media'];

/** In the order of a call's life. S0–S10 are the steps of a dial in ARCHITECTURE "Dialing"; E the steps of its end. */
const DIALING: readonly [string, Kind, string, readonly string[]][] = [
  ['S0 before the record', 'api', 'calls.create:before', WHOLE],
  ['S0 record, no answer, no job', 'api', 'queue.add(dial):before', WHOLE],
  ['S0 record and job, no answer', 'api', 'queue.add(dial):after', WHOLE],
  ['S1 job taken', 'dialer', 'dial-job.handle:before', WHOLE],
  ['S4 before admission', 'dialer', 'admission.ask:before', WHOLE],
  ['S4 admitted', 'dialer', 'admission.ask:after', WHOLE],
  ['S5 before the durable commit', 'dialer', 'calls.apply(dial-started):before', WHOLE],
  ['S5 durable commit, nothing sent', 'dialer', 'calls.apply(dial-started):after', LOST],
  ['S6 before the request', 'dialer', 'carrier.placeCall:before', LOST],
  ['S6 connected, nothing written', 'dialer', 'create.connected:before', LOST],
  ['S7 all written, no answer yet', 'dialer', 'create.sent:before', WHOLE],
  ['S8 carrier has answered', 'dialer', 'carrier.placeCall:after', WHOLE],
  ['S9 before the SID is bound', 'dialer', 'calls.apply(accepted):before', WHOLE],
  ['S9 SID bound', 'dialer', 'calls.apply(accepted):after', WHOLE],
  ['S10 job over', 'dialer', 'dial-job.handle:after', WHOLE],
  ['callback heard, not kept', 'api', 'calls.apply(carrier):before', WHOLE],
  ['callback kept, not answered', 'api', 'calls.apply(carrier):after', WHOLE],
];
const ENDING: readonly [string, Kind, string, readonly string[]][] = [
  ['stream came, not kept', 'gateway', 'calls.apply(stream-started):before', CUT],
  ['stream kept, no agent yet', 'gateway', 'calls.apply(stream-started):after', CUT],
  ['E1 goodbye heard, end not asked', 'gateway', 'calls.apply(end-asked):before', CUT],
  ['E2 end asked, nobody woken', 'gateway', 'calls.apply(end-asked):after', WHOLE],
  ['E2 before the hangup job', 'gateway', 'queue.add(hangup):before', WHOLE],
  ['E2 hangup job added', 'gateway', 'queue.add(hangup):after', WHOLE],
  ['E3 hangup job taken', 'hangup', 'hangup-job.handle:before', WHOLE],
  ['E3 before the close order', 'hangup', 'orders.send(close):before', WHOLE],
  ['E4 close order came, not carried out', 'gateway', 'order.carryOut(close):before', WHOLE],
  ['E4 close order carried out', 'gateway', 'order.carryOut(close):after', WHOLE],
  ['E3 close order written', 'hangup', 'orders.send(close):after', WHOLE],
  ['E3 before the carrier is asked', 'hangup', 'carrier.hangUp:before', WHOLE],
  ['E3 carrier asked', 'hangup', 'carrier.hangUp:after', WHOLE],
  ['E3 carrier has told', 'hangup', 'carrier.fetchCall:after', WHOLE],
  ['E3 before its word is kept', 'hangup', 'calls.apply(carrier):before', WHOLE],
  ['E5 before the place is given back', 'hangup', 'places.release:before', WHOLE],
  ['E5 place given back', 'hangup', 'places.release:after', WHOLE],
  ['E5 before it is settled', 'hangup', 'calls.apply(settled):before', WHOLE],
  ['E5 settled', 'hangup', 'calls.apply(settled):after', WHOLE],
];

let house: TestHouse;
let numbers = 0;
const running = new Map<Kind, Program>();

beforeAll(async () => {
  house = await openTestHouse();
  for (const kind of ['api', 'dialer', 'gateway', 'hangup'] as const) running.set(kind, house.program(kind));
});
afterAll(() => house.close());

/** In the place of the one that runs: same port, same everything, but for what it shall die of. */
async function replace(kind: Kind, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  await running.get(kind)!.stop(3_000);
  const program = await house.startAnother(kind, env);
  running.set(kind, program);
  return program;
}

/** As a client does: under one key until it is answered. */
async function placeCall(to: string): Promise<string> {
  const init = { method: 'POST', body: JSON.stringify({ to, agentId: 'short' }), headers: { 'Idempotency-Key': to } };
  for (const giveUpAt = Date.now() + 60_000; ;) {
    const response = await house.api('/v1/calls', init).catch(() => null);
    if (response?.ok) return ((await response.json()) as { id: string }).id;
    if (Date.now() > giveUpAt) throw new Error('the call was not accepted for a minute');
    await systemTimers.sleep(100);
  }
}

interface Crash {
  readonly to: string;
  readonly id: string;
  readonly diedAt: number;
}

async function crash(kind: Kind, place: string): Promise<Crash> {
  const to = `+1415555${String(6_000 + ++numbers)}`;
  const armed = await replace(kind, { FAILPOINTS: `${place}=kill` });
  const placing = placeCall(to);
  const how = await Promise.race([armed.exited, systemTimers.sleep(60_000).then(() => null)]);
  expect(how, `${place} was not reached`).toMatchObject({ signal: 'SIGKILL' });
  const diedAt = Date.now();
  await replace(kind);
  return { to, id: await placing, diedAt };
}

const ledger = (to: string, kind: string): LedgerEntry[] => {
  const legs = new Set(house.simulator.entries({ kind: 'rang' }).flatMap((entry) => (entry['to'] === to ? [entry.callSid] : [])));
  return house.simulator.entries({ kind }).filter((entry) => legs.has(entry.callSid));
};

async function expectOneExplainedEnd({ to, id }: Crash, causes: readonly string[]): Promise<void> {
  const call = await house.until(id, ['ended'], 300_000);
  expect(causes).toContain(call.cause);
  expect(ledger(to, 'rang').length, 'how often the phone rang').toBe(causes === LOST ? 0 : 1);
  expect(ledger(to, 'carrier-ended').length).toBe(ledger(to, 'rang').length);
}

describe('a process that is killed at a step of the dial', () => {
  const lost = new Map<string, Crash>();
  // Minutes pass until a request that may have left is given up: the others die meanwhile.
  for (const [step, kind, place] of DIALING.filter(([, , , causes]) => causes === LOST)) {
    it(`${step}: dies there`, async () => {
      lost.set(step, await crash(kind, place));
    });
  }
  for (const [step, kind, place, causes] of DIALING.filter(([, , , causes]) => causes !== LOST)) {
    it(`${step}: the phone rings once, with one explained end`, async () => {
      // Whole before the next is begun: a call that waits for its second dial would meet the next dialer that is to die.
      await expectOneExplainedEnd(await crash(kind, place), causes);
    });
  }
  for (const [step, , , causes] of DIALING.filter(([, , , causes]) => causes === LOST)) {
    it(`${step}: the phone never rings, and that is explained`, async () => {
      await expectOneExplainedEnd(lost.get(step)!, causes);
    });
  }
});

describe('a process that is killed at a step of the conversation or of its end', () => {
  for (const [step, kind, place, causes] of ENDING) {
    it(`${step}: the carrier’s leg is over within 10 s, with one explained end`, async () => {
      const crashed = await crash(kind, place);
      await expectOneExplainedEnd(crashed, causes);
      const [ended] = ledger(crashed.to, 'carrier-ended');
      expect(ended!.at - crashed.diedAt, 'ms from the death to the end of the leg').toBeLessThanOrEqual(10_000);
    });
  }
});

/** A call that talks until somebody wants it to end. */
async function inConversation(): Promise<{ to: string; id: string }> {
  const to = `+1415555${String(6_000 + ++numbers)}`;
  const { id } = await house.placeCall({ to, agentId: 'never-ends' });
  await house.until(id, ['bridged'], 30_000);
  return { to, id };
}

/** As an operator does who does not hear an answer. */
async function askUntilAnswered(path: string, body: unknown): Promise<void> {
  for (const giveUpAt = Date.now() + 30_000; ;) {
    const response = await house.api(path, { method: 'POST', body: JSON.stringify(body) }).catch(() => null);
    if (response && (response.ok || response.status === 409)) return;
    if (Date.now() > giveUpAt) throw new Error(`${path} was not answered for half a minute`);
    await systemTimers.sleep(100);
  }
}

describe('an api that is killed while an operator ends calls', () => {
  const END_ALL = { confirm: 'end-all-calls', stopDialing: false };
  for (const [step, place, all] of [
    ['one, before it is kept', 'calls.apply(end-asked):before', false],
    ['one, kept and nobody woken', 'calls.apply(end-asked):after', false],
    ['all, before any is found', 'calls.underWay:before', true],
    ['all, the first is kept', 'calls.apply(end-asked):after', true],
    ['all, the first close order is written', 'orders.send(close):after', true],
  ] as const) {
    it(`${step}: asked again, the carrier’s legs are over within 10 s`, async () => {
      const armed = await replace('api', { FAILPOINTS: `${place}=kill` });
      const calls = await Promise.all(Array.from({ length: all ? 3 : 1 }, inConversation));
      const asked = all ? askUntilAnswered('/v1/end-all', END_ALL) : askUntilAnswered(`/v1/calls/${calls[0]!.id}/end`, {});
      const how = await Promise.race([armed.exited, systemTimers.sleep(30_000).then(() => null)]);
      expect(how, `${place} was not reached`).toMatchObject({ signal: 'SIGKILL' });
      const diedAt = Date.now();
      await replace('api');
      await asked;
      // What was not kept is not asked for before somebody can ask again.
      const countedFrom = place.endsWith(':before') ? Date.now() : diedAt;
      for (const { to, id } of calls) {
        await expectOneExplainedEnd({ to, id, diedAt }, ['operator-ended-call']);
        expect(ledger(to, 'carrier-ended')[0]!.at - countedFrom).toBeLessThanOrEqual(10_000);
      }
    });
  }
});

describe('a hangup worker that is killed while it does another process’s work', () => {
  it.each([
    ['owner-lost, not kept', 'calls.apply(owner-lost):before'],
    ['owner-lost, kept', 'calls.apply(owner-lost):after'],
  ])('%s: the call of a frozen gateway is over all the same', async (_, place) => {
    const frozen = running.get('gateway')!;
    const { to, id } = await inConversation();
    const armed = await replace('hangup', { FAILPOINTS: `${place}=kill` });
    process.kill(frozen.pid, 'SIGSTOP');
    try {
      const how = await Promise.race([armed.exited, systemTimers.sleep(40_000).then(() => null)]);
      expect(how, `${place} was not reached`).toMatchObject({ signal: 'SIGKILL' });
      await replace('hangup');
      await expectOneExplainedEnd({ to, id, diedAt: 0 }, ['gateway-lost']);
    } finally {
      process.kill(frozen.pid, 'SIGCONT');
    }
  });

  it('deadline kept, nothing done: the next watchdog ends a call of whose end nobody has heard', async () => {
    const { to, id } = await inConversation();
    const armed = await replace('hangup', { FAILPOINTS: 'calls.apply(deadline-passed):after=kill' });
    // Neither callbacks nor answers: only the deadline of `ending` is left.
    await house.setFault({ kind: 'callback-lost', to, count: 20 });
    await house.setFault({ kind: 'rest-away', count: 1_000 });
    try {
      await askUntilAnswered(`/v1/calls/${id}/end`, {});
      const how = await Promise.race([armed.exited, systemTimers.sleep(30_000).then(() => null)]);
      expect(how, 'no deadline passed').toMatchObject({ signal: 'SIGKILL' });
    } finally {
      await house.clearFaults();
    }
    await replace('hangup');
    await expectOneExplainedEnd({ to, id, diedAt: 0 }, ['operator-ended-call']);
  });
});

describe('a dialer that is told to stop while its calls ring', () => {
  it('leaves them to the callbacks and the watchdog: nothing is lost', async () => {
    const calls = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const to = `+1415555${String(6_000 + ++numbers)}`;
        return { to, id: (await house.placeCall({ to, agentId: 'short' })).id };
      }),
    );
    await expect.poll(() => calls.filter(({ to }) => ledger(to, 'rang').length > 0).length, { timeout: 20_000 }).toBe(4);
    await running.get('dialer')!.stop(3_000);
    for (const { to, id } of calls) await expectOneExplainedEnd({ to, id, diedAt: 0 }, WHOLE);
    running.set('dialer', await house.startAnother('dialer'));
  });
});

describe('a dialer that is frozen between its commit and the request', () => {
  it('finds its grant stale when it wakes, and the phone rings once', async () => {
    const to = `+1415555${String(6_000 + ++numbers)}`;
    const frozen = await replace('dialer', { FAILPOINTS: 'calls.apply(dial-started):after=freeze' });
    const id = await placeCall(to);
    await house.until(id, ['dialing', 'unconfirmed'], 30_000);
    await systemTimers.sleep(4_000);
    process.kill(frozen.pid, 'SIGCONT');
    await expectOneExplainedEnd({ to, id, diedAt: 0 }, WHOLE);
  });
});
