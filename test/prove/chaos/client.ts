import { systemClock, systemTimers } from '@onhook/service';
import type { ClientLine } from '../evidence.js';
import { drawCallFaults } from './call-faults.js';
import { planCall, type Plan } from './callees.js';
import type { Dice } from './seeded.js';

export interface ClientDeps {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly simulatorUrl: string;
  readonly dice: Dice;
  readonly calls: number;
  readonly atOnce: number;
  readonly write: (line: ClientLine) => void;
  readonly signal: AbortSignal;
}

export interface Client {
  /** Resolves when every call was accepted and has ended, or the signal was given. */
  run(): Promise<void>;
  readonly open: number;
  readonly accepted: number;
  readonly ended: number;
}

const LOOK_EVERY_MS = 700;
const ANSWER_WITHIN_MS = 5_000;
/** Creates that may be lost without a trace come early: it takes minutes to prove them lost. */
const EARLY_SHARE = 0.2;

/** A user of the API: asks under one key until it is answered, ends and cancels some calls, and looks until each has ended. */
export function createClient(deps: ClientDeps): Client {
  const { dice, write, signal } = deps;
  let accepted = 0;
  let ended = 0;
  let next = 0;

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ status: number | null; body: unknown }> {
    try {
      const response = await fetch(`${deps.apiUrl}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${deps.apiKey}`,
          'Content-Type': 'application/json',
          ...(key !== undefined && { 'Idempotency-Key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    } catch {
      // Whatever it was: no answer came, and that is what the log says.
      return { status: null, body: null };
    }
  }

  async function oneCall(i: number): Promise<void> {
    const plan = planCall(i, dice);
    const faults = drawCallFaults(dice, i < deps.calls * EARLY_SHARE);
    await tellSimulator(deps.simulatorUrl, plan, faults);
    const callId = await create(plan, `prove-${i}`);
    if (callId === null) return;
    accepted++;
    const until = plan.operator === 'none' ? null : operate(plan, callId);
    while (!signal.aborted) {
      const { status, body } = await ask('GET', `/v1/calls/${callId}`);
      if (status === 200 && (body as { state: string }).state === 'ended') break;
      await systemTimers.sleep(LOOK_EVERY_MS);
    }
    await until;
    ended++;
  }

  async function create(plan: Plan, key: string): Promise<string | null> {
    const earliestAt = plan.startsInMs === null ? undefined : systemClock.now() + plan.startsInMs;
    const body = {
      to: plan.to,
      agentId: plan.agentId,
      limits: { ringTimeoutSeconds: 8 },
      ...(earliestAt !== undefined && { schedule: { earliestAt: new Date(earliestAt).toISOString() } }),
    };
    while (!signal.aborted) {
      const at = systemClock.now();
      const { status, body: answer } = await ask('POST', '/v1/calls', body, key);
      const callId = status === 201 || status === 200 ? (answer as { id: string }).id : null;
      write({
        at,
        op: 'create',
        key,
        to: plan.to,
        status,
        callId,
        maxAttempts: 1,
        ...(earliestAt !== undefined && { earliestAt }),
      });
      if (callId !== null) return callId;
      if (status !== null && status < 500 && status !== 409 && status !== 429)
        throw new Error(`a create was answered ${status}: ${JSON.stringify(answer)}`);
      await systemTimers.sleep(250);
    }
    return null;
  }

  async function operate(plan: Plan, callId: string): Promise<void> {
    await systemTimers.sleep(plan.operatorAfterMs);
    const isCancel = plan.operator === 'cancel';
    const body = plan.operator === 'end-with-words' ? { message: 'I have to stop here. Thank you, and goodbye.' } : {};
    for (let tries = 0; tries < 20 && !signal.aborted; tries++) {
      const { status } = await ask(
        'POST',
        `/v1/calls/${callId}/${isCancel ? 'cancel' : 'end'}`,
        body,
        `${callId}-${plan.operator}`,
      );
      // The moment of the answer: from then on nothing may be dialed.
      write({ at: systemClock.now(), op: isCancel ? 'cancel' : 'end', key: callId, to: plan.to, status, callId, maxAttempts: 0 });
      if (status !== null && status < 500) return;
      await systemTimers.sleep(300);
    }
  }

  return {
    get open() {
      return accepted - ended;
    },
    get accepted() {
      return accepted;
    },
    get ended() {
      return ended;
    },
    async run() {
      const failures: unknown[] = [];
      await Promise.all(
        Array.from({ length: Math.min(deps.atOnce, deps.calls) }, async () => {
          while (next < deps.calls && !signal.aborted) {
            try {
              await oneCall(next++);
            } catch (error) {
              failures.push(error);
            }
          }
        }),
      );
      if (failures.length > 0)
        throw new AggregateError(failures, `${failures.length} calls could not be made: ${String(failures[0])}`);
    },
  };
}

async function tellSimulator(url: string, { to, persona }: Plan, faults: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/simulator/scenarios`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ to, persona, ...(faults.length > 0 && { faults }) }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
}
