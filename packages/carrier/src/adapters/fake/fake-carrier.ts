import { isTerminal, type CarrierCallId, type CarrierStatus } from '@onhook/contracts';
import type { Clock, Timers } from '@onhook/service';
import type {
  Carrier,
  CarrierCall,
  FetchOutcome,
  HangUpOutcome,
  ListOutcome,
  PlaceCall,
  PlaceOutcome,
  Redirect,
  RedirectOutcome,
} from '../../port.js';

export type FakeRequest =
  | { readonly type: 'place'; readonly at: number; readonly request: PlaceCall; readonly outcome: PlaceOutcome }
  | { readonly type: 'hang-up'; readonly at: number; readonly sid: CarrierCallId; readonly outcome: HangUpOutcome }
  | {
      readonly type: 'redirect';
      readonly at: number;
      readonly sid: CarrierCallId;
      readonly request: Redirect;
      readonly outcome: RedirectOutcome;
    }
  | { readonly type: 'fetch'; readonly at: number; readonly sid: CarrierCallId; readonly outcome: FetchOutcome }
  | { readonly type: 'list'; readonly at: number; readonly outcome: ListOutcome };

export interface FakeCarrierDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly timers: Pick<Timers, 'sleep' | 'after'>;
}

/** An answer for the next request of its kind, or how to find it. */
type Script<Request, Outcome> = Outcome | ((request: Request) => Outcome);

/** A carrier in memory. By itself it takes every call and ends every leg; what it shall do otherwise is scripted. */
export interface FakeCarrier extends Carrier {
  /** Every request that reached it, in order. A request that was never sent is not among them. */
  readonly requests: readonly FakeRequest[];
  readonly legs: readonly CarrierCall[];
  /** Answers for the next requests, one each; after them it answers by itself again. */
  readonly next: {
    place(...answers: Script<PlaceCall, PlaceOutcome>[]): void;
    hangUp(...answers: Script<CarrierCallId, HangUpOutcome>[]): void;
    redirect(...answers: Script<Redirect, RedirectOutcome>[]): void;
    fetch(...answers: Script<CarrierCallId, FetchOutcome>[]): void;
    list(...answers: ListOutcome[]): void;
  };
  /** For `next.place`: the leg comes about and the answer is lost. */
  readonly lostAnswer: (request: PlaceCall) => PlaceOutcome;
  /** From now on each answer takes this long. The request itself counts from its beginning. */
  setLagMs(ms: number): void;
  /** From now on a leg ends this long after it was asked to; `null`: the carrier says yes and does nothing. */
  setEndsAfterMs(ms: number | null): void;
  /** From now on a new leg is listed only this long after its creation. */
  setListLagMs(ms: number): void;
  setStatus(sid: CarrierCallId, status: CarrierStatus, facts?: Partial<CarrierCall>): void;
  /** A leg that nobody of ours asked for. */
  addLeg(facts?: Partial<CarrierCall>): CarrierCall;
}

export function createFakeCarrier({ clock, timers }: FakeCarrierDeps): FakeCarrier {
  const requests: FakeRequest[] = [];
  const legs = new Map<CarrierCallId, CarrierCall>();
  const listedFrom = new Map<CarrierCallId, number>();
  const scripts = {
    place: [] as Script<PlaceCall, PlaceOutcome>[],
    hangUp: [] as Script<CarrierCallId, HangUpOutcome>[],
    redirect: [] as Script<Redirect, RedirectOutcome>[],
    fetch: [] as Script<CarrierCallId, FetchOutcome>[],
    list: [] as ListOutcome[],
  };
  let lagMs = 0;
  let endsAfterMs: number | null = 0;
  let listLagMs = 0;
  let sids = 0;

  function addLeg(facts: Partial<CarrierCall> = {}): CarrierCall {
    const sid = facts.sid ?? (`CA${(++sids).toString(16).padStart(32, '0')}` as CarrierCallId);
    const leg: CarrierCall = {
      sid,
      to: '',
      from: '',
      status: 'queued',
      direction: 'outbound-api',
      parentSid: null,
      // Stamped in whole seconds, as the real one does.
      createdAt: Math.floor(clock.now() / 1_000) * 1_000,
      durationSec: null,
      answeredBy: null,
      ...facts,
    };
    legs.set(sid, leg);
    listedFrom.set(sid, clock.now() + listLagMs);
    return leg;
  }

  function setStatus(sid: CarrierCallId, status: CarrierStatus, facts: Partial<CarrierCall> = {}): void {
    const leg = legs.get(sid);
    if (!leg) throw new Error(`the fake carrier has no leg ${sid}`);
    legs.set(sid, { ...leg, ...facts, status });
  }

  const accept = ({ to, from }: PlaceCall): PlaceOutcome => ({ outcome: 'accepted', sid: addLeg({ to, from }).sid });

  function end(sid: CarrierCallId): HangUpOutcome {
    const leg = legs.get(sid);
    if (!leg) return { outcome: 'perhaps-over', code: 20_404 };
    if (isTerminal(leg.status)) return { outcome: 'perhaps-over', code: 21_220 };
    if (endsAfterMs === 0) endNow(sid);
    else if (endsAfterMs !== null) timers.after(endsAfterMs, () => endNow(sid));
    return { outcome: 'asked', status: legs.get(sid)!.status };
  }

  function endNow(sid: CarrierCallId): void {
    const leg = legs.get(sid);
    if (!leg || isTerminal(leg.status)) return;
    setStatus(sid, leg.status === 'in-progress' ? 'completed' : 'canceled', { durationSec: 0 });
  }

  async function answerAfterLag<T>(outcome: T): Promise<T> {
    if (lagMs > 0) await timers.sleep(lagMs);
    return outcome;
  }

  return {
    requests,
    get legs() {
      return [...legs.values()];
    },
    next: {
      place: (...answers) => void scripts.place.push(...answers),
      hangUp: (...answers) => void scripts.hangUp.push(...answers),
      redirect: (...answers) => void scripts.redirect.push(...answers),
      fetch: (...answers) => void scripts.fetch.push(...answers),
      list: (...answers) => void scripts.list.push(...answers),
    },
    lostAnswer(request) {
      accept(request);
      return { outcome: 'unclear', reason: 'ECONNRESET' };
    },
    setLagMs: (ms) => void (lagMs = ms),
    setEndsAfterMs: (ms) => void (endsAfterMs = ms),
    setListLagMs: (ms) => void (listLagMs = ms),
    setStatus,
    addLeg,

    async placeCall(request, expired) {
      if (expired()) return { outcome: 'not-sent', retryInMs: 0, reason: 'grant-expired' };
      const outcome = play(scripts.place, request, accept);
      requests.push({ type: 'place', at: clock.now(), request, outcome });
      return answerAfterLag(outcome);
    },
    async hangUp(sid) {
      const outcome = play(scripts.hangUp, sid, end);
      requests.push({ type: 'hang-up', at: clock.now(), sid, outcome });
      return answerAfterLag(outcome);
    },
    async redirect(sid, request) {
      const outcome = play<Redirect, RedirectOutcome>(scripts.redirect, request, () =>
        legs.get(sid)?.status === 'in-progress' ? { outcome: 'asked' } : { outcome: 'refused', reason: 'twilio-21220' },
      );
      requests.push({ type: 'redirect', at: clock.now(), sid, request, outcome });
      return answerAfterLag(outcome);
    },
    async fetchCall(sid) {
      const outcome = play<CarrierCallId, FetchOutcome>(scripts.fetch, sid, () => {
        const call = legs.get(sid);
        return call ? { outcome: 'found', call } : { outcome: 'not-found' };
      });
      requests.push({ type: 'fetch', at: clock.now(), sid, outcome });
      return answerAfterLag(outcome);
    },
    async listCalls({ to, from, createdAfter, createdBefore, live = false }) {
      const earliest = Math.floor(createdAfter / 1_000) * 1_000;
      const outcome = play<void, ListOutcome>(scripts.list, undefined, () => ({
        outcome: 'listed',
        complete: true,
        calls: [...legs.values()]
          .filter((leg) => listedFrom.get(leg.sid)! <= clock.now())
          .filter((leg) => !live || !isTerminal(leg.status))
          .filter((leg) => (to === undefined || leg.to === to) && (from === undefined || leg.from === from))
          .filter(({ createdAt: at }) => at === null || (at >= earliest && (createdBefore === undefined || at <= createdBefore)))
          .toReversed(),
      }));
      requests.push({ type: 'list', at: clock.now(), outcome });
      return answerAfterLag(outcome);
    },
  };
}

function play<Request, Outcome extends object>(
  scripted: Script<Request, Outcome>[],
  request: Request,
  byItself: (request: Request) => Outcome,
): Outcome {
  const script = scripted.shift();
  if (script === undefined) return byItself(request);
  return typeof script === 'function' ? script(request) : script;
}
