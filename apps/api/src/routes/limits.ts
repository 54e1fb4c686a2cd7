import { limitRoutes, WAIT_REASONS } from '@onhook/contracts';
import { classifyNumber } from '@onhook/dial-rules';
import type { AccountLimits, LimitsChange } from '@onhook/store';
import type { ApiDeps } from '../api-deps.js';
import type { LimitsInForce } from '../limits-in-force.js';
import type { Serve } from '../serve.js';
import type { Within } from '../within.js';

export type LimitDeps = Pick<ApiDeps, 'control' | 'stats' | 'clock' | 'logger' | 'settings'> & {
  readonly limits: LimitsInForce;
  readonly within: Within;
};

const HOUR_MS = 3_600_000;

/** `/v1/limits`, `/v1/phone-numbers`: what may be dialed, and what is. */
export function addLimitRoutes(serve: Serve, { control, stats, clock, logger, settings, limits, within }: LimitDeps): void {
  const { account, fromNumbers } = settings;
  const numbers = fromNumbers.map((number) => ({ number, ...classifyNumber(number) }));

  serve(limitRoutes.get, async () => ({ body: await limitsView() }));

  serve(limitRoutes.set, async ({ body, principal }) => {
    await within(control.setLimits(account, body as LimitsChange));
    logger.warn({ limits: Object.keys(body), by: principal.keyId }, 'limits were changed by an operator');
    return { body: await limitsView() };
  });

  serve(limitRoutes.phoneNumbers, async () => {
    const now = clock.now();
    const since = Math.floor(now / HOUR_MS) * HOUR_MS - HOUR_MS;
    const [inForce, inFlight, rows] = await within(
      Promise.all([
        limits.refresh(),
        control.inFlightFrom(account, fromNumbers),
        stats.read({ from: since, to: now, by: 'from', numbers: fromNumbers }),
      ]),
    );
    return {
      body: {
        data: numbers.map(({ number, country, type }, i) => {
          const own = rows.filter(({ which }) => which === number);
          const attempts = own.reduce((sum, row) => sum + row.attempts, 0);
          const answered = own.reduce((sum, row) => sum + row.answered, 0);
          return {
            number,
            country,
            type,
            inFlight: inFlight[i] ?? 0,
            maxConcurrent: inForce.maxConcurrentPerFrom,
            callsPerSecond: inForce.callsPerSecondPerFrom,
            recent: { since: iso(since), attempts, answered, answerRate: attempts === 0 ? null : answered / attempts },
          };
        }),
      },
    };
  });

  async function limitsView() {
    const [inForce, set, usage, isKilled, wait] = await within(
      Promise.all([
        limits.refresh(),
        control.limits(account),
        control.usage(account),
        control.isKilled(account),
        control.accountWait(account),
      ]),
    );
    const { callsPerSecond, maxConcurrent } = inForce;
    const isFull = maxConcurrent !== null && usage.inFlight >= maxConcurrent;
    const gapMs = callsPerSecond === null ? 0 : 1_000 / callsPerSecond;
    const nextTurn = Math.max(clock.now(), usage.lastTurnAt + gapMs);
    return {
      configured: shown(settings.limits),
      set: shownIfSet(set),
      inForce: shown(inForce),
      inUse: { calls: usage.inFlight, minutesToday: usage.minutesToday, minutesHeld: usage.minutesHeld },
      dialing: { enabled: !isKilled },
      nextSlotAt: isKilled || isFull ? null : iso(nextTurn),
      waiting: wait && { reason: wait.reason, hint: WAIT_REASONS[wait.reason].hint, until: iso(wait.until) },
    };
  }
}

/** Money is not shown nor set here: its unit is the deployment's own. */
const SHOWN = [
  'maxConcurrent',
  'callsPerSecond',
  'maxConcurrentPerFrom',
  'callsPerSecondPerFrom',
  'attemptsPerNumberPerDay',
  'countries',
  'numberTypes',
  'minutesPerDay',
] as const satisfies readonly (keyof AccountLimits)[];

type Shown = { -readonly [Name in (typeof SHOWN)[number]]: Mutable<AccountLimits[Name]> };
type Mutable<T> = T extends readonly (infer Item)[] ? Item[] : T;

function shown(limits: AccountLimits): Shown {
  return Object.fromEntries(SHOWN.map((name) => [name, limits[name]])) as Shown;
}

function shownIfSet(limits: Partial<AccountLimits>): Partial<Shown> {
  return Object.fromEntries(SHOWN.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]]])));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
