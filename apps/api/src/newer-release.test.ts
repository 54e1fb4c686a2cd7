import { statusCallbackPath, type CallId, type Problem } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, startTestApi, statusForm, type TestApi } from './testing/test-api.js';

let test: TestApi;
let callId = '';
beforeEach(async () => {
  test = await startTestApi();
  callId = (await test.create()).body.id;
  await dialed(test, callId);
  const record = test.database.records.get(callId as CallId)!;
  record.json = JSON.stringify({ ...JSON.parse(record.json), schema: 2 });
});
afterEach(() => test.stop());

describe('a call whose record a newer release wrote', () => {
  it('is answered 503, for another replica to do better', async () => {
    for (const [method, path] of [
      ['GET', `/v1/calls/${callId}`],
      ['GET', `/v1/calls/${callId}/timeline`],
      ['GET', `/v1/calls/${callId}/recording`],
      ['GET', `/v1/calls/${callId}/transcript`],
      ['POST', `/v1/calls/${callId}/end`],
    ] as const) {
      const answer = await test.send<Problem>(method, path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 503, 'newer-release']);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });

  it("has the carrier's callback repeated, and is not changed by it", async () => {
    const before = test.snapshot();
    expect((await test.callback(statusCallbackPath(callId, 1), statusForm('completed'))).status).toBe(503);
    expect(test.snapshot()).toBe(before);
  });
});
