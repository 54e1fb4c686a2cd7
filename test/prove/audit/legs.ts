import type { Evidence, FaultLine, LedgerLine } from '../evidence.js';

/** One parent leg as the carrier saw it. Milliseconds of the wall clock unless they are called mono. */
export interface Leg {
  readonly sid: string;
  readonly callId: string | null;
  readonly attempt: number | null;
  readonly to: string;
  readonly createdAt: number;
  readonly rangAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly endedMono: number | null;
  /** Who caused the end, in the carrier's words: rest, callee, twiml-hangup … */
  readonly endedBy: string | null;
  readonly status: string | null;
  readonly billedSeconds: number;
  readonly connectedMs: number;
  readonly farewell: Farewell | null;
  /** What of the carrier went wrong for this very leg. */
  readonly struckBy: readonly { readonly kind: string; readonly at: number }[];
}

/** The agent's goodbye: how much of it there was, and how much the callee heard. */
export interface Farewell {
  readonly at: number;
  readonly generatedMs: number;
  readonly heardMs: number;
  /** The carrier's monotonic clock. Null: nothing of it was heard. */
  readonly lastPlayedMono: number | null;
  readonly lastPlayedAt: number | null;
}

/** The same words may have been said before: only what began with this farewell, to a frame, is this farewell. */
const FRAMES_EARLIER_MS = 100;

export function legsOf({ ledger }: Pick<Evidence, 'ledger'>): Leg[] {
  const bySid = new Map<string, LedgerLine[]>();
  const byCall = new Map<string, LedgerLine[]>();
  for (const line of ledger) {
    if (line.callSid !== undefined) push(bySid, line.callSid, line);
    else if (line.callId !== undefined && line.kind.startsWith('agent-')) push(byCall, `${line.callId}:${line.attempt}`, line);
  }
  return ledger
    .filter((line) => line.kind === 'create-request' && line['outcome'] === 'accepted' && line.callSid !== undefined)
    .map((create) => {
      const lines = bySid.get(create.callSid!) ?? [];
      const of = (kind: string): LedgerLine | undefined => lines.find((line) => line.kind === kind);
      const ended = of('carrier-ended');
      const answered = lines.find((line) => line.kind === 'call-state' && line['status'] === 'in-progress');
      const agent = [...lines, ...(byCall.get(`${create.callId}:${create.attempt}`) ?? [])];
      return {
        sid: create.callSid!,
        callId: create.callId ?? null,
        attempt: create.attempt === undefined ? null : Number(create.attempt),
        to: String(create['to']),
        createdAt: create.at,
        rangAt: of('rang')?.at ?? null,
        answeredAt: answered?.at ?? null,
        endedAt: ended?.at ?? null,
        endedMono: ended?.mono ?? null,
        endedBy: ended === undefined ? null : String(ended['by']),
        status: ended === undefined ? null : String(ended['status']),
        billedSeconds: Number(ended?.['billedSeconds'] ?? 0),
        connectedMs: Number(ended?.['connectedMs'] ?? 0),
        farewell: farewellOf(agent, lines),
        struckBy: lines.filter((line) => line.kind === 'fault-struck').map(({ at, fault }) => ({ kind: String(fault), at })),
      };
    });
}

function farewellOf(agent: readonly LedgerLine[], carrier: readonly LedgerLine[]): Farewell | null {
  const said = agent.findLast((line) => line.kind === 'agent-spoke' && line['farewell'] === true);
  if (!said) return null;
  const heard = carrier.filter(
    (line) =>
      line.kind === 'line-heard' &&
      line['text'] === said['text'] &&
      Number(line['startedAt']) >= Number(said['startedAt']) - FRAMES_EARLIER_MS,
  );
  const last = heard.toSorted((a, b) => Number(a['lastPlayedMono']) - Number(b['lastPlayedMono'])).at(-1);
  return {
    at: said.at,
    generatedMs: Number(said['generatedMs']),
    heardMs: heard.reduce((sum, line) => sum + Number(line['toMs']) - Number(line['fromMs']), 0),
    lastPlayedMono: last ? Number(last['lastPlayedMono']) : null,
    lastPlayedAt: last ? Number(last['lastPlayedAt']) : null,
  };
}

/** Between these two moments. */
export const overlapping = (faults: readonly FaultLine[], from: number, to: number): FaultLine[] =>
  faults.filter((fault) => fault.at <= to && fault.until >= from);

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
