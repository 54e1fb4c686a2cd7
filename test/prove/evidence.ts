import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/*
 * What a run leaves behind, one file a witness, in one folder. The audit reads nothing else, so that it can be run on anybody's chaos.
 * All moments (`at`, `until` …) are wall-clock milliseconds since the epoch, of one machine.
 */

/** `run.json`: what was asked for. */
export interface RunFacts {
  readonly seed: number;
  readonly startedAt: number;
  /** When the last process of ours had been told to stop. */
  readonly endedAt: number;
  readonly callsAsked: number;
  readonly faultsAsked: number;
  readonly limits: { readonly callsPerSecond: number; readonly maxConcurrent: number };
  /** By agent: the longest that a conversation may last, in seconds. */
  readonly maxDurationSec: number;
  /** How many gateway processes there were. */
  readonly gateways: number;
  /** What must appear in no log, job, feed, timeline, outbox and order. Regular expressions. */
  readonly canaries: readonly string[];
}

/** `ledger.ndjson`: the carrier's own book. Its kinds: apps/simulator/README.md. */
export interface LedgerLine {
  readonly seq: number;
  readonly at: number;
  readonly mono: number;
  readonly kind: string;
  readonly callSid?: string;
  readonly callId?: string;
  readonly attempt?: string;
  readonly [fact: string]: unknown;
}

export const FAULT_CLASSES = ['process', 'redis', 'carrier', 'call'] as const;
/** Whom a fault struck: a process of ours, Redis, the carrier's API, or one call only. */
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** `faults.ndjson`: what was done to the system, and when it was over. */
export interface FaultLine {
  readonly kind: string;
  readonly class: FaultClass;
  readonly at: number;
  readonly until: number;
  /** A process of ours: `gateway-2`. */
  readonly who?: string;
  readonly gatewayId?: string;
}

/** `client.ndjson`: every request of the client and what it was answered; `status` null: no answer came. */
export interface ClientLine {
  readonly at: number;
  readonly op: 'create' | 'end' | 'cancel' | 'hold';
  readonly key: string;
  readonly to: string;
  readonly status: number | null;
  readonly callId: string | null;
  readonly maxAttempts: number;
  readonly earliestAt?: number;
  readonly latestAt?: number;
}

export interface TimelineLine {
  readonly version: number;
  readonly at: number;
  readonly source: string;
  readonly event: string;
  readonly verdict: string;
  readonly state: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RecordedAttempt {
  readonly n: number;
  readonly dialedAt: number;
  readonly sid: string | null;
  readonly carrierStatus: string | null;
  readonly answeredAt: number | null;
  readonly over: {
    readonly at: number;
    readonly disposition: string;
    readonly cause: string;
    readonly by: string;
    readonly endedBy: string;
    readonly proven: boolean;
  } | null;
}

/** `records.ndjson`: each call as Redis has it at the end. */
export interface RecordLine {
  readonly callId: string;
  readonly to: string;
  readonly state: string;
  readonly version: number;
  readonly createdAt: number;
  readonly attempts: readonly RecordedAttempt[];
  readonly end: RecordedAttempt['over'];
  readonly timeline: readonly TimelineLine[];
}

/** `redis.json`: what lies in Redis when every process of ours has gone. */
export interface RedisFacts {
  readonly now: number;
  /** Connections of ours that are still open. */
  readonly clients: readonly string[];
  /** Of each queue, jobs by state: waiting, active, delayed. */
  readonly jobs: Readonly<Record<string, number>>;
  readonly outbox: number;
  readonly due: readonly { readonly callId: string; readonly at: number }[];
  /** Media leases, and places of admission: whose, and when they run out. */
  readonly leases: readonly { readonly what: string; readonly until: number }[];
  readonly places: readonly { readonly callId: string; readonly attempt: number; readonly until: number }[];
  /** Jobs, streams and orders as text: where no number and no word may stand. */
  readonly text: readonly { readonly key: string; readonly value: string }[];
}

/** `processes.ndjson`: how each process ended, and what it had open. `asked`: SIGTERM, not one of the faults. */
export interface ProcessLine {
  readonly who: string;
  readonly at: number;
  readonly asked: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  readonly openSockets: number;
}

/** `webhooks.ndjson`: what the receiver got. */
export interface WebhookLine {
  readonly at: number;
  readonly id: string;
  readonly type: string;
  readonly callId: string | null;
  readonly signed: boolean;
  readonly answered: number;
}

/** `attacks.ndjson`: the attacker's own log. */
export interface AttackLine {
  readonly at: number;
  readonly kind: string;
  readonly callId?: string;
  /** HTTP status; null: the connection was closed or refused. */
  readonly status: number | null;
  readonly openForMs?: number;
  /** It was given what is not the attacker's: an accepted stream, a call's record, a changed call. */
  readonly succeeded: boolean;
}

export interface Evidence {
  readonly run: RunFacts;
  readonly ledger: readonly LedgerLine[];
  readonly faults: readonly FaultLine[];
  readonly client: readonly ClientLine[];
  readonly records: readonly RecordLine[];
  readonly redis: RedisFacts;
  readonly processes: readonly ProcessLine[];
  /** Null: nobody listened. */
  readonly webhooks: readonly WebhookLine[] | null;
  readonly attacks: readonly AttackLine[];
  readonly logs: readonly { readonly name: string; readonly text: string }[];
}

/** @throws Error that names the file which is missing or broken */
export function readEvidence(dir: string): Evidence {
  const file = (name: string): string => path.join(dir, name);
  const json = <T>(name: string): T => JSON.parse(readFileSync(file(name), 'utf8')) as T;
  const lines = <T>(name: string): T[] => {
    const text = readFileSync(file(name), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line, i) => {
        try {
          return JSON.parse(line) as T;
        } catch {
          throw new Error(`${name}, line ${i + 1}, is no JSON`);
        }
      });
  };
  const logsDir = file('logs');
  return {
    run: json('run.json'),
    ledger: lines('ledger.ndjson'),
    faults: lines('faults.ndjson'),
    client: lines('client.ndjson'),
    records: lines('records.ndjson'),
    redis: json('redis.json'),
    processes: lines('processes.ndjson'),
    webhooks: existsSync(file('webhooks.ndjson')) ? lines('webhooks.ndjson') : null,
    attacks: lines('attacks.ndjson'),
    logs: readdirSync(logsDir).map((name) => ({ name, text: readFileSync(path.join(logsDir, name), 'utf8') })),
  };
}
