import { campaignRoutes, type CampaignView, type ContactView, type Problem } from '@onhook/contracts';
import { contactCallId } from '@onhook/store';
import { createMemoryContacts } from '@onhook/store/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FROM, startTestApi, testAgent, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({
    agents: new Map([
      ['demo', testAgent('demo')],
      ['reminder', testAgent('reminder', { greeting: 'Hello {{name}}, at {{slot}}?' })],
    ]),
  });
});
afterAll(() => test.stop());

const make = async (body: object = {}): Promise<CampaignView> => {
  const answer = await test.send<CampaignView>('POST', '/v1/campaigns', { name: 'Spring', agentId: 'demo', ...body });
  expect(answer.status, answer.text).toBe(201);
  expect(answer.headers.get('location')).toBe(`/v1/campaigns/${answer.body.id}`);
  return answer.body;
};
const order = (id: string, verb: string) => test.send<CampaignView & Problem>('POST', `/v1/campaigns/${id}/${verb}`, {});
const csv = (id: string, text: string, query = '') =>
  test.send<Record<string, unknown>>('POST', `/v1/campaigns/${id}/contacts${query}`, text, { 'content-type': 'text/csv' });
const contactsOf = async (id: string) =>
  (await test.send<{ data: ContactView[]; nextCursor: string | null }>('GET', `/v1/campaigns/${id}/contacts`)).body.data;

describe('a campaign', () => {
  it('is made as a draft, with what it was given and defaults for the rest', async () => {
    const made = await make({
      from: [FROM],
      callsPerSecond: 2,
      budget: { money: 12.5 },
      schedule: { endAt: '2199-01-01T00:00:00Z', windows: [{ days: ['mon'], start: '09:00', end: '24:00' }] },
      contacts: [
        { to: TO, name: 'Ada', externalId: 'a1' },
        { to: TO, externalId: 'a2', timeZone: 'Asia/Tokyo' },
      ],
    });
    expect(made).toMatchObject({
      status: 'draft',
      from: [FROM],
      callsPerSecond: 2,
      maxConcurrency: null,
      weight: 1,
      budget: { minutes: null, money: 12.5 },
      schedule: { endAt: '2199-01-01T00:00:00.000Z', startAt: null, windows: [{ days: ['mon'], start: '09:00', end: '24:00' }] },
      ledger: { contacts: 2, pending: 2, balanced: true },
    });
    expect((await test.send<CampaignView>('GET', `/v1/campaigns/${made.id}`)).body).toEqual(made);
    const list = await test.send<{ data: CampaignView[]; nextCursor: string | null }>('GET', '/v1/campaigns?limit=1');
    expect(list.body.data).toEqual([made]);
    expect(await contactsOf(made.id)).toMatchObject([
      { to: TO, name: 'Ada', externalId: 'a1', timeZones: ['America/Los_Angeles'], status: 'pending', callId: null },
      { externalId: 'a2', timeZones: ['Asia/Tokyo'] },
    ]);
  });

  it('is refused with all its mistakes, and nothing is made', async () => {
    const before = test.snapshot();
    const answer = await test.send('POST', '/v1/campaigns', {
      name: 'x',
      agentId: 'nobody',
      from: ['+14155550177'],
      schedule: { fallbackTimeZone: 'Mars/Olympus', endAt: '2001-01-01T00:00:00Z' },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/agentId', 'unknown-agent'],
      ['/from/0', 'unknown-caller-id'],
      ['/schedule/fallbackTimeZone', 'invalid-value'],
      ['/schedule/endAt', 'schedule-impossible'],
    ]);
    const bad = await test.send('POST', '/v1/campaigns', {
      name: 'x',
      agentId: 'reminder',
      contacts: [{ to: '911' }, { to: TO, name: 'Ada', variables: { slot: '3 pm' } }, { to: TO, name: 'Ada' }],
    });
    expect(bad.body.errors?.map(({ pointer }) => pointer)).toEqual(['/contacts/0/to', '/contacts/2/variables/slot']);
    const window = { days: ['mon'], start: '20:00', end: '08:00' };
    expect(
      (await test.send('POST', '/v1/campaigns', { name: 'x', agentId: 'demo', schedule: { windows: [window] } })).status,
    ).toBe(422);
    expect(test.snapshot()).toBe(before);
  });

  it('is started, paused, resumed, canceled; what makes no sense is a conflict', async () => {
    const { id } = await make({ contacts: [{ to: TO }] });
    expect((await order(id, 'pause')).body).toMatchObject({ code: 'campaign-state-conflict', detail: 'it is draft' });
    expect((await order(id, 'start')).body).toMatchObject({ status: 'running', pausedBy: null });
    expect((await order(id, 'start')).status).toBe(409);
    expect((await test.send('DELETE', `/v1/campaigns/${id}`)).status).toBe(409);
    expect((await order(id, 'pause')).body).toMatchObject({ status: 'paused', pausedBy: 'operator' });
    expect(test.database.accounts.get('default')?.campaigns.get(id)).toMatchObject({ state: 'paused' });
    expect((await order(id, 'resume')).body).toMatchObject({ status: 'running' });
    expect(test.database.accounts.get('default')?.campaigns.get(id)).toMatchObject({ state: 'running' });
    expect((await order(id, 'cancel')).body).toMatchObject({
      status: 'canceled',
      ledger: { canceled: 1, pending: 0, balanced: true },
    });
    expect((await order(id, 'resume')).status).toBe(409);
    expect((await csv(id, 'to\n+14155552671\n')).status).toBe(409);
    expect((await test.send('DELETE', `/v1/campaigns/${id}`)).status).toBe(204);
    expect((await test.send('GET', `/v1/campaigns/${id}`)).status).toBe(404);
    expect((await order('camp_01k00000000000000000000000', 'start')).status).toBe(404);
  });

  it('is edited while it runs: what is not given stays, and admission knows', async () => {
    const { id, revision } = await make({ start: true, callsPerSecond: 2, retry: { maxAttempts: 3 }, contacts: [{ to: TO }] });
    const changed = await test.send<CampaignView>('PATCH', `/v1/campaigns/${id}`, {
      maxConcurrency: 7,
      limits: { maxDurationSeconds: 90 },
    });
    expect(changed.body).toMatchObject({ status: 'running', maxConcurrency: 7, callsPerSecond: 2 });
    expect(changed.body.revision).toBeGreaterThan(revision);
    expect(test.database.accounts.get('default')?.campaigns.get(id)).toMatchObject({
      state: 'running',
      revision: changed.body.revision,
      maxConcurrent: 7,
    });
    const kept = test.database.campaigns.get(id as never)?.kept?.campaign;
    expect(kept?.policy).toMatchObject({ maxDurationSec: 90, ringTimeoutSec: 30, redial: { maxAttempts: 3 } });
    expect(
      (await test.send<CampaignView>('PATCH', `/v1/campaigns/${id}`, { callsPerSecond: null })).body.callsPerSecond,
    ).toBeNull();
    expect((await test.send('PATCH', `/v1/campaigns/${id}`, { agentId: 'nobody' })).status).toBe(422);
  });

  it('can be had once more, as a draft without contacts', async () => {
    const { id } = await make({ start: true, callsPerSecond: 3, contacts: [{ to: TO }] });
    const again = await test.send<CampaignView>('POST', `/v1/campaigns/${id}/duplicate`, { name: 'Summer' });
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({ name: 'Summer', status: 'draft', callsPerSecond: 3, ledger: { contacts: 0 } });
    expect(again.body.id).not.toBe(id);
  });

  it('is behind scopes of its own', () => {
    const scopes = Object.values(campaignRoutes).map(({ method, scope }) => [method === 'GET', scope]);
    for (const [reads, scope] of scopes) expect(scope).toBe(reads ? 'campaigns:read' : 'campaigns:write');
  });
});

describe('contacts', () => {
  it('come as a file, with a report, and its bad rows can be downloaded', async () => {
    const { id } = await make({ agentId: 'reminder' });
    const file = 'phone,name,slot\n+14155552671,Ada,3 pm\n1.4155E+10,Bob,4 pm\n+14155552672,,5 pm\n+14155552671,Ada,3 pm\n';
    const dry = await csv(id, file, '?dryRun=true');
    expect(dry.body).toMatchObject({ dryRun: true, accepted: 2, failed: 2, duplicates: 0 });
    expect(await contactsOf(id)).toEqual([]);
    const report = await csv(id, file);
    expect(report.status, report.text).toBe(200);
    expect(report.body).toMatchObject({
      dryRun: false,
      accepted: 1,
      duplicates: 1,
      failed: 2,
      stopped: null,
      failures: [
        { line: 3, column: 'to', value: '1.4155E+10', code: 'number-lost' },
        { line: 4, column: 'name', code: 'missing-variable' },
      ],
    });
    const failures = await test.send('GET', String(report.body['failuresUrl']));
    expect(failures.text.split('\r\n')[1]).toMatch(/^3,to,1\.4155E\+10,number-lost,/);
    expect((await csv(id, file)).body).toMatchObject({ accepted: 0, duplicates: 2 });
    expect((await csv(id, 'a,b\n1,2\n')).body).toMatchObject({ accepted: 0, stopped: { code: 'no-number-column' } });
    expect(
      (await csv(id, 'Rufnummer,slot,name\n(415) 555-2673,x,Eve\n', '?columns=Rufnummer:to&defaultCountry=US')).body,
    ).toMatchObject({
      accepted: 1,
    });
    const template = await test.send('GET', `/v1/campaigns/${id}/template`);
    expect(template.text.split('\r\n')[0]).toBe('to,name,external_id,timezone,slot');
  });

  it('come as NDJSON or JSON, and as nothing else', async () => {
    const { id } = await make();
    const ndjson = await test.send<Record<string, unknown>>(
      'POST',
      `/v1/campaigns/${id}/contacts`,
      `{"to":"${TO}"}\n{"to":"+14155552699"}\n`,
      {
        'content-type': 'application/x-ndjson',
      },
    );
    expect(ndjson.body).toMatchObject({ accepted: 2 });
    expect(
      (await test.send<Record<string, unknown>>('POST', `/v1/campaigns/${id}/contacts`, [{ to: '+14155552698' }, 7])).body,
    ).toMatchObject({
      accepted: 1,
      failed: 1,
    });
    expect((await test.send('POST', `/v1/campaigns/${id}/contacts`, { to: TO })).status).toBe(422);
    const xml = await test.send('POST', `/v1/campaigns/${id}/contacts`, '<to/>', { 'content-type': 'text/xml' });
    expect(xml.status).toBe(415);
  });

  it('are listed page by page, and written as CSV that no spreadsheet runs, or NDJSON', async () => {
    const { id } = await make();
    await csv(id, 'to,name,note\n+14155552671,=cmd,"a,b"\n+14155552672,Bob,\n+14155552673,Eve,x\n');
    const page = await test.send<{ data: ContactView[]; nextCursor: string }>('GET', `/v1/campaigns/${id}/contacts?limit=2`);
    expect(page.body.data.map(({ to }) => to)).toEqual(['+14155552671', '+14155552672']);
    const next = await test.send<{ data: ContactView[]; nextCursor: null }>(
      'GET',
      `/v1/campaigns/${id}/contacts?limit=2&cursor=${page.body.nextCursor}`,
    );
    expect(next.body).toMatchObject({ data: [{ to: '+14155552673' }], nextCursor: null });
    const all = await test.send('GET', `/v1/campaigns/${id}/contacts`, undefined, { accept: 'text/csv' });
    expect(all.text.split('\r\n').slice(0, 2)).toEqual([
      'to,name,external_id,timezone,status,reason,attempts,answered,ended_at,duration_seconds,call_id,note',
      `+14155552671,'=cmd,,America/Los_Angeles,pending,,0,false,,,,"a,b"`,
    ]);
    const ndjson = await test.send('GET', `/v1/campaigns/${id}/contacts`, undefined, { accept: 'application/x-ndjson' });
    expect(ndjson.text.trim().split('\n')).toHaveLength(3);
    expect((await test.send('GET', `/v1/campaigns/${id}/contacts?cursor=x`)).status).toBe(422);
  });

  it('are counted, and those that failed can be taken up again', async () => {
    const { id } = await make({ start: true });
    await csv(id, 'to\n+14155552671\n+14155552672\n+14155552673\n+14155552674\n');
    const contacts = createMemoryContacts({ database: test.database });
    const step = { attempts: 1, isError: false, wasAnswered: false, endedAt: Date.now(), durationSec: 0, state: 'done' } as const;
    for (const batch of await contacts.take(id as never, ['America/Los_Angeles'], 3)) {
      const [contact] = batch.contacts;
      const reason = contact!.ref.endsWith(':0') ? 'no-answer' : 'callee-hung-up';
      await contacts.step(id as never, contact!, { ...step, reason, wasAnswered: reason !== 'no-answer' });
    }
    const stats = await test.send<Record<string, unknown>>('GET', `/v1/campaigns/${id}/stats`);
    expect(stats.body).toMatchObject({
      ledger: { contacts: 4, pending: 1, done: 3, balanced: true },
      causes: { 'no-answer': 1, 'callee-hung-up': 2 },
      answered: 2,
      waiting: [{ timeZones: ['America/Los_Angeles'], contacts: 1 }],
    });
    const [first] = await contactsOf(id);
    expect(first).toMatchObject({ status: 'done', reason: 'no-answer', callId: contactCallId(id as never, '0:0', 0) });
    expect((await order(id, 'retry-failed')).body).toMatchObject({ ledger: { pending: 2, done: 2, balanced: true } });
    const ledger = await test.send<Record<string, unknown>>('GET', `/v1/campaigns/${id}/ledger`);
    expect(ledger.body).toMatchObject({ contacts: 4, pending: 2, done: 2, balanced: true });
  });
});
