import type { Run } from './run-seed.js';
import { FAULT_KINDS } from './fault-kinds.js';
import { BRANCHES, RARE } from './branches.js';
import { gatherFacts, type Facts } from './audit/facts.js';

/*
 * A green run proves little if nothing interesting happened: what must have happened at least once over all seeds.
 */

/** `queued: dial-started → dialing`. */
export function branchesOf({ kept }: Run): Set<string> {
  const reached = new Set<string>();
  for (const { timeline } of kept.values()) {
    timeline.forEach((entry, i) => {
      const before = timeline[i - 1];
      if (before && before.state !== entry.state) reached.add(`${before.state}: ${entry.event} → ${entry.state}`);
    });
  }
  return reached;
}

const ended = ({ kept }: Facts) => kept.flatMap(({ call }) => call.attempts.flatMap(({ over }) => (over ? [over] : [])));
const endedBy = (layer: string) => (facts: Facts) => ended(facts).some(({ endedBy: by }) => by === layer);
const hasCause = (cause: string) => (facts: Facts) =>
  facts.kept.some(({ call }) => call.end?.cause === cause || call.attempts.some(({ over }) => over?.cause === cause));

/** Each holds at least once. */
const SOMETIMES: Readonly<Record<string, (facts: Facts) => boolean>> = {
  ...Object.fromEntries(
    (['carrier', 'hangup-worker', 'gateway', 'gateway-direct', 'fall-through', 'watchdog', 'time-limit', 'none'] as const).map(
      (layer) => [`a call was ended by: ${layer}`, endedBy(layer)],
    ),
  ),
  ...Object.fromEntries(
    (
      [
        'callee-hung-up',
        'agent-ended-call',
        'transferred',
        'transfer-failed',
        'voicemail',
        'voicemail-message-left',
        'silence-timed-out',
        'max-duration',
        'no-answer',
        'busy',
        'invalid-number',
        'carrier-rejected',
        'dial-failed',
        'dial-expired',
        'submission-lost',
        'canceled',
        'expired',
        'operator-ended-call',
        'worker-shutdown',
        'agent-connect-failed',
        'agent-lost',
        'no-media',
        'media-lost',
        'gateway-lost',
      ] as const
    ).map((cause) => [`a call ended with: ${cause}`, hasCause(cause)]),
  ),
  ...Object.fromEntries(
    FAULT_KINDS.map((kind) => [`fault: ${kind}`, ({ run }: Facts) => run.world.weather.hits.some((hit) => hit.kind === kind)]),
  ),
  'an end was left unproven': (facts) => ended(facts).some(({ proven }) => !proven),
  'somebody was dialed again': ({ kept }) => kept.some(({ call }) => call.attempts.length > 1),
  'a leg that no record wanted was hung up': ({ legs, run }) =>
    legs.some(({ sid, endedBy: by }) => by === 'rest' && !isBound(run, sid)),
  'a request was provably not sent, and sent later': ({ kept }) => kept.some(({ call }) => call.dials > call.attempts.length),
  'a stream was refused its second entry': ({ run }) => run.world.ledger.entries.some(({ type }) => type === 'intruder'),
  'a record was behind the carrier': ({ kept }) =>
    kept.some(({ timeline }) =>
      timeline.some((entry, i) => timeline[i - 1]?.state === 'queued' && entry.event === 'carrier' && entry.state !== 'queued'),
    ),
  'a farewell was reopened or cut': ({ kept }) => kept.some(({ call }) => call.goodbye !== null && call.goodbye !== 'played'),
};

function isBound({ kept }: Run, sid: string): boolean {
  return [...kept.values()].some(({ call }) => call.attempts.some((attempt) => attempt.sid === sid));
}

export function sometimesOf(run: Run): Set<string> {
  const facts = gatherFacts(run);
  return new Set(Object.entries(SOMETIMES).flatMap(([name, holds]) => (holds(facts) ? [name] : [])));
}

/** What nothing of all this has reached. */
export function unreached(reached: ReadonlySet<string>): string[] {
  return [...BRANCHES.filter((branch) => !RARE.has(branch)), ...Object.keys(SOMETIMES)].filter((name) => !reached.has(name));
}

/** What moved although no line of the law says so. */
export function unlawful(branches: ReadonlySet<string>): string[] {
  const law = new Set<string>(BRANCHES);
  return [...branches].filter((branch) => !law.has(branch));
}
