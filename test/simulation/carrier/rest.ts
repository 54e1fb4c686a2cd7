import type {
  Carrier,
  CarrierCall,
  FetchOutcome,
  HangUpOutcome,
  ListOutcome,
  PlaceOutcome,
  RedirectOutcome,
} from '@onhook/carrier';
import { isTerminal, type CarrierCallId, type CarrierStatus } from '@onhook/contracts';
import type { Draw } from '../draw.js';
import type { FaultKind } from '../fault-kinds.js';
import type { Scheduler } from '../scheduler.js';
import type { SimProcess } from '../sim-process.js';
import type { Weather } from '../weather.js';
import type { Ledger } from './ledger.js';
import type { Leg, Switchboard } from './switchboard.js';

export interface RestDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly ledger: Ledger;
  readonly switchboard: Switchboard;
  /** The carrier's API cannot be reached by anybody. */
  readonly isAway: () => boolean;
}

/** As in the adapter: for the answer to a create, and to any other request. */
const CREATE_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 4_000;
const CONNECT_WITHIN_MS = 5_000;
const LIST_LAG_MS = 12_000;
const FETCH_LAG_MS = 4_000;

/** What a request met on its way. */
type Way = 'refused' | 'lost' | 'there';

/**
 * The carrier's REST API as one process reaches it, with what the adapter makes of its answers: a request is sent once, and what became
 * of one without an answer nobody knows.
 */
export function createRest({
  scheduler,
  draw,
  weather,
  ledger,
  switchboard,
  isAway,
}: RestDeps): (process: SimProcess) => Carrier {
  return function restOf(process) {
    const isUnreachable = (): boolean => isAway() || process.cut.carrier;

    /** Name, connection, handshake: nothing is sent before. */
    async function connect(): Promise<Way> {
      await scheduler.delay(draw.between(5, 80));
      if (!isUnreachable()) return 'there';
      if (draw.happens(0.5)) return 'refused';
      await scheduler.delay(CONNECT_WITHIN_MS);
      return 'refused';
    }

    async function request<T>(struck: readonly [FaultKind, T][], whom: object, lost: T, carryOut: () => T): Promise<T> {
      if ((await connect()) !== 'there') return lost;
      await scheduler.delay(draw.between(10, 120));
      for (const [kind, answer] of struck) if (weather.strikes(kind, whom)) return answer;
      const answer = carryOut();
      await scheduler.delay(draw.between(10, 120));
      return answer;
    }

    return {
      async placeCall(asked, expired): Promise<PlaceOutcome> {
        const { callId, attempt, to, from, timeLimitSec, ringTimeoutSec } = asked;
        if ((await connect()) !== 'there') return { outcome: 'not-sent', retryInMs: 1_000, reason: 'ECONNREFUSED' };
        await process.gate();
        // In the very tick in which the request leaves.
        if (expired()) return { outcome: 'not-sent', retryInMs: 0, reason: 'grant-expired' };
        const whom = { callId, process: process.name };
        const written = {
          type: 'create-request',
          process: process.name,
          callId,
          attempt,
          to,
          from,
          timeLimitSec,
          ringTimeoutSec,
        } as const;
        await scheduler.delay(draw.between(10, 200));
        if (isUnreachable() || weather.strikes('create-5xx-before', whom)) {
          ledger.write({ ...written, sid: null, answer: 'lost' });
          return { outcome: 'unclear', reason: 'http-503' };
        }
        if (weather.strikes('create-429', whom)) {
          ledger.write({ ...written, sid: null, answer: 'not-processed' });
          return { outcome: 'not-sent', retryInMs: draw.between(500, 3_000), reason: 'too-many-requests' };
        }
        if (weather.strikes('create-refused', whom)) {
          ledger.write({ ...written, sid: null, answer: 'refused' });
          const retryable = draw.happens(0.5);
          return { outcome: 'refused', code: retryable ? 10_004 : draw.pick([21_211, 21_215, 21_210]), retryable };
        }
        const leg = switchboard.create(asked);
        const isLost = weather.strikes('create-reply-lost', whom);
        const is5xx = weather.strikes('create-5xx-after', whom);
        const isLate = weather.strikes('create-reply-late', whom);
        ledger.write({ ...written, sid: leg.sid, answer: isLost || is5xx || isLate ? 'lost' : 'created' });
        if (is5xx) {
          await scheduler.delay(draw.between(10, 200));
          return { outcome: 'unclear', reason: 'http-502' };
        }
        if (isLost) {
          const isReset = draw.happens(0.5);
          await scheduler.delay(isReset ? draw.between(10, 500) : CREATE_WITHIN_MS);
          return { outcome: 'unclear', reason: isReset ? 'ECONNRESET' : 'timeout' };
        }
        const repliesMs = isLate ? draw.between(5_000, 25_000) : draw.between(10, 300);
        await scheduler.delay(Math.min(repliesMs, CREATE_WITHIN_MS));
        if (repliesMs > CREATE_WITHIN_MS) return { outcome: 'unclear', reason: 'timeout' };
        return { outcome: 'accepted', sid: leg.sid as CarrierCallId };
      },

      hangUp(sid): Promise<HangUpOutcome> {
        const failed = (reason: string): HangUpOutcome => ({ outcome: 'failed', reason });
        const leg = switchboard.legs.get(sid);
        const write = (carriedOut: boolean): void =>
          ledger.write({ type: 'update-request', process: process.name, sid, what: 'complete', carriedOut });
        const whom = { sid, process: process.name };
        return request<HangUpOutcome>(
          [
            ['update-429', failed('http-429')],
            ['update-5xx-before', failed('http-503')],
            ['update-lies-21220', { outcome: 'perhaps-over', code: 21_220 }],
            ['update-lies-20404', { outcome: 'perhaps-over', code: 20_404 }],
            ['update-lies-200', { outcome: 'asked', status: leg ? shown(leg.status) : 'completed' }],
          ],
          whom,
          failed('ECONNREFUSED'),
          () => {
            if (!leg) return { outcome: 'perhaps-over', code: 20_404 };
            if (isTerminal(leg.status))
              return draw.pick([
                { outcome: 'perhaps-over', code: 21_220 },
                { outcome: 'perhaps-over', code: 20_404 },
                { outcome: 'asked', status: leg.status },
              ] as const);
            write(true);
            switchboard.complete(leg);
            if (weather.strikes('update-5xx-after', whom)) return failed('http-502');
            if (weather.strikes('update-reply-lost', whom)) return failed('timeout');
            return { outcome: 'asked', status: shown(leg.status) };
          },
        ).then(async (answer) => {
          if (answer.outcome === 'failed' && answer.reason === 'timeout') await scheduler.delay(ANSWER_WITHIN_MS);
          return answer;
        });
      },

      redirect(sid, asked): Promise<RedirectOutcome> {
        const leg = switchboard.legs.get(sid);
        const whom = { sid, process: process.name };
        return request<RedirectOutcome>(
          [['redirect-refused', { outcome: 'refused', reason: 'too-many-requests' }]],
          whom,
          { outcome: 'refused', reason: 'ECONNREFUSED' },
          () => {
            const canBe = leg?.status === 'in-progress';
            ledger.write({ type: 'update-request', process: process.name, sid, what: 'redirect', carriedOut: canBe });
            if (!leg || !canBe) return { outcome: 'refused', reason: 'twilio-21220' };
            switchboard.redirect(leg, asked);
            return weather.strikes('redirect-reply-lost', whom)
              ? { outcome: 'unclear', reason: 'ECONNRESET' }
              : { outcome: 'asked' };
          },
        );
      },

      fetchCall(sid): Promise<FetchOutcome> {
        const leg = switchboard.legs.get(sid);
        const failed: FetchOutcome = { outcome: 'failed', reason: 'http-503' };
        const whom = { sid, process: process.name };
        return request<FetchOutcome>([['fetch-failed', failed]], whom, failed, () => {
          if (!leg) return { outcome: 'not-found' };
          const lagMs = weather.strikes('fetch-lags', whom) ? draw.between(0, FETCH_LAG_MS) : 0;
          return { outcome: 'found', call: resource(leg, scheduler.now() - lagMs) };
        });
      },

      listCalls({ to, from, createdAfter, createdBefore, live = false }): Promise<ListOutcome> {
        const failed: ListOutcome = { outcome: 'failed', reason: 'http-503' };
        const whom = { process: process.name };
        return request<ListOutcome>([['list-failed', failed]], whom, failed, () => {
          const complete = !weather.strikes('list-incomplete', whom);
          const lagMs = weather.strikes('list-lags', whom) ? draw.between(0, LIST_LAG_MS) : 0;
          const asOf = scheduler.now() - lagMs;
          // Stamped in whole seconds, and asked for by them.
          const earliest = Math.floor(createdAfter / 1_000) * 1_000;
          const calls = [...switchboard.legs.values()]
            .filter((leg) => leg.createdAt <= asOf)
            .filter(({ request: { to: t, from: f } }) => (to === undefined || t === to) && (from === undefined || f === from))
            .map((leg) => resource(leg, asOf))
            .filter(({ createdAt }) => createdAt! >= earliest && (createdBefore === undefined || createdAt! <= createdBefore))
            .filter(({ status }) => !live || !isTerminal(status))
            .toReversed();
          return { outcome: 'listed', complete, calls: complete ? calls : calls.filter(() => draw.happens(0.5)) };
        });
      },
    };
  };
}

/** The resource knows no `initiated`. */
function shown(status: CarrierStatus): CarrierStatus {
  return status === 'initiated' ? 'queued' : status;
}

function resource(leg: Leg, asOf: number): CarrierCall {
  const { sid, request, createdAt, answeredAt, endedAt, history } = leg;
  const status = history.findLast(({ at }) => at <= asOf)?.status ?? 'queued';
  const isOver = isTerminal(status);
  return {
    sid: sid as CarrierCallId,
    to: request.to,
    from: request.from,
    status: shown(status),
    direction: 'outbound-api',
    parentSid: null,
    createdAt: Math.floor(createdAt / 1_000) * 1_000,
    durationSec: isOver && answeredAt !== null && endedAt !== null ? Math.round((endedAt - answeredAt) / 1_000) : null,
    answeredBy: null,
  };
}
