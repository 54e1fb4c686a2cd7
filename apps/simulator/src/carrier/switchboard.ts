import type { ScenarioTable } from '../scenarios.js';
import type { CarrierCall } from './call.js';
import type { CreateOrder } from './create-request.js';
import { labelsOf, type CarrierDeps } from './document-host.js';
import { startCall, type LiveCall } from './live-call.js';
import { parseTwiml, TwimlFault } from './twiml.js';

/** All calls of the account. */
export interface Switchboard {
  create(order: CreateOrder): LiveCall;
  find(sid: string): LiveCall | undefined;
  newestFirst(): CarrierCall[];
  close(): void;
}

export function createSwitchboard(deps: CarrierDeps & { scenarios: ScenarioTable }): Switchboard {
  const calls = new Map<string, LiveCall>();

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
    newestFirst: () => [...calls.values()].map((live) => live.call).reverse(),
    close() {
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
