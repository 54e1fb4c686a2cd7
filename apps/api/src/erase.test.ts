import { createMemoryArchive } from '@onhook/archive/memory';
import type { CallId, CallView, Transcript } from '@onhook/contracts';
import { createMemoryRecordings } from '@onhook/recordings/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, TO, type TestApi } from './testing/test-api.js';

const said: Transcript = { v: 1, attempt: 1, lines: [{ who: 'callee', text: 'canary', fromMs: 0, toMs: 9 }], truncated: false };
const UNKNOWN = 'call_a_00000000000000000000000000';

describe('DELETE /v1/calls/:id', () => {
  const recordings = createMemoryRecordings();
  const archive = createMemoryArchive();
  let test: TestApi;
  beforeAll(async () => {
    test = await startTestApi({ recordings, archive, nameOfNumber: (number) => `name-of-${number.length}` });
  });
  afterAll(() => test.stop());

  async function ended(): Promise<CallId> {
    const { body } = await test.create({ to: TO, variables: { name: 'canary' }, metadata: { note: 'canary' } });
    const id = body.id as CallId;
    await test.send('POST', `/v1/calls/${id}/end`);
    await test.store.calls.apply(id, { type: 'settled', n: 0, source: 'hangup' });
    await test.store.transcripts.save(id, said);
    const writer = recordings.open(id, 1);
    writer.write(Buffer.from('canary'.repeat(10)));
    await writer.finish();
    const { call } = (await test.store.calls.load(id))!;
    await archive.append([{ callId: id, createdAt: call.createdAt, body: { call, said } }]);
    return id;
  }

  it('leaves that there was a call and how it ended, and nothing about whom and what', async () => {
    const id = await ended();
    const before = await test.send<CallView>('GET', `/v1/calls/${id}`);
    expect(before.text).toContain('canary');
    const { status, text } = await test.send('DELETE', `/v1/calls/${id}`);
    expect([status, text]).toEqual([204, '']);
    const after = await test.send<CallView & { erasedAt: string }>('GET', `/v1/calls/${id}`);
    expect(after.body).toMatchObject({ status: 'ended', cause: 'canceled', to: '#name-of-12', variables: {}, metadata: {} });
    expect(Date.parse(after.body.erasedAt)).toBeGreaterThan(0);
    for (const what of ['transcript', 'recording', 'peaks']) {
      expect(await test.send('GET', `/v1/calls/${id}/${what}`)).toMatchObject({ status: 410, body: { code: 'call-erased' } });
    }
    expect(await recordings.find(id, 1)).toBeNull();
    const left = [
      after.text,
      (await test.send('GET', `/v1/calls/${id}/timeline`)).text,
      (await test.send('GET', '/v1/calls')).text,
      JSON.stringify([test.database.records.get(id), [...test.database.transcripts]]),
      ...archive.lines.map((line) => line.text),
    ].join('\n');
    for (const canary of ['canary', TO, TO.slice(2)]) expect(left).not.toContain(canary);
  });

  it('is answered again as the first time, and finishes what the first time did not', async () => {
    const id = await ended();
    await test.send('DELETE', `/v1/calls/${id}`);
    const writer = recordings.open(id, 1);
    writer.write(Buffer.from('late'));
    await writer.finish();
    const { version } = (await test.store.calls.load(id))!;
    expect((await test.send('DELETE', `/v1/calls/${id}`)).status).toBe(204);
    expect((await test.store.calls.load(id))!.version).toBe(version);
    expect(await recordings.find(id, 1)).toBeNull();
  });

  it('is refused for a call that lives, and changes nothing', async () => {
    const { body } = await test.create({ to: TO, variables: { name: 'Ada' } });
    const before = test.snapshot();
    expect(await test.send('DELETE', `/v1/calls/${body.id}`)).toMatchObject({ status: 409, body: { code: 'call-not-ended' } });
    expect(test.snapshot()).toBe(before);
  });

  it('reaches a call that only the archive still has; of others there is nothing', async () => {
    const { body } = await test.create();
    const id = `${body.id.slice(0, -1)}z` as CallId;
    await archive.append([{ callId: id, createdAt: Date.parse('2020-01-01T00:00:00Z'), body: { note: 'canary' } }]);
    expect((await test.send('DELETE', `/v1/calls/${id}`)).status).toBe(204);
    expect(archive.lines.find((line) => line.callId === id)?.text).not.toContain('canary');
    expect(await test.send('DELETE', `/v1/calls/${UNKNOWN}`)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});
