import { connectedSeconds, isFinal, type ProgressEvent } from '../call.js';
import type { CreateOrder } from '../create-request.js';
import type { Leg } from '../document.js';
import type { TwilioError } from '../errors.js';
import { checkCallee, isOwned } from '../number-policy.js';
import { readNumber } from '../phone-number.js';
import type { DialVerb, NumberNoun } from '../verb.js';
import { startDial, type DialOutcome } from './dial-legs.js';
import { resolveUrl, type Next, type VerbRun } from './verb-run.js';

/** `<Dial>`: calls the numbers at once, connects the first that answers, and tells the action how it went. */
export function runDial(run: VerbRun, verb: DialVerb): Promise<Next> {
  const { host, signal } = run;
  return new Promise((resolve, reject) => {
    const onOver = (outcome: DialOutcome): void => {
      const params = paramsOf(outcome);
      host.note('dial-ended', {
        childSid: params['DialCallSid'],
        dialStatus: params['DialCallStatus'],
        bridged: outcome.isBridged,
      });
      const action = verb.action === undefined ? undefined : { url: resolveUrl(verb.action, run), method: verb.method, params };
      if (!signal.aborted) return resolve(action);
      // An update has interrupted it: the action is requested all the same, and before the new document, which runs instead
      // of its answer. When the caller has hung up nothing more is requested.
      if (action && !isFinal(host.call().status)) void host.fetchDocument(action.url, action.method, params);
      resolve('aborted');
    };
    startDial(run, verb, ordersOf(run, verb), { onOver, onFailed: reject });
  });
}

function ordersOf(run: VerbRun, verb: DialVerb): { order: CreateOrder; noun: NumberNoun }[] {
  const { host } = run;
  const { from: caller, to: callee } = host.call();
  const callerId = verb.callerId ?? caller;
  const from = readNumber(callerId);
  if (!from || !(from === caller || from === callee || isOwned(from, host.numbers))) {
    host.warn(13214, `<Dial>: ${callerId} is no valid callerId`);
    return [];
  }
  return verb.numbers.flatMap((noun) => {
    const to = readNumber(noun.number);
    const code = to === undefined ? 13223 : dialCodeOf(checkCallee(to, host.numbers));
    if (to !== undefined && code === undefined) return [{ noun, order: orderOf(run, verb, noun, { to, from }) }];
    host.warn(code ?? 13223, `<Dial>: ${noun.number} cannot be called`);
    return [];
  });
}

/** What a create would be refused with, in the words of a `<Dial>`: not permitted, restricted, or not a number that can be called. */
function dialCodeOf(refusal: TwilioError | undefined): number | undefined {
  if (!refusal) return undefined;
  if (refusal.code === 21215) return 13227;
  return refusal.code === 21216 || refusal.code === 21219 ? 13225 : 13224;
}

const progressEvents: readonly ProgressEvent[] = ['initiated', 'ringing', 'answered', 'completed'];
/** A leg lives as long as its `<Dial>`, which has a limit of its own. */
const longestLegSec = 86_400;

function orderOf(run: VerbRun, verb: DialVerb, noun: NumberNoun, numbers: { to: string; from: string }): CreateOrder {
  const asked = noun.statusCallbackEvent?.split(' ') ?? ['completed'];
  return {
    ...numbers,
    instructions: { twiml: '<Response/>' },
    events: new Set(progressEvents.filter((event) => asked.includes(event))),
    ringTimeoutSec: verb.timeoutSec,
    timeLimitSec: longestLegSec,
    ...(noun.statusCallback !== undefined && {
      statusCallback: { url: resolveUrl(noun.statusCallback, run), method: noun.statusCallbackMethod },
    }),
  };
}

/** The outcome in Twilio's words; without a leg, no number could be called. */
function paramsOf({ leg, isAnswered, isBridged }: DialOutcome): Record<string, string> {
  return {
    DialCallStatus: isAnswered ? 'completed' : statusOf(leg),
    ...(leg && { DialCallSid: leg.call.sid }),
    ...(leg && isAnswered && { DialCallDuration: String(connectedSeconds(leg.call)) }),
    DialBridged: String(isBridged),
  };
}

const statusOf = (leg: Leg | undefined): string => leg?.call.status ?? 'failed';
