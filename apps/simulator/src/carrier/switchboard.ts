import type { ScenarioTable } from '../scenarios.js';
import type { AccountPolicy } from './account.js';
import { isFinal, type CarrierCall } from './call.js';
import type { CreateOrder } from './create-request.js';
import { createDialQueue } from './dial-queue.js';
import { labelsOf, type CarrierDeps } from './document-host.js';
import { startCall, type AccountDeps, type LiveCall } from './live-call.js';
import { parseTwiml, TwimlFault } from './twiml.js';

/** All calls of the account. */
export interface Switchboard {
  create(order: CreateOrder): LiveCall;
  find(sid: string): LiveCall | undefined;
  /** Every call as it is, or as it was so many milliseconds ago, if it was there already. */
  newestFirst(lagMsOf?: (call: CarrierCall) => number): CarrierCall[];
  /** Forgets a call that is over: its record is gone, not the ledger's. */
  remove(sid: string): boolean;
  /** Whether the account may have one call more at the same time. */
  hasRoom(): boolean;
  close(): void;
}

type SwitchboardDeps = Omit<CarrierDeps, 'startLeg' | 'callHabits'> &
  Pick<AccountDeps, 'recordings'> & { scenarios: ScenarioTable };

/** @param account limits of the account; none if not given */
export function createSwitchboard(given: SwitchboardDeps, account: AccountPolicy = {}): Switchboard {
  const calls = new Map<string, LiveCall>();
  const dialQueue = createDialQueue({ ...given, callsPerSecond: account.callsPerSecond, expiryMs: account.queueExpiryMs });
  const deps: CarrierDeps & AccountDeps & { scenarios: ScenarioTable } = {
    ...given,
    dialQueue,
    hasRoom,
    callHabits: account,
    // A leg is never queued: it is not counted among the calls per second.
    startLeg(order, hooks) {
      const behaviour = { ...given.scenarios.behaviourOf(order.to).behaviour, queuedMs: 0 };
      const live = startCall(deps, order, behaviour, { parentCallSid: hooks.parentCallSid }, hooks);
      calls.set(live.call.sid, live);
      return live;
    },
  };

  function hasRoom(): boolean {
    if (account.maxConcurrentCalls === undefined) return true;
    const busy = [...calls.values()].filter(({ call: { status } }) => status !== 'queued' && !isFinal(status));
    return busy.length < account.maxConcurrentCalls;
  }

  return {
    create(order) {
      const { behaviour } = deps.scenarios.behaviourOf(order.to);
      const labels = 'twiml' in order.instructions ? labelsOfDocument(order.instructions.twiml) : {};
      const live = startCall(deps, order, behaviour, labels);
      calls.set(live.call.sid, live);
      if (order.invalidEvents !== undefined) {
        const message = `StatusCallbackEvent is not valid, no callback will be sent: ${order.invalidEvents}`;
        deps.ledger.write('warning', { callSid: live.call.sid, ...labels, code: 21626, message });
      }
      return live;
    },
    find: (sid) => calls.get(sid),
    newestFirst(lagMsOf = () => 0) {
      const nowMs = deps.clock.now();
      return [...calls.values()].reverse().flatMap((live) => {
        const lagMs = lagMsOf(live.call);
        if (lagMs <= 0) return [live.call];
        return live.call.createdAtMs <= nowMs - lagMs ? [live.asOf(nowMs - lagMs)] : [];
      });
    },
    remove: (sid) => calls.delete(sid),
    hasRoom,
    close() {
      dialQueue.close();
      for (const live of calls.values()) live.abandon();
    },
  };
}

/** Labels of an inline document, known before its stream opens: a call that nobody answers has them too. */
export function labelsOfDocument(twiml: string): Record<string, string> {
  try {
    for (const verb of parseTwiml(twiml).verbs) if (verb.verb === 'Connect') return labelsOf(verb.stream.parameters);
  } catch (error) {
    // A document that does not parse fails when it is run, as on the real carrier; here it only has no labels.
    if (!(error instanceof TwimlFault)) throw error;
  }
  return {};
}
