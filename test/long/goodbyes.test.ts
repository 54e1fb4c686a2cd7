import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView } from '@onhook/contracts';
import type { LedgerEntry } from '@onhook/simulator';
import { openTestHouse, type TestHouse } from '../house.js';

const CALLS = 200;
const AT_ONCE = 50;
/** What is on its way to the ear when the carrier clears. */
const TICK_MS = 40;
let house: TestHouse;

beforeAll(async () => {
  house = await openTestHouse({
    // Time to connect on a crowded machine: what is judged here is the end.
    env: { CALLS_PER_SECOND: '10', MAX_CONCURRENT_CALLS: String(AT_ONCE), SEATS: '100', AGENT_READY_WITHIN_MS: '20000' },
  });
  await house.setScenario({
    to: '+1415555????',
    persona: 'chats',
    oneOf: [
      // Into whatever is being said, if anything is.
      { weight: 4, steps: [{ wait: { fromMs: 2_000, toMs: 9_000 } }, { say: 'Wait a moment, please.' }, { talk: true }] },
      {
        weight: 4,
        steps: [
          { wait: { fromMs: 2_000, toMs: 6_000 } },
          { say: 'Yes, that is me.' },
          { wait: { fromMs: 1_000, toMs: 6_000 } },
          { say: 'Sorry, what was that?' },
          { talk: true },
        ],
      },
      { weight: 1, persona: 'barges-in' },
      { weight: 1, persona: 'chats' },
    ],
    faults: [{ kind: 'media-jitter', probability: 0.02, delayMs: 80 }],
  });
});
afterAll(() => house.close());

interface HeardLine extends LedgerEntry {
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ofMs: number;
  readonly startedAt: number;
  readonly lastPlayedAt: number;
}

describe(`${CALLS} calls, ${AT_ONCE} at once, with jitter and callees who break in`, () => {
  const calls: CallView[] = [];

  /** A poll whose connection the api closes in the same moment is asked again. */
  async function ended(id: string): Promise<CallView> {
    for (let failures = 0; ; failures++) {
      try {
        return await house.until(id, ['ended'], 500_000);
      } catch (error) {
        if (!(error instanceof TypeError) || failures === 5) throw error;
      }
    }
  }

  it('all come to their end', { timeout: 580_000 }, async () => {
    const ids: string[] = [];
    for (let n = 0; n < CALLS; n++) ids.push((await house.placeCall({ to: `+1415555${4_000 + n}`, agentId: 'demo' })).id);
    for (const id of ids) calls.push(await ended(id));
    expect(calls.filter(({ disposition }) => disposition !== 'completed')).toEqual([]);
    // A callee who has said all it knows is silent at last: then it is the clock that says goodbye.
    const causes = new Set(calls.map(({ cause }) => cause));
    expect([...causes].filter((cause) => cause !== 'agent-ended-call' && cause !== 'silence-timed-out')).toEqual([]);
    expect(calls.filter(({ cause }) => cause === 'agent-ended-call').length).toBeGreaterThan(CALLS / 2);
  });

  /** Looked through once, when all is over: a ledger of so many calls is long. */
  const ledger = new Map<string, LedgerEntry[]>();
  const of = (call: CallView, kind: string): LedgerEntry[] => {
    if (ledger.size === 0) {
      for (const entry of house.simulator.entries()) {
        const key = `${entry.callSid} ${entry.kind}`;
        const known = ledger.get(key);
        if (known) known.push(entry);
        else ledger.set(key, [entry]);
      }
    }
    return ledger.get(`${call.attempts[0]?.carrierCallId} ${kind}`) ?? [];
  };
  const linesOf = (call: CallView): HeardLine[] => of(call, 'line-heard') as HeardLine[];

  it('cut not a millisecond of a goodbye', () => {
    const goodbyes = calls.map((call) => {
      const last = linesOf(call).at(-1);
      return { id: call.id, goodbye: call.goodbye, text: last?.text, cutMs: last ? last.ofMs - last.toMs : null };
    });
    expect(
      goodbyes.filter(({ goodbye, cutMs, text }) => goodbye !== 'played' || cutMs !== 0 || !/goodbye/i.test(text ?? '')),
    ).toEqual([]);
  });

  it('leave none up three seconds after its end was asked for', () => {
    const slow = calls.map((call) => {
      const asked = call.timeline!.find(({ event }) => event === 'end-asked')!;
      return { id: call.id, ms: of(call, 'carrier-ended')[0]!.at - Date.parse(asked.at) };
    });
    expect(slow.filter(({ ms }) => ms > 3_000)).toEqual([]);
  });

  it('play nothing of a line that a clear has cut off', () => {
    const stale: unknown[] = [];
    let cut = 0;
    for (const call of calls) {
      const lines = linesOf(call);
      for (const clear of of(call, 'audio-cleared')) {
        const before = lines.filter(({ startedAt }) => startedAt < clear.at);
        const last = before.findLast(({ lastPlayedAt }) => lastPlayedAt <= clear.at + TICK_MS);
        if (last && last.toMs < last.ofMs) cut++;
        const late = before.filter(({ lastPlayedAt }) => lastPlayedAt > clear.at + TICK_MS);
        // The rest of the same line, not said anew from its beginning.
        const resumed = lines.filter(
          ({ text, fromMs, startedAt }) =>
            fromMs > last!.toMs && text === last?.text && startedAt >= clear.at && startedAt < clear.at + 2_000,
        );
        for (const { text, fromMs, toMs } of [...late, ...resumed]) stale.push({ id: call.id, text, fromMs, toMs });
      }
    }
    expect(stale).toEqual([]);
    // And callees did break in.
    expect(cut).toBeGreaterThan(CALLS / 10);
  });
});
