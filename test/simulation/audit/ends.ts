import type { Attempt, Call } from '@onhook/call';
import type { FaultHit } from '../weather.js';
import type { Facts, LegFacts, Statement } from './facts.js';

/*
 * How conversations ended: statements 2, 4, 12, 13, 14, 17 and 26.
 */

const NO_FAULT_MS = 3_000;
const ONE_FAULT_MS = 10_000;

interface Ended {
  readonly call: Call;
  readonly attempt: Attempt;
  readonly leg: LegFacts;
}

function ended({ kept, legOf }: Facts): Ended[] {
  return kept.flatMap(({ call }) =>
    call.attempts.flatMap((attempt) => {
      const leg = attempt.sid === null ? undefined : legOf.get(attempt.sid);
      return leg ? [{ call, attempt, leg }] : [];
    }),
  );
}

/** From the last word that the callee heard, or from the operator's 202, to the end as the carrier sees it. */
export function endTimes(
  facts: Facts,
): readonly { readonly leg: LegFacts; readonly triggerAt: number; readonly ms: number; readonly around: readonly FaultHit[] }[] {
  return ended(facts).flatMap(({ call, attempt, leg }) => {
    if (leg.endedAt === null || leg.transferJoined) return [];
    const log = facts.wishOf.get(call.callId);
    const asked = log?.ends.find(({ status, cause }) => status === 202 && cause !== 'canceled');
    const farewell = leg.closed.at(-1);
    const triggers: number[] = [];
    if (asked && log!.wish.lastWords === null && asked.at > leg.createdAt && asked.at < leg.endedAt) triggers.push(asked.at);
    if (attempt.over?.cause === 'agent-ended-call' && call.goodbye === 'played' && farewell && call.attempts.length === attempt.n)
      triggers.push(Math.min(farewell.playedUntil, leg.endedAt));
    return triggers.map((triggerAt) => ({
      leg,
      triggerAt,
      ms: leg.endedAt! - triggerAt,
      around: facts.faultsAround({ sid: leg.sid, callId: call.callId }, triggerAt - 12_000, leg.endedAt!),
    }));
  });
}

/** 2: within the bound of the one fault that stood against it. With several at once no bound is promised. */
export const endsInTime: Statement = (facts) =>
  endTimes(facts).flatMap(({ leg, triggerAt, ms, around }) => {
    const bound = boundOf(around, triggerAt);
    return bound !== null && ms > bound
      ? [
          {
            sid: leg.sid,
            callId: leg.asked.callId,
            what: `it took ${(ms / 1_000).toFixed(1)} s to end, ${bound / 1_000} s are allowed with ${around.map(({ kind }) => kind).join() || 'no fault'}`,
          },
        ]
      : [];
  });

function boundOf(around: readonly FaultHit[], triggerAt: number): number | null {
  const [one, ...others] = around;
  if (!one) return NO_FAULT_MS;
  if (others.length > 0) return null;
  if (/^(kill|freeze|stop|cut)-/.test(one.kind)) return ONE_FAULT_MS;
  if (one.kind === 'redis-away' || one.kind === 'carrier-away') return Math.max(0, one.until - triggerAt) + ONE_FAULT_MS;
  return null;
}

/** 12: an agent meets only who was answered by its own attempt, once. */
export const agentsMeetTheirOwn: Statement = (facts) =>
  ended(facts).flatMap(({ call, attempt, leg }) => {
    const { callId } = call;
    const sessions = facts.sessionsOf(callId, attempt.n).toSorted((a, b) => a.openedAt - b.openedAt);
    const early = sessions.filter(({ openedAt }) => leg.answeredAt === null || openedAt < leg.answeredAt);
    const twice = sessions.filter((session, i) => {
      const before = sessions[i - 1];
      return before && (before.process !== session.process || (before.closedAt ?? Infinity) > session.openedAt + 5_000);
    });
    return [
      ...early.map(() => ({ callId, sid: leg.sid, what: 'an agent was opened before anybody had answered' })),
      ...twice.map(({ process }) => ({ callId, sid: leg.sid, what: `a second conversation was opened by ${process}` })),
    ];
  });

/** 13: the agent goes when the call has gone. A process that cannot act is apart: it hears of it when it can. */
export const agentsGoWithTheCall: Statement = (facts) =>
  ended(facts).flatMap(({ call, attempt, leg }) => {
    const { endedAt } = leg;
    if (endedAt === null) return [];
    const gone = leg.transferJoined?.at ?? endedAt;
    return facts.sessionsOf(call.callId, attempt.n).flatMap(({ closedAt, openedAt, process }) => {
      const late = (closedAt ?? facts.run.endedAt) - Math.max(gone, openedAt);
      const wasFrozen = facts.run.world.weather.hits.some(
        (hit) =>
          (hit.kind === 'all-enders-frozen' || (hit.kind.startsWith('freeze') && hit.process === process)) &&
          hit.until > gone - 1_000,
      );
      return late > 5_000 && !wasFrozen
        ? [{ callId: call.callId, sid: leg.sid, what: `its agent stayed ${(late / 1_000).toFixed(1)} s longer than the call` }]
        : [];
    });
  });

/** 14: a farewell that is said to have been heard was heard. */
export const farewellsAreHeard: Statement = (facts) =>
  ended(facts).flatMap(({ call, attempt, leg }) => {
    const last = leg.closed.at(-1);
    if (!last || call.goodbye !== 'played' || attempt.n !== call.attempts.length) return [];
    const unplayedMs = last.sentMs - last.playedMs - last.clearedMs;
    return unplayedMs > 60
      ? [{ callId: call.callId, sid: leg.sid, what: `${Math.round(unplayedMs)} ms of the goodbye were cut off` }]
      : [];
  });

/** What must stand in the fault log for a call to have ended so. Nothing else may end a healthy one. */
const NEEDS: Readonly<Partial<Record<string, RegExp>>> = {
  'agent-lost': /^agent-|freeze|frozen|job|redis|update|carrier/,
  'agent-connect-failed': /^agent-|freeze|frozen/,
  'media-lost': /^stream-|freeze|frozen|kill|stop|gateways-away|redirect/,
  'no-media': /^stream-|freeze|frozen|kill|stop|gateways-away|redis|cut|callback/,
  'worker-shutdown': /^stop-gateway/,
  'internal-error': /./,
  'dial-expired': /./,
};

/** 17: no healthy call was cut. */
export const noHealthyCallIsCut: Statement = (facts) =>
  ended(facts).flatMap(({ call, attempt, leg }) => {
    const { over } = attempt;
    const { callId } = call;
    if (!over) return [];
    const found = { callId, sid: leg.sid };
    const around = facts.faultsAround({ sid: leg.sid, callId }, leg.createdAt - 15_000, over.at + 1_000);
    // Who hung up, or whom the carrier's own limit ended, was not cut by us, whatever the record concluded.
    if (leg.endedBy === 'callee' || leg.endedBy === 'line') return [];
    // A Redis that lost its last second has forgotten who asked for the end.
    if (around.some(({ kind }) => kind === 'redis-tail-cut')) return [];
    if (over.cause === 'gateway-lost') {
      const owners = new Set(leg.opened.map(({ process }) => process));
      // A Redis that was away is no cause: its gateway could not renew, and lived.
      const isOwners = around.some(
        ({ process, kind }) =>
          kind === 'all-gateways-away' ||
          kind === 'all-enders-frozen' ||
          (process !== null && owners.has(process) && /^(kill|freeze|stop|cut-from-redis)/.test(kind)),
      );
      return isOwners ? [] : [{ ...found, what: 'was ended for a lost gateway that was not lost' }];
    }
    const needed = NEEDS[over.cause];
    if (needed && !around.some(({ kind }) => needed.test(kind)))
      return [{ ...found, what: `ended by ${over.cause} without a cause` }];
    const isBehind =
      over.endedBy === 'watchdog' ||
      over.endedBy === 'reconciler' ||
      over.endedBy === 'time-limit' ||
      over.endedBy === 'gateway-direct';
    return isBehind && around.length === 0 ? [{ ...found, what: `ended by the ${over.endedBy} without a fault` }] : [];
  });

/** 26: who was transferred is left alone. Two faults against one transfer leave nobody who could know of it. */
export const transfersAreLeftAlone: Statement = (facts) =>
  ended(facts).flatMap(({ call, leg }) => {
    const { transferJoined, transferBridgedAt, transferEndedAt, endedBy, endedAt } = leg;
    if (!transferJoined || transferBridgedAt === null || endedAt === null || endedBy !== 'rest') return [];
    if (transferEndedAt !== null && transferEndedAt < endedAt) return [];
    if (endedAt - transferBridgedAt >= transferJoined.limitSec * 1_000) return [];
    const byOperator = facts.wishOf.get(call.callId)?.ends.some(({ status }) => status === 202);
    const around = facts.faultsAround({ sid: leg.sid, callId: call.callId }, leg.createdAt, endedAt);
    return byOperator || around.length > 1 ? [] : [{ callId: call.callId, sid: leg.sid, what: 'was transferred, and cut by us' }];
  });
