import type { E164, GatewayId } from '@onhook/contracts';
import type { Chance, Timers } from '@onhook/service';
import { idFor } from '../conformance/sample-call.js';
import type { Admission, AdmissionRequest, Admitted } from '../ports/admission.js';
import type { AccountLimits, AdmissionControl, CampaignTerms } from '../ports/admission-control.js';
import { createTally, mostInAnySecond } from './tally.js';

export const FROM_NUMBERS = ['+14155550197', '+14155550198', '+14155550199'] as E164[];

/** What is raced for, and what must never be passed. */
export interface Race {
  readonly name: string;
  readonly limits: Partial<AccountLimits>;
  readonly campaigns: Readonly<Record<string, CampaignTerms>>;
  /** Of each gateway. */
  readonly seats?: Readonly<Record<string, number>>;
  /** So many telephones are called. */
  readonly destinations: number;
  /** A granted place is kept for up to so long. */
  readonly keptMs: number;
}

const campaign = (terms: Partial<CampaignTerms>): CampaignTerms => ({
  state: 'running',
  revision: 1,
  maxConcurrent: null,
  callsPerSecond: null,
  minutes: null,
  micros: null,
  ...terms,
});

export const RACES: readonly (Race & { readonly share: number })[] = [
  {
    name: 'places',
    share: 0.6,
    limits: { maxConcurrent: 20, maxConcurrentPerFrom: 8 },
    campaigns: { spring: campaign({ maxConcurrent: 5 }), autumn: campaign({ maxConcurrent: 9 }) },
    destinations: 45,
    keptMs: 8,
  },
  {
    name: 'seats',
    share: 0.1,
    limits: {},
    campaigns: {},
    seats: { gw_1: 9, gw_2: 5, gw_3: 1 },
    destinations: 5_000,
    keptMs: 8,
  },
  {
    name: 'pace',
    share: 0.15,
    limits: { callsPerSecond: 300, callsPerSecondPerFrom: 120 },
    campaigns: { spring: campaign({ callsPerSecond: 90 }), autumn: campaign({ callsPerSecond: 150 }) },
    destinations: 5_000,
    keptMs: 0,
  },
  {
    name: 'budget',
    share: 0.1,
    limits: { minutesPerDay: 2_000, microsPerDay: 3_000_000, microsPerMinute: { '*': 2_000 } },
    campaigns: { spring: campaign({ minutes: 300 }), autumn: campaign({ micros: 900_000 }) },
    destinations: 5_000,
    keptMs: 2,
  },
  { name: 'tries', share: 0.05, limits: { attemptsPerNumberPerDay: 3 }, campaigns: {}, destinations: 400, keptMs: 1 },
];

export interface RaceDeps {
  readonly race: Race;
  /** Each has a connection of its own; all of them run in this process, so that it sees in what order things happened. */
  readonly connections: readonly Pick<Admission, 'ask' | 'release'>[];
  readonly control: AdmissionControl;
  readonly account: string;
  readonly asks: number;
  readonly chance: Chance;
  readonly timers: Pick<Timers, 'sleep'>;
}

export interface RaceResult {
  readonly asks: number;
  readonly grants: number;
  /** What was passed, and how often. */
  readonly above: Readonly<Record<string, number>>;
}

/**
 * Everybody asks at once, over and over, and gives back what was granted. The judge knows only what it was answered: a place counts
 * from the answer until it is given back, so that it is never said to be held longer than it was.
 */
export async function runRace({ race, connections, control, account, asks, chance, timers }: RaceDeps): Promise<RaceResult> {
  for (const [id, terms] of Object.entries(race.campaigns)) await control.setCampaign(account, id, terms);
  await control.setLimits(account, race.limits);
  const tally = createTally();
  const turns = new Map<string, number[]>();
  const minutes = new Map<string, number>();
  const gateways = Object.entries(race.seats ?? {}).map(([id, seats]) => ({ gatewayId: id as GatewayId, seats, live: 0 }));
  const campaigns = [null, ...Object.keys(race.campaigns)];
  const turnsOf = (what: string): number[] => turns.get(what) ?? turns.set(what, []).get(what)!;
  const pick = (count: number): number => Math.floor(chance.fraction() * count);
  let asked = 0;
  let grants = 0;

  async function one(admission: Pick<Admission, 'ask' | 'release'>): Promise<void> {
    const id = campaigns[pick(campaigns.length)] ?? null;
    const request: AdmissionRequest = {
      account,
      callId: idFor(account, null),
      n: 1,
      to: `+1415${2_000_000 + pick(race.destinations)}` as E164,
      destination: { country: 'US', type: 'mobile' },
      from: chance.fraction() < 0.2 ? FROM_NUMBERS[pick(FROM_NUMBERS.length)]! : null,
      leaseMs: 600_000,
      mostMinutes: 1 + pick(5),
      campaign: id === null ? null : { id, revision: 1 },
      ...(gateways.length > 0 && { gateways }),
    };
    const answer = await admission.ask(request);
    if (answer.verdict !== 'granted') return;
    grants++;
    const scopes = scopesOf(request, answer);
    for (const [what, most] of scopes) tally.enter(what, most);
    for (const [what] of scopes) turnsOf(what).push(answer.turnUs);
    if (race.keptMs > 0) await timers.sleep(chance.fraction() * race.keptMs);
    const used = pick(request.mostMinutes + 1);
    for (const [what] of scopes) minutes.set(what, (minutes.get(what) ?? 0) + used);
    for (const [what] of scopes) if (!what.startsWith('tries of')) tally.leave(what);
    await admission.release(account, request.callId, 1, used);
  }

  function scopesOf(
    { to, campaign: of }: AdmissionRequest,
    { from, gatewayId }: Extract<Admitted, { verdict: 'granted' }>,
  ): [string, number][] {
    const most = (limit: number | null | undefined): number => limit ?? Infinity;
    return [
      ['account', most(race.limits.maxConcurrent)],
      [`from ${from}`, most(race.limits.maxConcurrentPerFrom)],
      [`to ${to}`, 1],
      [`tries of ${to}`, most(race.limits.attemptsPerNumberPerDay)],
      ...(gatewayId ? [[`seats of ${gatewayId}`, most(race.seats?.[gatewayId])] as [string, number]] : []),
      ...(of ? [[`campaign ${of.id}`, most(race.campaigns[of.id]?.maxConcurrent)] as [string, number]] : []),
    ];
  }

  await Promise.all(
    connections.map(async (admission) => {
      while (asked < asks) {
        asked++;
        await one(admission);
      }
    }),
  );

  const above: Record<string, number> = { ...tally.above };
  const judge = (what: string, value: number, most: number | null | undefined): void => {
    if (value > (most ?? Infinity)) above[what] = value - most!;
  };
  const { callsPerSecond, callsPerSecondPerFrom, minutesPerDay, microsPerDay, microsPerMinute } = race.limits;
  const price = microsPerMinute?.['*'] ?? 0;
  judge('account: in one second', mostInAnySecond(turnsOf('account')), callsPerSecond);
  for (const from of FROM_NUMBERS)
    judge(`${from}: in one second`, mostInAnySecond(turnsOf(`from ${from}`)), callsPerSecondPerFrom);
  judge('account: minutes', minutes.get('account') ?? 0, minutesPerDay);
  judge('account: money', (minutes.get('account') ?? 0) * price, microsPerDay);
  for (const [id, terms] of Object.entries(race.campaigns)) {
    judge(`campaign ${id}: in one second`, mostInAnySecond(turnsOf(`campaign ${id}`)), terms.callsPerSecond);
    judge(`campaign ${id}: minutes`, minutes.get(`campaign ${id}`) ?? 0, terms.minutes);
    judge(`campaign ${id}: money`, (minutes.get(`campaign ${id}`) ?? 0) * price, terms.micros);
  }
  const left = await control.usage(account);
  judge('left behind: places', left.inFlight, 0);
  judge('left behind: minutes held', Math.abs(left.minutesHeld) + Math.abs(left.microsHeld), 0);
  return { asks: asked, grants, above };
}
