import { once } from 'node:events';
import { createCallingClock } from '@onhook/campaign';
import { campaignContactRoutes, type CampaignId } from '@onhook/contracts';
import type { Campaign, CampaignMinute, Contact, KeptCampaign } from '@onhook/store';
import type { Request, Response } from 'express';
import { campaignView, contactView, ledgerView } from '../campaigns/campaign-view.js';
import { fromObject, readContactCsv, readContactNdjson, type ContactRow } from '../contacts/contact-rows.js';
import { failuresCsv, importContacts } from '../contacts/import-contacts.js';
import { createReadContact } from '../contacts/read-contact.js';
import { csvLine, harmless } from '../csv-text.js';
import { ANSWERED, refusal, type Serve } from '../serve.js';
import { isStoreUnavailable } from '../within.js';
import type { CampaignDeps } from './campaigns.js';

const KEPT_FAILURES = 10_000;
const TOLD_FAILURES = 100;
const MOST_JSON_BYTES = 1_024 * 1_024;
const WRITTEN_AT_ONCE = 500;
const PACE_MINUTES = 5;

/** `/v1/campaigns/:id/contacts…` and what is counted of them. */
export function addCampaignContactRoutes(serve: Serve, deps: CampaignDeps): void {
  const { campaigns, contacts, control, clock, timers, chance, logger, settings, limits, within } = deps;
  const load = (id: CampaignId): Promise<KeptCampaign | null> => within(campaigns.load(id));

  serve(campaignContactRoutes.add, async ({ params: { id }, query, request, response }) => {
    const kept = await load(id);
    if (!kept) return refusal('not-found');
    const { campaign } = kept;
    if (campaign.state === 'canceled') return refusal('campaign-state-conflict', { detail: 'it is canceled' });
    if (request.headers['content-encoding'] !== undefined) return refusal('unsupported-media-type');
    const mapping = readMapping(query.columns ?? '');
    const rows = await rowsOf(request, mapping);
    if (rows === null) return refusal('unsupported-media-type');
    if (rows === 'not-an-array') {
      const errors = [{ pointer: '', code: 'invalid-type' as const, message: 'Expected an array of contacts, at most 1 MB' }];
      return refusal('validation-failed', { errors });
    }
    const { dryRun = false, defaultCountry = null } = query;
    const importId = `imp_${chance.uuid().replaceAll('-', '')}`;
    const { failures, ...report } = await importContacts(rows, {
      contacts: dryRun ? null : { add: (...block) => within(contacts.add(...block)) },
      id,
      read: createReadContact(rulesOf(campaign, defaultCountry)),
      clock: createCallingClock(campaign.hours),
      nowMs: clock.now(),
      mostFailures: KEPT_FAILURES,
      isPassing: isStoreUnavailable,
      sleep: (ms) => timers.sleep(ms),
      newToken: () => chance.uuid(),
    });
    // What is not read of a body cannot be answered on the same connection.
    if (report.stopped) response.setHeader('Connection', 'close');
    if (failures.length > 0) await within(contacts.saveFailures(id, importId, failuresCsv(failures)));
    logger.info(
      { campaignId: id, accepted: report.accepted, duplicates: report.duplicates, failed: report.failed, dryRun },
      'contacts were imported',
    );
    return {
      body: {
        importId,
        dryRun,
        ...report,
        failures: failures.slice(0, TOLD_FAILURES),
        failuresUrl: failures.length > 0 ? `/v1/campaigns/${id}/imports/${importId}/failures` : null,
      },
    };
  });

  serve(campaignContactRoutes.list, async ({ params: { id }, query: { limit, cursor = null }, request, response }) => {
    if (!(await load(id))) return refusal('not-found');
    const media = request.accepts(['application/json', 'text/csv', 'application/x-ndjson']);
    if (media === 'text/csv' || media === 'application/x-ndjson') {
      await writeAll(id, response, media);
      return ANSWERED;
    }
    const page = await within(contacts.page(id, { limit, after: cursor }));
    const nextCursor = page.length === limit ? (page.at(-1)?.ref ?? null) : null;
    return { body: { data: page.map((contact) => contactView(id, contact)), nextCursor } };
  });

  serve(campaignContactRoutes.failures, async ({ params: { id, importId }, response }) => {
    const csv = await within(contacts.loadFailures(id, importId));
    if (csv === null) return refusal('not-found');
    response.status(200).type('text/csv').setHeader('Content-Disposition', `attachment; filename="${importId}.csv"`);
    response.end(csv);
    return ANSWERED;
  });

  serve(campaignContactRoutes.template, async ({ params: { id }, response }) => {
    const kept = await load(id);
    if (!kept) return refusal('not-found');
    const variables = kept.campaign.requiredVariables.filter((name) => name !== 'name');
    response.status(200).type('text/csv').setHeader('Content-Disposition', 'attachment; filename="contacts.csv"');
    const header = csvLine(['to', 'name', 'external_id', 'timezone', ...variables]);
    response.end(header + csvLine(['+14155552671', 'Ada', 'customer-1', 'America/Los_Angeles', ...variables.map(() => '')]));
    return ANSWERED;
  });

  serve(campaignContactRoutes.ledger, async ({ params: { id } }) => {
    if (!(await load(id))) return refusal('not-found');
    return { body: ledgerView((await within(contacts.counts(id))).ledger) };
  });

  serve(campaignContactRoutes.stats, async ({ params: { id } }) => {
    const kept = await load(id);
    if (!kept) return refusal('not-found');
    const [counts, minutes, waiting, inFlight] = await within(
      Promise.all([
        contacts.counts(id),
        contacts.series(id),
        contacts.waiting(id),
        control.campaignInFlight(kept.campaign.account, id),
      ]),
    );
    const openAt = createCallingClock(kept.campaign.hours);
    const now = clock.now();
    const { ledger } = counts;
    return {
      body: {
        status: campaignView(kept, counts).status,
        ledger: ledgerView(ledger),
        causes: { ...counts.causes },
        attempts: counts.attempts,
        answered: counts.answered,
        answerRate: ledger.done === 0 ? null : counts.answered / ledger.done,
        talkSeconds: counts.seconds,
        inFlight,
        waiting: waiting.map(({ zones, count }) => {
          const next = openAt(zones, now);
          const opensAt = next === null ? null : new Date(next.opensAt).toISOString();
          return { timeZones: [...zones], contacts: count, opensAt, open: next !== null && next.opensAt <= now };
        }),
        minutes: minutes.map(({ minute, ...counted }) => ({ at: new Date(minute * 60_000).toISOString(), ...counted })),
        etaAt: etaOf(ledger.pending + ledger.scheduled + ledger.active, minutes, now),
      },
    };
  });

  function rulesOf({ requiredVariables, fallbackTimeZone }: Campaign, defaultCountry: string | null) {
    const allowTestNumbers = settings.carrier === 'simulator';
    return { requiredVariables, fallbackTimeZone, allowTestNumbers, allowed: limits.current(), defaultCountry };
  }

  /** No faster than it is read. */
  async function writeAll(id: CampaignId, response: Response, media: 'text/csv' | 'application/x-ndjson'): Promise<void> {
    const ending = media === 'text/csv' ? 'csv' : 'ndjson';
    response.status(200).type(media).setHeader('Content-Disposition', `attachment; filename="contacts.${ending}"`);
    const columns = media === 'text/csv' ? await variableColumns(id) : [];
    if (media === 'text/csv') response.write(csvLine([...RESULT_COLUMNS, ...columns]));
    for (let after: string | null = null; ;) {
      const page: Contact[] = await within(contacts.page(id, { limit: WRITTEN_AT_ONCE, after }));
      const lines = page.map((contact) =>
        media === 'text/csv' ? resultLine(id, contact, columns) : `${JSON.stringify(contactView(id, contact))}\n`,
      );
      if (response.destroyed) return;
      if (!response.write(lines.join(''))) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (page.length < WRITTEN_AT_ONCE) break;
      after = page.at(-1)!.ref;
    }
    response.end();
  }

  /** By the first contacts: a file has the same columns throughout. */
  async function variableColumns(id: CampaignId): Promise<string[]> {
    const first = await within(contacts.page(id, { limit: WRITTEN_AT_ONCE, after: null }));
    return [...new Set(first.flatMap(({ variables }) => Object.keys(variables)))];
  }
}

const RESULT_COLUMNS = 'to,name,external_id,timezone,status,reason,attempts,answered,ended_at,duration_seconds,call_id'.split(
  ',',
);

function resultLine(id: CampaignId, contact: Contact, columns: readonly string[]): string {
  const { to, name, externalId, timeZones, status, reason, attempts, answered, endedAt, durationSeconds, callId } = contactView(
    id,
    contact,
  );
  return csvLine([
    to,
    harmless(name ?? ''),
    harmless(externalId ?? ''),
    timeZones.join(' '),
    status,
    reason ?? '',
    String(attempts),
    String(answered),
    endedAt ?? '',
    durationSeconds === null ? '' : String(durationSeconds),
    callId ?? '',
    ...columns.map((column) => harmless(String(contact.variables[column] ?? ''))),
  ]);
}

/** `Rufnummer:to,Kunde:name`. */
function readMapping(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(',').map((pair) => {
    const at = pair.lastIndexOf(':');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  return new Map(pairs.filter(([column, field]) => column !== '' && field !== ''));
}

/** Null: no media type of ours. */
async function rowsOf(
  request: Request,
  mapping: ReadonlyMap<string, string>,
): Promise<AsyncIterable<ContactRow> | null | 'not-an-array'> {
  if (request.is('text/csv')) return readContactCsv(request, mapping);
  if (request.is('application/x-ndjson')) return readContactNdjson(request);
  if (!request.is('application/json')) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_JSON_BYTES) return 'not-an-array';
    chunks.push(chunk);
  }
  const items = parsed(Buffer.concat(chunks).toString('utf8'));
  return Array.isArray(items) ? rowsOfItems(items) : 'not-an-array';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function* rowsOfItems(items: readonly unknown[]): AsyncGenerator<ContactRow> {
  for (const [at, item] of items.entries()) yield { line: at + 1, given: fromObject(item) };
}

/** By the pace of the last minutes. */
function etaOf(left: number, minutes: readonly CampaignMinute[], now: number): string | null {
  const minute = Math.floor(now / 60_000);
  const ended = minutes
    .filter((one) => one.minute >= minute - PACE_MINUTES && one.minute < minute)
    .reduce((sum, one) => sum + one.ended, 0);
  return left === 0 || ended === 0 ? null : new Date(now + (left * PACE_MINUTES * 60_000) / ended).toISOString();
}
