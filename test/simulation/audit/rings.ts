import { CALLS_PER_SECOND, MOST_AT_ONCE } from '../settings.js';
import type { Facts, LegFacts, Statement } from './facts.js';
import { grouped } from './grouped.js';

/*
 * What the callees and the carrier saw of our dialing: statements 1, 3, 5, 6, 7, 18, 19, 20 and 27 of the design's audit.
 */

/** 1: every leg has ended. */
export const legsHaveEnded: Statement = ({ legs, run }) =>
  run.plan.mode === 'safety'
    ? []
    : legs.filter(({ endedAt }) => endedAt === null).map(({ sid }) => ({ sid, what: 'the leg is still up' }));

/** 3: no leg is longer than its longest duration and what stands behind it. */
export const legsAreNotTooLong: Statement = ({ legs, run, wishOf }) =>
  legs.flatMap((leg) => {
    const { sid, answeredAt, transferJoined, asked } = leg;
    if (answeredAt === null) return [];
    const longest = wishOf.get(asked.callId)?.wish.maxDurationSec;
    const ownSec = longest === undefined ? asked.timeLimitSec : Math.max(60, longest + 30);
    const limitMs = transferJoined ? transferJoined.at - answeredAt + (transferJoined.limitSec + 30) * 1_000 : ownSec * 1_000;
    const lastedMs = (leg.endedAt ?? run.endedAt) - answeredAt;
    return lastedMs > limitMs + 1_000 ? [{ sid, what: `the leg lasted ${sec(lastedMs)} s, ${sec(limitMs)} s were allowed` }] : [];
  });

/** 5: one attempt, at most one leg. */
export const oneLegAnAttempt: Statement = ({ legs }) =>
  [...grouped(legs, ({ asked }) => `${asked.callId}/${asked.attempt}`)].flatMap(([attempt, own]) =>
    own.length > 1 ? [{ callId: attempt, what: `${own.length} legs of one attempt` }] : [],
  );

/** 6: nobody is called twice at the same time. */
export const noOverlap: Statement = ({ legs }) =>
  [...grouped(legs, ({ asked }) => asked.to).values()].flatMap((own) => {
    const sorted = own.toSorted((a, b) => a.createdAt - b.createdAt);
    return sorted.flatMap((leg, i) => {
      const before = sorted.slice(0, i).find(({ endedAt }) => endedAt === null || endedAt > leg.createdAt);
      return before
        ? [
            {
              sid: leg.sid,
              callId: leg.asked.callId,
              what: `the same number has the leg ${before.sid} of ${before.asked.callId}`,
            },
          ]
        : [];
    });
  });

/** 7: no phone rings more often than was asked for. */
export const noRingTooMany: Statement = ({ legs, run }) =>
  [
    ...grouped(
      legs.filter(({ rangAt }) => rangAt !== null),
      ({ asked }) => asked.to,
    ),
  ].flatMap(([to, rang]) => {
    const allowed = run.wishes
      .filter(({ wish, askedAt }) => wish.to === to && askedAt.length > 0)
      .reduce((sum, { wish }) => sum + wish.maxAttempts, 0);
    return rang.length > allowed
      ? [{ what: `a phone rang ${rang.length} times, ${allowed} were asked for`, callId: rang[0]!.asked.callId }]
      : [];
  });

/** 18: never before or after its time, and never after a cancel that was answered. */
export const onlyInTime: Statement = ({ creates, wishOf, run }) =>
  creates.flatMap(({ at, callId }) => {
    const log = wishOf.get(callId);
    if (!log) return [];
    const { earliestAt, latestAt } = log.wish;
    // Answered as canceled, and not as ending: it was in no dialer's hands.
    const canceled = log.ends.find(
      ({ status, cause, state }) => status === 202 && cause === 'canceled' && (state === 'settling' || state === 'ended'),
    );
    const wasLost =
      canceled &&
      run.world.weather.hits.some(({ kind, at: cut }) => kind === 'redis-tail-cut' && Math.abs(cut - canceled.at) < 1_500);
    return [
      ...(earliestAt !== null && at < earliestAt ? [{ callId, what: 'dialed before its time' }] : []),
      // Decided in time, and at the carrier within what a grant lasts.
      ...(latestAt !== null && at > latestAt + 3_500 ? [{ callId, what: `dialed ${sec(at - latestAt)} s after its time` }] : []),
      ...(canceled && !wasLost && at > canceled.at ? [{ callId, what: 'dialed after it was canceled' }] : []),
    ];
  });

/** 19: as the carrier saw it. */
export const withinLimits: Statement = ({ creates, legs, run }) => {
  const { hits } = run.world.weather;
  const moments = creates.map(({ at }) => at).toSorted((a, b) => a - b);
  const windowMs = 5_000;
  const frozen = hits.filter(({ kind, process }) => kind.startsWith('freeze') && process?.startsWith('dialer'));
  const tooFast = moments.flatMap((from, i) => {
    const count = moments.slice(i).findIndex((at) => at >= from + windowMs);
    const inWindow = count < 0 ? moments.length - i : count;
    const isExcused = frozen.some(({ at, until }) => at < from + windowMs && until > from - windowMs);
    return inWindow > 5 * CALLS_PER_SECOND && !isExcused ? [{ what: `${inWindow} creates within 5 s` }] : [];
  });
  const cut = hits.some(({ kind }) => kind === 'redis-tail-cut');
  const tooMany = cut
    ? []
    : legs.flatMap((leg) =>
        upAt(legs, leg.createdAt) > MOST_AT_ONCE ? [{ sid: leg.sid, what: `${upAt(legs, leg.createdAt)} legs at once` }] : [],
      );
  return [...tooFast, ...tooMany];
};

function upAt(legs: readonly LegFacts[], at: number): number {
  return legs.filter(({ createdAt, endedAt }) => createdAt <= at && (endedAt === null || endedAt > at)).length;
}

/** 20: in doubt a create is not sent again. */
export const noCreateAgain: Statement = ({ creates }) =>
  [...grouped(creates, ({ callId, attempt }) => `${callId}/${attempt}`)].flatMap(([attempt, own]) => {
    const doubtful = own.findIndex(({ answer }) => answer === 'lost' || answer === 'created');
    return doubtful >= 0 && doubtful < own.length - 1
      ? [{ callId: attempt, what: `sent again after an answer that was ${own[doubtful]!.answer}` }]
      : [];
  });

/** The world looks at its gateways so often: one that thawed since the last look serves, and is seen at the next. */
const LOOKED_AT_EVERY_MS = 1_000;

/** 27: nothing is dialed that nobody could speak with. */
export const somebodyToSpeak: Statement = ({ creates, run }: Facts) =>
  creates.flatMap(({ at, callId }) => {
    const isServed = run.world.served.some((moment) => moment <= at + LOOKED_AT_EVERY_MS && moment >= at - 10_600);
    return isServed ? [] : [{ callId, what: 'dialed although no gateway had served for 10 s' }];
  });

function sec(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
