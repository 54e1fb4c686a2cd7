import type { CallId, CarrierCallId } from '@onhook/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialed, FROM, SID, startTestApi, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
  const answered = (await test.create()).body.id as CallId;
  await dialed(test, answered);
  for (const status of ['in-progress', 'completed'] as const) {
    const sid = SID as CarrierCallId;
    await test.store.calls.apply(answered, { type: 'carrier', source: 'callback', via: 'callback', n: 1, sid, status });
  }
  await test.store.calls.apply(answered, { type: 'settled', source: 'hangup', n: 1 });
  const canceled = (await test.create()).body.id as CallId;
  await test.send('POST', `/v1/calls/${canceled}/end`, {});
  await test.store.calls.apply(canceled, { type: 'settled', source: 'hangup', n: 0 });
  await test.create();
});
afterAll(() => test.stop());

interface Stats {
  groupBy: string;
  data: { group: string | null; calls: number; attempts: number; answered: number; talkMs: number }[];
}
const stats = async (query: string) => (await test.send<Stats>('GET', `/v1/stats${query}`)).body;

describe('statistics', () => {
  it('count ended calls, in whatever groups', async () => {
    expect((await stats('')).data).toEqual([{ group: null, calls: 2, attempts: 1, answered: 1, talkMs: expect.any(Number) }]);
    const byCause = (await stats('?groupBy=cause')).data;
    expect(byCause.map(({ group, calls }) => [group, calls])).toContainEqual(['canceled', 1]);
    expect(byCause).toHaveLength(2);
    expect((await stats('?groupBy=agent')).data).toMatchObject([{ group: 'demo', calls: 2 }]);
    expect((await stats('?groupBy=from')).data).toMatchObject([{ group: FROM, calls: 1, attempts: 1, answered: 1 }]);
    expect((await stats('?groupBy=hour')).data.reduce((sum, { calls }) => sum + calls, 0)).toBe(2);
    expect((await stats('?groupBy=day')).data[0]?.group).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('know a time', async () => {
    expect((await stats('?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).data).toEqual([]);
    for (const query of [
      '?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z',
      '?from=2020-01-01T00:00:00Z&to=2020-03-01T00:00:00Z',
      '?groupBy=mood',
      '?from=yesterday',
    ])
      expect((await test.send('GET', `/v1/stats${query}`)).status).toBe(422);
  });
});

describe('agents', () => {
  it('are shown without what they were told in confidence', async () => {
    const { text, body } = await test.send<{ data: { id: string }[] }>('GET', '/v1/agents');
    expect(body.data.map(({ id }) => id)).toEqual(['demo']);
    expect(text).not.toContain('Be kind');
    expect((await test.send<{ id: string }>('GET', '/v1/agents/demo')).body).toMatchObject({
      id: 'demo',
      opening: expect.stringContaining('Hello.'),
      variables: { required: [], optional: [] },
      tools: ['end_call'],
    });
    expect((await test.send('GET', '/v1/agents/nobody')).body.code).toBe('not-found');
  });
});
