import { isTerminal, STATES } from '@onhook/contracts';
import type { KeptCall } from '../run-seed.js';
import type { Statement } from './facts.js';

/*
 * What the store says, held against what the others saw: statements 8, 9, 10, 11 and 22.
 */

/** 8: each 201 has its record; a record without one belongs to somebody who had no answer. */
export const everyAnswerHasItsRecord: Statement = ({ run, kept, wishOf }) => {
  const { lostCalls } = run.world.redis;
  const missing = run.wishes.filter(({ callId }) => callId !== null && !run.kept.has(callId) && !lostCalls.has(callId));
  const unanswered = run.wishes.filter(({ callId, askedAt }) => callId === null && askedAt.length > 0);
  const orphans = kept.filter(({ call }) => !wishOf.has(call.callId));
  const unexplained = orphans.filter(
    ({ call }) => !unanswered.some(({ wish }) => wish.to === call.to && wish.persona === call.agentId) && lostCalls.size === 0,
  );
  return [
    ...missing.map(({ callId }) => ({ callId: callId!, what: 'was answered with 201 and has no record' })),
    ...unexplained.map(({ call }) => ({ callId: call.callId, what: 'has a record that nobody asked for' })),
  ];
};

/** 9: every record has come to its end, once for each attempt. */
export const everyRecordEnds: Statement = ({ kept, run }) =>
  kept.flatMap(({ call, timeline }) => {
    const { callId } = call;
    if (call.state !== 'ended') return run.plan.mode === 'safety' ? [] : [{ callId, what: `is still ${call.state}` }];
    const ends = timeline.filter(({ state }, i) => state === 'settling' && timeline[i - 1]?.state !== 'settling').length;
    const expected = call.attempts.length + (call.end ? 1 : 0);
    return ends === expected ? [] : [{ callId, what: `ended ${ends} times in ${call.attempts.length} attempts` }];
  });

/** 10: the carrier's word is the disposition, and the leg is the one that was asked for. */
export const dispositionsAgree: Statement = (facts) =>
  facts.kept.flatMap(({ call }) =>
    call.attempts.flatMap(({ n, sid, over }) => {
      const { callId } = call;
      const own = facts.legs.filter(({ asked }) => asked.callId === callId && asked.attempt === n);
      if (sid !== null) {
        const leg = facts.legOf.get(sid);
        // The leg of a record that was lost as a whole belongs to whoever asks for that number next.
        if (leg && facts.run.world.redis.lostCalls.has(leg.asked.callId) && leg.asked.to === call.to) return [];
        if (!leg || leg.asked.callId !== callId || leg.asked.attempt !== n)
          return [{ callId, sid, what: 'is bound to a leg that is not its own' }];
        if (over?.proven && !isTerminal(leg.status)) return [{ callId, sid, what: 'is over, and its leg is not' }];
        if (over?.proven && leg.status !== over.disposition)
          return [{ callId, sid, what: `is ${over.disposition}, its leg ${leg.status}` }];
        return [];
      }
      if (over?.proven && own.length > 0) return [{ callId, what: 'is proven to be over, and had a leg that it does not know' }];
      return [];
    }),
  );

/** 11: a timeline without gaps, that goes back only in the three legal ways. */
export const timelinesReplay: Statement = ({ kept }) =>
  kept.flatMap((one) => timelineFaults(one).map((what) => ({ callId: one.call.callId, what })));

function timelineFaults({ call, timeline }: KeptCall): string[] {
  const rank = (state: (typeof STATES)[number]): number => STATES.indexOf(state);
  const faults = timeline.flatMap((entry, i) => {
    const before = timeline[i - 1];
    if (!before) return entry.version === 1 && entry.event === 'created' ? [] : ['its timeline does not begin with its creation'];
    const gap = entry.version === before.version + 1 ? [] : [`version ${entry.version} follows ${before.version}`];
    const isBack = rank(entry.state) < rank(before.state);
    const way = `${before.state} → ${entry.state} by ${entry.event}`;
    const isLegal =
      (before.state === 'queued' && entry.state === 'scheduled' && entry.event === 'held') ||
      ((before.state === 'dialing' || before.state === 'unconfirmed') &&
        entry.state === 'queued' &&
        entry.event === 'not-sent') ||
      (before.state === 'settling' && entry.state === 'scheduled');
    const left = before.state === 'ended' && entry.state !== 'ended' ? ['it was ended and is not'] : [];
    return [...gap, ...left, ...(isBack && !isLegal ? [way] : [])];
  });
  return timeline.at(-1)?.state === call.state
    ? faults
    : [...faults, `its timeline ends in ${timeline.at(-1)?.state}, its record in ${call.state}`];
}

/** 22: nothing is left behind. */
export const nothingIsLeft: Statement = ({ run, kept }) => {
  if (run.plan.mode === 'safety') return [];
  const { redis, jobs, gateways, provider, scheduler } = run.world;
  const { database } = redis;
  const proven = new Set(
    kept.flatMap(({ call }) => call.attempts.filter(({ over }) => over?.proven).map(({ n }) => `${call.callId}:${n}`)),
  );
  const places = [...database.accounts.values()]
    .flatMap(({ places: held }) => [...held.keys()])
    .filter((name) => proven.has(name));
  const now = scheduler.now();
  return [
    ...['dial', 'hangup'].flatMap((queue) =>
      jobs.size(queue) > 0 ? [{ what: `${jobs.size(queue)} jobs are left in ${queue}` }] : [],
    ),
    ...[...database.due].filter(([, at]) => at < now - 5_000).map(([callId]) => ({ callId, what: 'has a deadline in the past' })),
    ...[...database.leases.keys()].map((lease) => ({ what: `the lease ${lease} is left` })),
    ...places.map((name) => ({ what: `the place of ${name} is left, whose end is proven` })),
    ...gateways().flatMap(({ gateway, process }) =>
      gateway.live() > 0 ? [{ what: `${process.name} holds ${gateway.live()} calls` }] : [],
    ),
    ...provider.sessions
      .filter(({ closedAt }) => closedAt === null)
      .map(({ callId }) => ({ callId, what: 'its agent’s session is open' })),
  ];
};
