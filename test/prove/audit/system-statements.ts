import type { FaultLine } from '../evidence.js';
import { name, type Statement } from './statement.js';

const AUTH_WITHIN_MS = 5_000;
/** Twilio's own queue: how many creates may come within this window. */
const CPS_WINDOW_MS = 5_000;

/** The fault took Redis away from this process while it stopped. */
const STOPS_WITHIN_MS = 10_000;
const cutsOff = (fault: FaultLine, who: string, at: number): boolean =>
  fault.at <= at && fault.until >= at - STOPS_WITHIN_MS && (fault.class === 'redis' || fault.who === who);

export const systemStatements: readonly Statement[] = [
  {
    n: 15,
    says: 'after the drain no socket, descriptor or Redis connection is left',
    check: ({ processes, redis, faults }) => [
      ...processes
        // Who is told to stop while Redis is away cannot take its leave, and says so by its exit code.
        .filter(({ asked, code, at, who }) => asked && code !== 0 && !faults.some((fault) => cutsOff(fault, who, at)))
        .map(({ who, code, signal }) => `${who} was told to stop and ended with ${signal ?? `exit code ${code}`}`),
      ...processes
        .filter(({ openSockets }) => openSockets > 0)
        .map(({ who, openSockets }) => `${who} left ${openSockets} sockets`),
      ...redis.clients.map((client) => `a connection to Redis is still open: ${client}`),
    ],
  },
  {
    n: 16,
    says: 'no unauthenticated socket lives longer than 5 s or reaches an agent',
    check: ({ attacks, ledger, records }) => [
      ...attacks
        .filter(({ openForMs }) => openForMs !== undefined && openForMs > AUTH_WITHIN_MS + 1_000)
        .map(({ kind, openForMs }) => `the socket of an attack (${kind}) lived ${openForMs} ms`),
      ...ledger
        .filter(({ kind, callId }) => kind === 'agent-session-opened' && !records.some((record) => record.callId === callId))
        .map(({ callId }) => `an agent was reached for ${callId ?? 'no call'}`),
    ],
  },
  {
    n: 18,
    says: 'no call is placed outside its time, or after a cancel was answered',
    check: ({ client, legs, ledger }) => {
      const creates = new Map<string, number[]>();
      for (const line of ledger)
        if (line.kind === 'create-request' && line.callId !== undefined)
          creates.set(line.callId, [...(creates.get(line.callId) ?? []), line.at]);
      const wrong: string[] = [];
      for (const { op, status, callId, at, earliestAt, latestAt } of client) {
        if (callId === null) continue;
        const placed = creates.get(callId) ?? [];
        if (op === 'cancel' && status !== null && status < 300 && placed.some((one) => one > at))
          wrong.push(`${callId} was placed after its cancel was answered`);
        if (op !== 'create') continue;
        if (earliestAt !== undefined && placed.some((one) => one < earliestAt))
          wrong.push(`${callId} was placed before its time`);
        if (latestAt !== undefined && placed.some((one) => one > latestAt + 3_000))
          wrong.push(`${callId} was placed after its time`);
      }
      return legs.length === 0 && client.length > 0 ? ['not one call was placed', ...wrong] : wrong;
    },
  },
  {
    n: 19,
    says: 'calls per second and concurrency stay below their limits, as the carrier saw them',
    check: ({ legs, faults, run, ledger }) => {
      const wrong: string[] = [];
      const at = ledger
        .filter(({ kind }) => kind === 'create-request')
        .map((line) => line.at)
        .toSorted((a, b) => a - b);
      const frozen = faults.filter(({ who, kind }) => who?.startsWith('dialer-') && kind.startsWith('freeze'));
      const most = (CPS_WINDOW_MS / 1_000) * run.limits.callsPerSecond;
      for (let first = 0, last = 0; last < at.length; last++) {
        while (at[last]! - at[first]! >= CPS_WINDOW_MS) first++;
        const isExcused = frozen.some(({ until }) => until >= at[first]! && until <= at[last]! + CPS_WINDOW_MS);
        if (last - first + 1 > most + 1 && !isExcused) wrong.push(`${last - first + 1} creates within 5 s; ${most} are allowed`);
      }
      const changes = legs
        .flatMap((leg) => [
          { at: leg.createdAt, by: 1 },
          { at: leg.endedAt ?? Number.POSITIVE_INFINITY, by: -1 },
        ])
        .toSorted((a, b) => a.at - b.at || a.by - b.by);
      let up = 0;
      for (const { by } of changes) {
        up += by;
        if (up > run.limits.maxConcurrent)
          return [...wrong.slice(0, 3), `${up} legs were up; ${run.limits.maxConcurrent} are allowed`];
      }
      return wrong.slice(0, 3);
    },
  },
  {
    n: 22,
    says: 'queues and outbox are empty, nothing is due in the past, and no lease outlives what it is for',
    check: ({ redis, records, run }) => {
      const done = new Map(
        records.flatMap(({ callId, attempts }) => attempts.map(({ n, over }) => [`${callId}:${n}`, over] as const)),
      );
      return [
        ...Object.entries(redis.jobs)
          .filter(([, count]) => count > 0)
          .map(([queue, count]) => `${count} jobs are left: ${queue}`),
        ...(redis.outbox > 0 ? [`${redis.outbox} entries are left in the outbox`] : []),
        ...redis.due.filter(({ at }) => at < run.endedAt - 10_000).map(({ callId }) => `${callId} is due in the past`),
        ...redis.leases.map(({ what }) => `a media lease is left: ${what}`),
        ...redis.places
          .filter(({ callId, attempt }) => done.get(`${callId}:${attempt}`)?.proven === true)
          .map(({ callId, attempt }) => `the place of ${callId}, attempt ${attempt}, is held although its end is proven`),
      ];
    },
  },
  {
    n: 23,
    says: 'forged, unsigned and replayed requests change nothing',
    check: ({ attacks }) =>
      attacks.filter(({ succeeded }) => succeeded).map(({ kind, callId }) => `an attack succeeded: ${kind} ${callId ?? ''}`),
  },
  {
    n: 24,
    says: 'numbers, secrets and spoken words appear in no log, job, feed, timeline, outbox or order',
    check: ({ run, logs, redis }) => {
      const canaries = run.canaries.map((canary) => new RegExp(canary));
      const found = new Set<string>();
      for (const [where, text] of [
        ...logs.map(({ name: log, text }) => [log, text] as const),
        ...redis.text.map(({ key, value }) => [key, value] as const),
      ])
        for (const canary of canaries)
          if (canary.test(text)) found.add(`${where} holds what ${canary.source.slice(0, 24)} stands for`);
      return [...found];
    },
  },
  {
    n: 25,
    says: 'every event that the endpoint asked for arrived at least once, signed',
    check: ({ webhooks, records }) => {
      if (webhooks === null) return [];
      const ended = new Set(
        webhooks
          .filter(({ type, signed, answered }) => type === 'call.ended' && signed && answered < 300)
          .map(({ callId }) => callId),
      );
      return [
        ...records
          .filter(({ state, callId }) => state === 'ended' && !ended.has(callId))
          .map(({ callId }) => `the end of ${callId} was never told`),
        ...webhooks.filter(({ signed }) => !signed).map(({ id }) => `delivery ${id} had no good signature`),
      ];
    },
  },
  {
    n: 26,
    says: 'no transferred call is cut by us before its limit',
    check: ({ records, legs, client }) =>
      records.flatMap((record) => {
        const transferred = record.timeline.find(({ state }) => state === 'transferred');
        if (!transferred) return [];
        const leg = legs.findLast(({ callId }) => callId === record.callId);
        const wasAsked = client.some(({ op, callId }) => op === 'end' && callId === record.callId);
        const byUs = leg?.endedBy === 'rest' && !wasAsked && record.attempts.at(-1)?.over?.cause !== 'max-duration';
        return byUs ? [`${name(leg)} was transferred, and ended by us`] : [];
      }),
  },
];
