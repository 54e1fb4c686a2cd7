import { isTerminal, type CarrierStatus } from '@onhook/contracts';
import type { Ender, LedgerEntry } from '../carrier/ledger.js';
import type { SessionLog } from '../provider.js';
import type { KeptCall, Run } from '../run-seed.js';
import type { WishLog } from '../users.js';
import type { FaultHit } from '../weather.js';
import { grouped } from './grouped.js';

type EntryOf<T extends LedgerEntry['type']> = Extract<LedgerEntry, { type: T }>;

/** One leg by the carrier's ledger. */
export interface LegFacts {
  readonly sid: string;
  readonly asked: EntryOf<'create-request'>;
  readonly createdAt: number;
  readonly rangAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly status: CarrierStatus;
  readonly endedBy: Ender | null;
  readonly opened: readonly EntryOf<'stream-opened'>[];
  readonly closed: readonly EntryOf<'stream-closed'>[];
  readonly transferJoined: EntryOf<'transfer-joined'> | null;
  readonly transferBridgedAt: number | null;
  readonly transferEndedAt: number | null;
}

/** What the judge knows: by ledger, provider, fault log, clients and the store, each for itself. */
export interface Facts {
  readonly run: Run;
  readonly legs: readonly LegFacts[];
  readonly creates: readonly EntryOf<'create-request'>[];
  readonly legOf: ReadonlyMap<string, LegFacts>;
  readonly kept: readonly KeptCall[];
  readonly wishOf: ReadonlyMap<string, WishLog>;
  sessionsOf(callId: string, attempt: number): readonly SessionLog[];
  /** Faults that met this leg or its call, or a process, or everybody, between these moments. */
  faultsAround(leg: { sid: string | null; callId: string }, from: number, to: number): readonly FaultHit[];
}

export interface Violation {
  readonly statement: number;
  readonly seed: number;
  readonly what: string;
  readonly callId?: string;
  readonly sid?: string;
  /** Seconds from the beginning of the run. */
  readonly atSec?: number;
}

export type Statement = (facts: Facts) => Omit<Violation, 'seed' | 'statement'>[];

export function gatherFacts(run: Run): Facts {
  const { entries } = run.world.ledger;
  const creates = entries.filter((entry) => entry.type === 'create-request');
  const bySid = grouped(
    entries.filter((entry) => 'sid' in entry && entry.sid !== null),
    (entry) => (entry as { sid: string }).sid,
  );
  const legs = [...bySid].flatMap(([sid, own]) => {
    const leg = legFacts(sid, own);
    return leg ? [leg] : [];
  });
  const wishOf = new Map(run.wishes.flatMap((log) => (log.callId === null ? [] : [[log.callId, log] as const])));
  const sessions = grouped(run.world.provider.sessions, ({ callId, attempt }) => `${callId}/${attempt}`);
  return {
    run,
    legs,
    creates,
    legOf: new Map(legs.map((leg) => [leg.sid, leg])),
    kept: [...run.kept.values()],
    wishOf,
    sessionsOf: (callId, attempt) => sessions.get(`${callId}/${attempt}`) ?? [],
    faultsAround: ({ sid, callId }, from, to) =>
      run.world.weather.hits.filter(
        (hit) =>
          hit.at <= to &&
          hit.until >= from &&
          (hit.callId !== null || hit.sid !== null ? hit.callId === callId || (sid !== null && hit.sid === sid) : true),
      ),
  };
}

function legFacts(sid: string, own: readonly LedgerEntry[]): LegFacts | null {
  const of = <T extends LedgerEntry['type']>(type: T): EntryOf<T>[] =>
    own.filter((entry): entry is EntryOf<T> => entry.type === type);
  const [asked] = of('create-request');
  const statuses = of('status');
  const at = (wanted: CarrierStatus): number | null => statuses.find(({ status }) => status === wanted)?.at ?? null;
  const last = statuses.findLast(({ status }) => isTerminal(status));
  const first = statuses[0];
  if (!asked || !first) return null;
  return {
    sid,
    asked,
    createdAt: first.at,
    rangAt: at('ringing'),
    answeredAt: at('in-progress'),
    endedAt: last?.at ?? null,
    status: statuses.at(-1)!.status,
    endedBy: last?.by ?? null,
    opened: of('stream-opened'),
    closed: of('stream-closed'),
    transferJoined: of('transfer-joined')[0] ?? null,
    transferBridgedAt: of('transfer-bridged')[0]?.at ?? null,
    transferEndedAt: of('transfer-ended')[0]?.at ?? null,
  };
}
