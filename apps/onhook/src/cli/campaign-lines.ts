import type { CampaignStats, Schemas } from './api.js';
import { duration, plain, table, type Terminal } from './terminal.js';

type Painter = Pick<Terminal, 'paint'>;
type Campaign = Schemas['Campaign'];
type Ledger = Schemas['Ledger'];

const COLOUR = { draft: 'dim', running: 'cyan', paused: 'yellow', completed: 'green', canceled: 'red' } as const;
const BAR_CELLS = 30;
const MOST_ZONES = 5;

export const number = (value: number): string => value.toLocaleString('en-US');
const minuteOf = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
const skippedOf = ({ skipped }: Ledger): number => Object.values(skipped).reduce((sum, count) => sum + count, 0);
export const leftOf = ({ pending, scheduled, active }: Ledger): number => pending + scheduled + active;

export function stateOf({ status, pausedBy }: Pick<Campaign, 'status' | 'pausedBy'>, { paint }: Painter): string {
  return paint(COLOUR[status], pausedBy === null ? status : `${status} by ${pausedBy}`);
}

export const campaignLine = (campaign: Campaign, painter: Painter): string =>
  `${campaign.id}  ${plain(campaign.name)}  ${stateOf(campaign, painter)}  ${number(campaign.ledger.contacts)} contacts, ${number(leftOf(campaign.ledger))} left`;

export function campaignTable(campaigns: readonly Campaign[], painter: Painter): string[] {
  const rows = campaigns.map((one) => [
    one.id,
    plain(one.name),
    one.agentId,
    one.createdAt.slice(0, 16).replace('T', ' '),
    number(one.ledger.contacts),
    number(leftOf(one.ledger)),
    stateOf(one, painter),
  ]);
  return table([['campaign', 'name', 'agent', 'created (UTC)', 'contacts', 'left', 'status'], ...rows]);
}

export function describeCampaign(campaign: Campaign, painter: Painter): string[] {
  const { schedule, budget, autoPause } = campaign;
  const facts = [
    ['campaign', campaign.id],
    ['name', plain(campaign.name)],
    ['status', stateOf(campaign, painter)],
    ['agent', campaign.agentId],
    ['from', campaign.from.join(', ') || 'all numbers of the account'],
    ...schedule.windows.map(({ days, start, end }) => ['window', `${days.join(' ')}  ${start}–${end}`]),
    ['time zone', schedule.fallbackTimeZone ?? 'each contact’s own; who has none is skipped'],
    ...(schedule.startAt === null ? [] : [['starts at', minuteOf(schedule.startAt)]]),
    ...(schedule.endAt === null ? [] : [['ends at', minuteOf(schedule.endAt)]]),
    ...(schedule.excludeDates.length > 0 ? [['not on', schedule.excludeDates.join(' ')]] : []),
    ['calls per second', campaign.callsPerSecond?.toString() ?? 'as the account has it'],
    ['concurrency', campaign.maxConcurrency?.toString() ?? 'as the account has it'],
    ...(budget.minutes === null ? [] : [['budget', `${number(budget.minutes)} minutes`]]),
    ...(budget.money === null ? [] : [['budget', String(budget.money)]]),
    ...(autoPause === null
      ? []
      : [['pauses itself', `at ${percent(autoPause.errorRate)} faults of ${autoPause.minCalls} calls`]]),
    ...(campaign.testMode ? [['test mode', 'calls the first contact only']] : []),
    ['reached', `${number(campaign.answered)} answered, ${number(campaign.attempts)} dials`],
  ];
  return [...table(facts), '', ...ledgerLines(campaign.ledger, painter)];
}

/** Each contact in exactly one state, and whether the sum is right. */
export function ledgerLines(ledger: Ledger, { paint }: Painter): string[] {
  const { contacts, pending, scheduled, active, done, canceled, balanced } = ledger;
  const reasons = Object.entries(ledger.skipped).map(([reason, count]) => [`  ${reason}`, count] as const);
  const states = [
    ['pending', pending],
    ['scheduled', scheduled],
    ['active', active],
    ['done', done],
    ['skipped', skippedOf(ledger)],
    ...reasons,
    ['canceled', canceled],
  ] as const;
  const sum = balanced ? paint('green', '✓ balanced') : paint('red', '✗ the states do not add up to the contacts');
  return [...counted([...states, ['contacts', contacts]]), sum];
}

/** What is drawn of a campaign at a time: how far it is, by outcome, and when it may be through. */
export function statusLines(
  campaign: Campaign,
  stats: CampaignStats,
  etaAt: string | null,
  nowMs: number,
  painter: Painter,
): string[] {
  const { contacts, canceled } = stats.ledger;
  const through = contacts - leftOf(stats.ledger);
  const outcomes = Object.entries(stats.causes).toSorted(([, one], [, other]) => other - one);
  const skipped = Object.entries(stats.ledger.skipped).map(([reason, count]) => [`skipped: ${reason}`, count] as const);
  const closed = stats.waiting.filter(({ open, contacts: waits }) => !open && waits > 0);
  return [
    `${campaign.id}  ${plain(campaign.name)}  ${stateOf(campaign, painter)}`,
    `${bar(through, contacts)}  ${number(through)} of ${number(contacts)} through, ${number(stats.inFlight)} in flight, ${number(stats.answered)} answered`,
    ...counted([...outcomes, ...skipped, ...(canceled > 0 ? [['canceled', canceled] as const] : [])], contacts),
    ...closed
      .slice(0, MOST_ZONES)
      .map(({ timeZones, contacts: waits, opensAt }) =>
        painter.paint(
          'dim',
          `${number(waits)} wait in ${timeZones.join(' ')} ${opensAt === null ? 'for a window that never opens' : `until ${minuteOf(opensAt)}`}`,
        ),
      ),
    ...(campaign.status === 'running' ? [etaText(etaAt, nowMs)] : []),
  ];
}

/** The same in one line, for a log. */
export function statusLine(
  campaign: Campaign,
  stats: CampaignStats,
  etaAt: string | null,
  nowMs: number,
  painter: Painter,
): string {
  const { contacts } = stats.ledger;
  const through = contacts - leftOf(stats.ledger);
  const outcomes = Object.entries(stats.causes)
    .toSorted(([, one], [, other]) => other - one)
    .map(([cause, count]) => `${cause} ${number(count)}`);
  const parts = [
    `${number(through)} of ${number(contacts)} (${percent(contacts === 0 ? 0 : through / contacts)})`,
    `${number(stats.inFlight)} in flight`,
    ...(outcomes.length > 0 ? [outcomes.join(', ')] : []),
    ...(campaign.status === 'running' ? [etaText(etaAt, nowMs)] : []),
  ];
  return `${new Date(nowMs).toISOString().slice(11, 19)}  ${stateOf(campaign, painter)}  ${parts.join('  ')}`;
}

function etaText(etaAt: string | null, nowMs: number): string {
  if (etaAt === null) return 'ETA not known yet';
  return `ETA ${minuteOf(etaAt)}, in ${duration(Math.max(0, Date.parse(etaAt) - nowMs))}`;
}

export function bar(done: number, all: number): string {
  const share = all === 0 ? 0 : Math.min(1, done / all);
  const cells = Math.floor(share * BAR_CELLS);
  return `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)} ${percent(share).padStart(4)}`;
}

/** Never 100 % before it is all. */
const percent = (share: number): string => `${Math.floor(share * 100)} %`;

function counted(rows: readonly (readonly [string, number])[], all?: number): string[] {
  const width = Math.max(...rows.map(([, count]) => number(count).length), 0);
  return table(
    rows.map(([name, count]) => [name, number(count).padStart(width), ...(all ? [percent(count / all).padStart(5)] : [])]),
  );
}
