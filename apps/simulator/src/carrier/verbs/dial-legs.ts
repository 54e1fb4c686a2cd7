import { createBridge } from '../bridge.js';
import type { CreateOrder } from '../create-request.js';
import type { DocumentHost, Leg } from '../document.js';
import { toneAudio } from '../telephone-audio.js';
import type { DialVerb, NumberNoun } from '../verb.js';
import { play } from './prompts.js';
import { resolveUrl, type VerbRun } from './verb-run.js';

export interface DialOutcome {
  /** The one that answered, or the last to end; none if no number could be called. */
  leg: Leg | undefined;
  isAnswered: boolean;
  isBridged: boolean;
}

/**
 * Calls all numbers at once, or one after another; the first callee that answers is prepared (digits, a document for its ear alone) and then
 * connected, the others are dropped. Tells the outcome once: when the connected leg is gone, when all are, or when the
 * caller is. Synchronous where it can be, so that what an interruption causes comes before what caused it goes on.
 */
export function startDial(
  run: VerbRun,
  verb: DialVerb,
  orders: readonly { order: CreateOrder; noun: NumberNoun }[],
  { onOver, onFailed }: { onOver: (outcome: DialOutcome) => void; onFailed: (error: unknown) => void },
): void {
  const { host, signal } = run;
  const legs: Leg[] = [];
  const gone = new Set<Leg>();
  const uncalled = [...orders];
  const ending = new AbortController();
  let chosen: Leg | undefined;
  let isBridged = false;

  function over(leg: Leg | undefined): void {
    if (ending.signal.aborted) return;
    ending.abort();
    for (const one of legs) if (!gone.has(one)) one.drop('dial-over');
    onOver({ leg, isAnswered: leg !== undefined && leg === chosen, isBridged });
  }

  function left(leg: Leg): void {
    if (gone.has(leg)) return;
    gone.add(leg);
    if (leg === chosen || (!chosen && gone.size === orders.length)) return over(leg);
    if (verb.isSequential && !ending.signal.aborted) callNext();
  }

  async function answered(leg: Leg, noun: NumberNoun, callee: DocumentHost): Promise<void> {
    if (chosen || ending.signal.aborted) return leg.drop('dial-over');
    chosen = leg;
    for (const other of legs) if (other !== leg && !gone.has(other)) other.drop('dial-over');
    if (noun.sendDigits !== undefined) await play(callee, toneAudio(noun.sendDigits), ending.signal);
    if (noun.url !== undefined && !ending.signal.aborted) {
      const screening = { url: resolveUrl(noun.url, run), method: noun.method };
      const why = await run.runDocument(callee, screening, ending.signal);
      if (why !== 'end-of-document' && why !== 'aborted') return leg.drop(why);
    }
    if (!ending.signal.aborted) connect(leg, callee);
  }

  function connect(leg: Leg, callee: DocumentHost): void {
    isBridged = true;
    host.note('bridged', { childSid: leg.call.sid });
    const bridge = createBridge();
    host.line.connect(bridge.parent);
    callee.line.connect(bridge.child);
    const limit = host.timers.after(verb.timeLimitSec * 1000, () => leg.drop('time-limit'));
    const stopListening = host.line.onKey((key) => verb.hangupOnStar && key === '*' && leg.drop('hangup-on-star'));
    ending.signal.addEventListener('abort', () => {
      limit.cancel();
      stopListening();
      host.line.disconnect(bridge.parent);
      callee.line.disconnect(bridge.child);
    });
  }

  function callNext(): void {
    const next = uncalled.shift();
    if (!next) return;
    const { order, noun } = next;
    let leg: Leg | undefined;
    let leftEarly = false;
    leg = host.startLeg(order, {
      parentCallSid: host.call().sid,
      onAnswered: (callee) => {
        if (leg) answered(leg, noun, callee).catch(onFailed);
      },
      onLeft: () => (leg ? left(leg) : (leftEarly = true)),
    });
    legs.push(leg);
    host.note('dialled', { childSid: leg.call.sid, to: order.to });
    if (leftEarly) left(leg);
  }

  callNext();
  while (!verb.isSequential && uncalled.length > 0) callNext();
  if (orders.length === 0) over(undefined);
  const interrupt = (): void => over(chosen ?? legs.at(-1));
  signal.addEventListener('abort', interrupt, { once: true });
  ending.signal.addEventListener('abort', () => signal.removeEventListener('abort', interrupt));
}
