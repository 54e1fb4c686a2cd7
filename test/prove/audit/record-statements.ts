import type { RecordLine, RecordedAttempt } from '../evidence.js';
import type { Leg } from './legs.js';
import { name, type Facts, type Statement } from './statement.js';

/** In the order of a call's life. */
const ORDER = [
  'scheduled',
  'queued',
  'dialing',
  'unconfirmed',
  'placed',
  'ringing',
  'answered',
  'bridged',
  'transferred',
  'ending',
  'settling',
  'ended',
];
/** R6 of LIFECYCLE.md: the only ways back. */
const BACK = new Set([
  'queued>scheduled',
  'dialing>queued',
  'unconfirmed>queued',
  'settling>scheduled',
  'settling>queued',
  'unconfirmed>dialing',
]);

/** The published mapping: the carrier's last word for a leg → what the record may say of it. */
export const DISPOSITIONS: Readonly<Record<string, readonly string[]>> = {
  completed: ['completed', 'voicemail', 'failed', 'canceled'],
  busy: ['busy', 'canceled', 'declined'],
  'no-answer': ['no-answer', 'canceled'],
  failed: ['failed', 'canceled', 'no-answer'],
  canceled: ['canceled', 'no-answer', 'expired'],
};

const attemptOf = (records: readonly RecordLine[], leg: Leg): RecordedAttempt | undefined =>
  records.find(({ callId }) => callId === leg.callId)?.attempts.find(({ sid }) => sid === leg.sid);

export const recordStatements: readonly Statement[] = [
  {
    n: 8,
    says: 'every 201 has exactly one record; a record without a 201 matches a request whose answer was lost',
    check: ({ client, records }) => {
      const accepted = new Set(client.filter(({ op, status }) => op === 'create' && status === 201).map(({ callId }) => callId));
      const unanswered = new Set(
        client.filter(({ op, status }) => op === 'create' && (status === null || status >= 500)).map(({ to }) => to),
      );
      const known = new Map<string, number>();
      for (const { callId } of records) known.set(callId, (known.get(callId) ?? 0) + 1);
      return [
        ...[...accepted].filter((id) => id !== null && !known.has(id)).map((id) => `${id} was accepted and has no record`),
        ...[...known].filter(([, times]) => times > 1).map(([id]) => `${id} has more than one record`),
        ...records
          .filter(({ callId, to }) => !accepted.has(callId) && !unanswered.has(to))
          .map(({ callId }) => `${callId} has a record that nobody asked for`),
      ];
    },
  },
  {
    n: 9,
    says: 'every record is ended, and each attempt of it has exactly one end',
    check: ({ records }) =>
      records.flatMap((record) => [
        ...(record.state === 'ended' ? [] : [`${record.callId} is ${record.state}`]),
        ...record.attempts.filter(({ over }) => over === null).map(({ n }) => `attempt ${n} of ${record.callId} has no end`),
        ...settledTwice(record),
        ...(record.state === 'ended' && record.attempts.length === 0 && record.end === null
          ? [`${record.callId} has no end`]
          : []),
      ]),
  },
  {
    n: 10,
    says: 'disposition and SID agree with the ledger',
    check: ({ legs, records }) =>
      legs.flatMap((leg) => {
        if (leg.callId === null || !records.some(({ callId }) => callId === leg.callId)) return [];
        const attempt = attemptOf(records, leg);
        if (!attempt) return [`${name(leg)} is on no attempt of its record`];
        const { over } = attempt;
        if (!over?.proven || leg.status === null) return [];
        const allowed = DISPOSITIONS[leg.status] ?? [];
        return allowed.includes(over.disposition) ? [] : [`${name(leg)} was ${leg.status}; the record says ${over.disposition}`];
      }),
  },
  {
    n: 11,
    says: 'versions follow each other, states go back only by the legal ways, and the timeline comes to the record',
    check: ({ records }) =>
      records.flatMap(({ callId, timeline, state }) => {
        const wrong: string[] = [];
        let before = timeline[0];
        for (const entry of timeline.slice(1)) {
          if (!before) break;
          if (entry.version !== before.version && entry.version !== before.version + 1)
            wrong.push(`${callId} has version ${entry.version} after ${before.version}`);
          const isBack = ORDER.indexOf(entry.state) < ORDER.indexOf(before.state);
          if (isBack && !BACK.has(`${before.state}>${entry.state}`))
            wrong.push(`${callId} went from ${before.state} to ${entry.state}`);
          before = entry;
        }
        if (timeline.at(-1)?.state !== state)
          wrong.push(`the timeline of ${callId} ends in ${timeline.at(-1)?.state ?? 'nothing'}, not ${state}`);
        return wrong;
      }),
  },
  {
    n: 12,
    says: 'no answered call meets an agent unless its attempt lives',
    check: ({ ledger, records }) =>
      ledger
        .filter(({ kind, callId }) => kind === 'agent-session-opened' && callId !== undefined)
        .flatMap((line) => {
          const attempt = records
            .find(({ callId }) => callId === line.callId)
            ?.attempts.find(({ n }) => n === Number(line.attempt));
          if (!attempt) return [`a session was opened for ${line.callId}, attempt ${line.attempt}, which no record has`];
          const { over } = attempt;
          return over && line.at > over.at + 1_000
            ? [`a session was opened for ${line.callId} ${line.at - over.at} ms after its attempt was over`]
            : [];
        }),
  },
  {
    n: 13,
    says: 'the agent’s session closes at most 5 s after its call ended, and the call after its session',
    check: (facts) => agentOutlives(facts),
  },
  {
    n: 17,
    says: 'no healthy call is cut: the watchdog and the reconciler end calls only where a fault was the cause',
    check: ({ records, faults, legs }) =>
      records.flatMap((record) =>
        record.attempts
          .filter(({ over }) => over?.endedBy === 'watchdog' || over?.endedBy === 'reconciler' || over?.cause === 'gateway-lost')
          .filter(({ sid, dialedAt, over }) => {
            const leg = legs.find((one) => one.sid === sid);
            const to = over!.at;
            const from = Math.min(dialedAt, leg?.createdAt ?? dialedAt) - 15_000;
            return leg?.struckBy.length !== 0 ? leg === undefined && !faults.some(near(from, to)) : !faults.some(near(from, to));
          })
          .map(
            ({ n, over }) =>
              `attempt ${n} of ${record.callId} was ended by ${over!.endedBy} (${over!.cause}), and nothing was wrong`,
          ),
      ),
  },
];

const near =
  (from: number, to: number) =>
  ({ at, until }: { at: number; until: number }): boolean =>
    at <= to && until >= from;

/** A commit that moved the call out of `settling` is the end of an attempt; there is one each. */
function settledTwice({ callId, timeline, attempts }: RecordLine): string[] {
  const ends = timeline.filter(({ event, verdict }) => event === 'settled' && verdict === 'moved').length;
  return ends > Math.max(1, attempts.length) ? [`${callId} was settled ${ends} times for ${attempts.length} attempts`] : [];
}

const WITHIN_MS = 5_000;
function agentOutlives({ ledger, legs, faults }: Facts): string[] {
  const closed = new Map<unknown, number>();
  for (const line of ledger) if (line.kind === 'agent-session-closed') closed.set(line['sessionId'], line.at);
  return ledger
    .filter(({ kind, callId }) => kind === 'agent-session-opened' && callId !== undefined)
    .flatMap((line) => {
      const leg = legs.find(({ callId, attempt }) => callId === line.callId && attempt === Number(line.attempt));
      if (!leg?.endedAt) return [];
      const at = closed.get(line['sessionId']) ?? Number.POSITIVE_INFINITY;
      // A frozen process closes nothing, and what stands before the voice agent keeps its sockets.
      const excused = faults.filter(near(leg.endedAt - 1_000, leg.endedAt + WITHIN_MS)).map(({ until }) => until - leg.endedAt!);
      const boundMs = WITHIN_MS + Math.max(0, ...excused);
      return at > leg.endedAt + boundMs
        ? [`the agent of ${name(leg)} was there ${Math.round(at - leg.endedAt)} ms longer than the call`]
        : [];
    });
}
