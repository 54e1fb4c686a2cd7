import type twilio from 'twilio';
import type { CarrierCall, LegFilter, ListOutcome } from '../../port.js';
import { readCarrierCall, type SdkCall } from './carrier-call.js';

/** What is used of the SDK's pages. */
interface ListPage {
  readonly instances: readonly SdkCall[];
  readonly nextPageUrl?: string | undefined;
  nextPage(): Promise<ListPage> | undefined;
}

const PAGE_SIZE = 200;
const MAX_PAGES = 20;

/** Twilio filters by one status at a time. */
const LIVE_STATUSES = ['queued', 'ringing', 'in-progress'] as const;

/**
 * All legs that fit, newest first. Live ones are asked for status by status: a leg that moves on meanwhile may be listed twice, or not
 * at all, so such a list proves nothing by what it lacks.
 */
export async function listLegs(
  client: twilio.Twilio,
  filter: LegFilter,
  reasonOf: (error: unknown) => string,
): Promise<ListOutcome> {
  if (!filter.live) return listByStatus(client, filter, undefined, reasonOf);
  const legs = new Map<string, CarrierCall>();
  let complete = true;
  for (const status of LIVE_STATUSES) {
    const listed = await listByStatus(client, filter, status, reasonOf);
    if (listed.outcome === 'failed') return listed;
    for (const leg of listed.calls) legs.set(leg.sid, leg);
    complete &&= listed.complete;
  }
  return { outcome: 'listed', calls: newestFirst([...legs.values()]), complete };
}

/**
 * Reads pages until one holds only legs that are too old. The list cannot be narrowed by time at the carrier: its filter is
 * the *start* time, which a queued leg has not got yet.
 */
async function listByStatus(
  client: twilio.Twilio,
  { to, from, createdAfter, createdBefore }: LegFilter,
  status: (typeof LIVE_STATUSES)[number] | undefined,
  reasonOf: (error: unknown) => string,
): Promise<ListOutcome> {
  // The carrier's stamps are whole seconds.
  const earliest = Math.floor(createdAfter / 1_000) * 1_000;
  const isAskedFor = ({ createdAt }: CarrierCall): boolean =>
    createdAt === null || (createdAt >= earliest && (createdBefore === undefined || createdAt <= createdBefore));

  const calls: CarrierCall[] = [];
  const ended = (complete: boolean): ListOutcome => ({ outcome: 'listed', calls: newestFirst(calls), complete });
  let isWhole = true;
  let page: ListPage | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    try {
      page = page
        ? await page.nextPage()
        : await client.calls.page({ pageSize: PAGE_SIZE, ...(to && { to }), ...(from && { from }), ...(status && { status }) });
    } catch (error) {
      return page ? ended(false) : { outcome: 'failed', reason: reasonOf(error) };
    }
    if (!page) return ended(isWhole);
    const read = page.instances.map((instance) => readCarrierCall(instance));
    if (read.includes(null)) isWhole = false;
    const legs = read.filter((leg) => leg !== null);
    calls.push(...legs.filter(isAskedFor));
    if (legs.length > 0 && legs.every(({ createdAt }) => createdAt !== null && createdAt < earliest)) return ended(isWhole);
    if (!page.nextPageUrl) return ended(isWhole);
  }
  return ended(false);
}

function newestFirst(calls: readonly CarrierCall[]): CarrierCall[] {
  return calls.toSorted((a, b) => (b.createdAt ?? Infinity) - (a.createdAt ?? Infinity) || 0);
}
