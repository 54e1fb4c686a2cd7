import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.stop());

const value = fc.jsonValue({ maxDepth: 3 });
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(TO, '911', '+1911', '2099-01-01T00:00:00Z', '__proto__', 'constructor', '\0', '\ud800'),
);
/** Half like a real body, so that the rooms behind the first door are visited too. */
const body = fc.oneof(
  value,
  fc.record(
    {
      to: fc.oneof({ weight: 3, arbitrary: fc.constant(TO) }, text, value),
      from: fc.oneof(text, value),
      agentId: fc.oneof(fc.constant('demo'), text, value),
      variables: fc.oneof(fc.dictionary(text, fc.oneof(text, fc.double(), fc.boolean(), value)), value),
      metadata: fc.oneof(fc.dictionary(text, text), value),
      schedule: fc.oneof(
        fc.record(
          {
            earliestAt: fc.oneof(
              text,
              fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
            ),
            latestAt: text,
          },
          { requiredKeys: [] },
        ),
        value,
      ),
      limits: fc.oneof(
        fc.record(
          { ringTimeoutSeconds: fc.oneof(fc.integer(), fc.double()), maxDurationSeconds: fc.integer() },
          { requiredKeys: [] },
        ),
        value,
      ),
      __proto__: value,
      [TO]: value,
    },
    { requiredKeys: [] },
  ),
);

it('whatever JSON is sent, the answer is a call or a documented refusal', async () => {
  await fc.assert(
    fc.asyncProperty(body, fc.option(text, { nil: undefined }), async (json, key) => {
      const before = test.database.records.size;
      const headers = key !== undefined && /^[\x20-\x7e]*$/.test(key) ? { 'idempotency-key': key } : {};
      const answer = await test.send('POST', '/v1/calls', JSON.stringify(json) ?? 'null', headers);
      const outcome = answer.status === 201 ? 'created' : answer.body.code;
      expect(outcome).toMatch(/^(created|malformed-json|validation-failed|idempotency-key-reused|invalid-idempotency-key)$/);
      const replayed = answer.headers.get('idempotency-replayed') === 'true';
      expect(test.database.records.size).toBe(before + (outcome === 'created' && !replayed ? 1 : 0));
    }),
    { numRuns: 400, endOnFailure: true },
  );
});

it('whatever bytes are sent, there is no fault of ours', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('/v1/calls', '/v1/calls/x/end', '/carrier/twilio/status/x/1'),
      async (bytes, path) => {
        const type = path.startsWith('/v1') ? 'application/json' : 'application/x-www-form-urlencoded';
        const answer = await test.send('POST', path, Buffer.from(bytes).toString('latin1'), { 'content-type': type });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      },
    ),
    { numRuns: 150 },
  );
});

it('whatever path and query are asked for, there is no fault of ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.webPath(), fc.webQueryParameters(), async (path, query) => {
      expect((await test.send('GET', `/v1/calls${path}?${query}`)).status).toBeLessThan(500);
    }),
    { numRuns: 150 },
  );
});
