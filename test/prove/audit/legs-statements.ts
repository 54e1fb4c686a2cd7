import { spreadOf } from './ends.js';
import { name, type Statement } from './statement.js';

/** Own bound of a leg that was transferred: its limit is the transfer's. */
const isTransferred = (states: readonly string[]): boolean => states.includes('transferred');
const P99_OF_FEW = 100;

export const legStatements: readonly Statement[] = [
  {
    n: 1,
    says: 'every carrier call has ended by the end of the run',
    check: ({ legs, run }) =>
      legs
        .filter(({ endedAt }) => endedAt === null || endedAt > run.endedAt + 10_000)
        .map((leg) => `${name(leg)} was still up when the run was over`),
  },
  {
    n: 2,
    says: 'a leg ends within its bound after what called for its end: 3 s (p99), 10 s with a process fault, outage + 10 s',
    check: ({ ends }) => {
      const late = ends
        .filter((end) => end.class !== 'none' && end.ms > end.boundMs)
        .map(({ leg, ms, boundMs, class: of }) => `${name(leg)} ended ${ms} ms after its trigger; ${of} allows ${boundMs}`);
      // One in a hundred may be slower than the p99; of fewer none.
      const quiet = ends.filter((end) => end.class === 'none');
      const { p99 } = spreadOf(quiet.map(({ ms }) => ms));
      const slow = quiet.filter(({ ms, boundMs }) => ms > boundMs);
      if (slow.length > 0 && (quiet.length < P99_OF_FEW || p99! > slow[0]!.boundMs))
        late.push(...slow.map(({ leg, ms }) => `${name(leg)} ended ${ms} ms after its trigger, and nothing was wrong`));
      return late;
    },
  },
  {
    n: 3,
    says: 'no carrier call is longer than its longest duration + 30 s',
    check: ({ legs, records, run }) => {
      const transferred = new Set(
        records.filter(({ timeline }) => isTransferred(timeline.map(({ state }) => state))).map(({ callId }) => callId),
      );
      return legs
        .filter((leg) => !transferred.has(leg.callId ?? '') && leg.connectedMs > (run.maxDurationSec + 30) * 1_000)
        .map((leg) => `${name(leg)} was connected for ${Math.round(leg.connectedMs / 1_000)} s`);
    },
  },
  {
    n: 4,
    says: 'after the last played millisecond of a farewell at most 3 s are billed (p99, without fault)',
    check: ({ ends }) => {
      const quiet = ends.filter((end) => end.class === 'none' && end.trigger === 'farewell');
      const { p99 } = spreadOf(quiet.map(({ ms }) => ms));
      return p99 !== null && p99 > 3_000 ? [`p99 is ${p99} ms over ${quiet.length} calls`] : [];
    },
  },
  {
    n: 5,
    says: 'a call’s attempt has at most one carrier call',
    check: ({ legs }) => {
      const count = new Map<string, number>();
      for (const { callId, attempt } of legs)
        if (callId !== null) count.set(`${callId}, attempt ${attempt}`, (count.get(`${callId}, attempt ${attempt}`) ?? 0) + 1);
      return [...count]
        .filter(([, legsOfIt]) => legsOfIt > 1)
        .map(([which, legsOfIt]) => `${which} has ${legsOfIt} carrier calls`);
    },
  },
  {
    n: 6,
    says: 'no destination has two legs at once',
    check: ({ legs }) => {
      const wrong: string[] = [];
      const sorted = legs.toSorted((a, b) => a.createdAt - b.createdAt);
      const upUntil = new Map<string, (typeof sorted)[number]>();
      for (const leg of sorted) {
        const before = upUntil.get(leg.to);
        if (before && (before.endedAt === null || before.endedAt > leg.createdAt))
          wrong.push(`${name(leg)} was created while ${name(before)} was up`);
        upUntil.set(leg.to, leg);
      }
      return wrong;
    },
  },
  {
    n: 7,
    says: 'a phone rings at most as often as attempts were asked for',
    check: ({ legs, client }) => {
      const asked = new Map<string, Map<string, number>>();
      for (const line of client.filter(({ op }) => op === 'create')) {
        const keys = asked.get(line.to) ?? new Map<string, number>();
        asked.set(line.to, keys.set(line.key, line.maxAttempts));
      }
      const rang = new Map<string, number>();
      for (const leg of legs) if (leg.rangAt !== null) rang.set(leg.to, (rang.get(leg.to) ?? 0) + 1);
      return [...rang].flatMap(([to, times]) => {
        const allowed = [...(asked.get(to)?.values() ?? [])].reduce((sum, n) => sum + n, 0);
        return times > allowed ? [`a phone (…${to.slice(-4)}) rang ${times} times; ${allowed} were asked for`] : [];
      });
    },
  },
  {
    n: 14,
    says: 'not one farewell is cut (calls without fault; operator’s end, callee’s hangup and re-engagement apart)',
    check: ({ ends, legs, records, faults }) => {
      const asked = new Map(ends.map((end) => [end.leg.sid, end]));
      return legs.flatMap((leg) => {
        const { farewell } = leg;
        if (!farewell || leg.endedAt === null || leg.endedBy === 'callee') return [];
        const record = records.find(({ callId }) => callId === leg.callId);
        const attempt = record?.attempts.find(({ sid }) => sid === leg.sid);
        if (attempt?.over?.by !== 'agent') return [];
        const isQuiet =
          leg.struckBy.length === 0 && !faults.some((fault) => fault.at <= leg.endedAt! && fault.until + 2_000 >= leg.createdAt);
        const cutMs = Math.round(farewell.generatedMs - farewell.heardMs);
        return isQuiet && cutMs > 0 && (asked.get(leg.sid)?.class ?? 'none') === 'none'
          ? [`${cutMs} of ${Math.round(farewell.generatedMs)} ms of the farewell of ${name(leg)} were cut`]
          : [];
      });
    },
  },
  {
    n: 20,
    says: 'no create is sent again after an unclear outcome',
    check: ({ ledger }) => {
      const unclear = new Map<string, string>();
      const wrong: string[] = [];
      for (const line of ledger.filter(({ kind }) => kind === 'create-request')) {
        if (line.callId === undefined) continue;
        const which = `${line.callId}, attempt ${line.attempt}`;
        const before = unclear.get(which);
        if (before !== undefined) wrong.push(`${which} was created again after ${before}`);
        const fault = line['fault'];
        if (line['outcome'] === 'accepted') unclear.set(which, 'it was accepted');
        else if (typeof fault === 'string' && fault !== 'create-429') unclear.set(which, fault);
      }
      return wrong;
    },
  },
  {
    n: 27,
    says: 'no call begins to ring while no gateway had accepted streams for more than 10 s',
    check: ({ legs, faults, run }) => {
      const gateways = new Set(faults.filter(({ who }) => who?.startsWith('gateway-')).map(({ who }) => who!));
      const isDown = (who: string, at: number): boolean =>
        faults.some((fault) => fault.who === who && fault.at <= at - 10_000 && fault.until >= at);
      if (gateways.size < run.gateways) return [];
      return legs
        .filter(({ rangAt }) => rangAt !== null && [...gateways].every((who) => isDown(who, rangAt)))
        .map((leg) => `${name(leg)} rang while no gateway had been there for 10 s`);
    },
  },
];
